"""A notice as a mail: the same words as plain text and as HTML, with headers that nobody's words can break."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.kernel import config
from services.notifications.words import Scene, wording

SUBJECT_MOST = 120  # characters; longer ones are cut by most readers anyway


class BadAddress(Exception):
    """The address accounts gave is none that mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a mail goes, as accounts says at the moment of sending; `link` is a personal one, for links alone."""

    address: str
    display_name: str | None = None
    link: str | None = None


def compose(notice: str, scene: Scene, words: str | None, to: Recipient, now: datetime) -> EmailMessage:
    """Write the mail of a notice; raise BadAddress where the address is none.

    The Message-ID follows from the notice's id: however often the mail is sent, its readers see that it is one.
    """
    say = wording(scene)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _one_line(say.subject, SUBJECT_MOST)
    message["From"] = _from()
    message["To"] = _to(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _id(notice)
    if topic := scene.draft:
        message["In-Reply-To"] = message["References"] = _id(f"draft-{topic}")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "out of office" comes back
    parts = {
        "say": say,
        "link": to.link if say.path is None else f"{config.public_url()}{say.path}",
        "name": _one_line(to.display_name or "", 80),
        "words": words,
        "gone": "is not quoted here: its words are no longer at hand, or were erased. The page shows what is there.",
    }
    message.set_content(_render("letter.txt", parts))
    message.add_alternative(_render("letter.html", parts), subtype="html")
    return message


def sender() -> Address:
    """Return who our mail is from, `COUNTERSIGN_MAIL_FROM`."""
    name, address = parseaddr(config.env().str("MAIL_FROM", "Countersign <no-reply@localhost>"))
    return Address(display_name=name, addr_spec=address)


def _from() -> Address:
    return sender()


def _to(to: Recipient) -> Address:
    try:
        return Address(display_name=_one_line(to.display_name or "", 80), addr_spec=to.address)
    except (ValueError, IndexError, MessageError) as problem:
        raise BadAddress(f"no mail can be sent to the address that accounts holds: {problem}") from problem


def _id(local: str) -> str:
    return f"<{local}@{urlsplit(config.public_url()).hostname or 'localhost'}>"


def _one_line(text: str, most: int) -> str:
    """Return text as one line without control characters, cut at a word where it is too long."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text).split())
    return line if len(line) <= most else line[: most - 1].rpartition(" ")[0] + "…"


def _render(template: str, parts: Mapping[str, object]) -> str:
    return _templates().get_template(template).render(parts)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.notifications", "templates/mail"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
