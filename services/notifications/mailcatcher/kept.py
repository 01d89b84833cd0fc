"""Caught mails as files: one `.eml` each, written whole or not at all, so that a kill loses nothing that was taken."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mail:
    """One caught mail; `to` are the bare addresses of its `recipients`.

    `id` is its file's name without `.eml`: nanoseconds since 1970, so names sort by arrival.
    """

    id: str
    message_id: str
    sender: str
    to: tuple[str, ...]
    recipients: str
    subject: str
    text: str
    html: str

    @property
    def received(self) -> datetime:
        """When it was caught."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, UTC)


def keep(folder: Path, content: bytes) -> None:
    """Write a mail's bytes to the disk before the sender is told that it was taken."""
    name = f"{time.time_ns()}-{os.urandom(3).hex()}"
    draft = folder / f"{name}.part"
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{name}.eml")


def mails(folder: Path) -> list[Mail]:
    """Return every mail in the folder, the newest first."""
    return [_read(path) for path in sorted(folder.glob("*-*.eml"), reverse=True)]


def one(folder: Path, id: str) -> Mail | None:
    """Return one mail, or None where there is none of that id."""
    return next((_read(path) for path in folder.glob("*-*.eml") if path.stem == id), None)


def doubles(caught: Sequence[Mail]) -> dict[str, int]:
    """Return each Message-ID that came more than once, with how often."""
    return {name: count for name, count in Counter(mail.message_id for mail in caught).items() if count > 1}


@lru_cache(maxsize=5000)
def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return Mail(
        id=path.stem,
        message_id=str(message["Message-ID"] or "").strip(),
        sender=str(message["From"] or ""),
        to=tuple(address.addr_spec for address in message["To"].addresses) if message["To"] else (),
        recipients=str(message["To"] or ""),
        subject=str(message["Subject"] or "(no subject)"),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())
