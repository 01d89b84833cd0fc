"""The report and the README of a bundle: what it is, what it tells, and how to check it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from services.audit.evidence.contents import Contents
from services.audit.tlog import strict
from services.audit.tlog.policies import Policy, Witnessed
from services.audit.verifier import build

AT_ONCE = 200  # pieces of the report written at a time


@dataclass(frozen=True, slots=True)
class Told:
    """What a bundle tells of: its checkpoint and who vouches for it, the contents, how many values, and when."""

    witnessed: Witnessed
    policy: Policy
    contents: Contents
    private: int
    at: datetime


def html(told: Told) -> Iterator[bytes]:
    """Yield the report, a page that needs nothing beside it."""
    stream = _template("report.html").stream(**_words(told))
    stream.enable_buffering(AT_ONCE)
    yield from (str(piece).encode() for piece in stream)


def readme(told: Told) -> bytes:
    """Return what stands beside the bundle's files, for somebody who has nothing but them."""
    return _template("README.txt").render(**_words(told)).encode()


def _words(told: Told) -> dict[str, object]:
    checkpoint = told.witnessed.checkpoint
    return {
        "checkpoint": checkpoint,
        "root": strict.base64_of(checkpoint.root),
        "lines": checkpoint.text().decode(),
        "logs": [str(log.key) for log in told.policy.logs],
        "witnesses": told.policy.witnesses,
        "cosigned": {name: datetime.fromtimestamp(at, UTC) for name, at in told.witnessed.cosigned.items()},
        "contents": told.contents,
        "private": told.private,
        "at": told.at,
        "verifier": build.NAME,
        "digest": build.digest(),
    }


@cache
def _template(name: str) -> Template:
    source = files("services.audit.evidence").joinpath("templates", name).read_text("utf-8")
    environment = Environment(
        autoescape=name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(moment=moment, number=lambda number: f"{number:,}")
    return environment.from_string(source)


def moment(at: datetime | str) -> str:
    """Return a moment as people read it: 24 November 2026, 13:05 UTC."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return str(at)
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
