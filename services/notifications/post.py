"""The post: our SMTP server, and what its answers mean."""

import smtplib
import ssl
import time
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from services.kernel import config
from services.kernel.errors import Misconfigured

REPLY_TIME = 5.0  # seconds the server has for each answer
SEND_TIME = 15.0  # seconds after which nothing new is begun with a letter: then its text is not handed over any more


class Rejected(Exception):
    """The server will never take this letter (5yz): the address is unknown, or the text is not wanted."""


class Unreachable(Exception):
    """The server is away or asks for patience: the same letter may go later."""


class Post(Protocol):
    """What letters are handed over to."""

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over; raise Rejected or Unreachable where it was not taken."""


class SmtpPost:
    """The server at `COUNTERSIGN_SMTP_URL`: smtp://, smtp+starttls:// or smtps://, with user and password if need be.

    One connection serves all letters of a round and is made anew after any failure.
    """

    def __init__(self, url: str | None = None) -> None:
        self._url = _checked(urlsplit(url or config.env().str("SMTP_URL", "smtp://localhost:8025")))
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over; raise Rejected or Unreachable where it was not taken."""
        try:
            self._send(message)
        except smtplib.SMTPRecipientsRefused as answer:
            self.close()
            code, text = next(iter(answer.recipients.values()))
            raise _verdict(code, text) from answer
        except smtplib.SMTPDataError as answer:
            self.close()
            raise _verdict(answer.smtp_code, answer.smtp_error) from answer
        except smtplib.SMTPNotSupportedError as answer:
            self.close()
            raise Rejected(f"our mail server cannot send to such an address: {answer}") from answer
        except (OSError, smtplib.SMTPException) as problem:
            # A refused sender or login, though 5yz, is our setting and no letter's fault: it may be put right.
            self.close()
            raise Unreachable(f"the mail server does not take letters: {problem}") from problem

    def close(self) -> None:
        """Say goodbye, as well as the connection allows."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _send(self, message: EmailMessage) -> None:
        deadline = time.monotonic() + SEND_TIME
        if self._connection is None:
            self._connection = _connect(self._url)
        elif not _answers(self._connection):
            self._connection.close()
            self._connection = _connect(self._url)
        if time.monotonic() > deadline:
            raise TimeoutError("it is too slow")
        self._connection.send_message(message)


def _checked(url: SplitResult) -> SplitResult:
    if url.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise Misconfigured(
            "COUNTERSIGN_SMTP_URL begins with smtp://, smtp+starttls:// or smtps://; for instance smtp://localhost:8025"
        )
    if url.password and url.scheme == "smtp" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Misconfigured(
            "COUNTERSIGN_SMTP_URL would send its password for all to read: use smtp+starttls:// or smtps://."
        )
    return url


def _connect(url: SplitResult) -> smtplib.SMTP:
    host, name = url.hostname or "localhost", urlsplit(config.public_url()).hostname or "localhost"
    if url.scheme == "smtps":
        tls = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, name, timeout=REPLY_TIME, context=tls)
    else:
        connection = smtplib.SMTP(host, url.port or (587 if "starttls" in url.scheme else 25), name, timeout=REPLY_TIME)
    if url.scheme == "smtp+starttls":
        connection.starttls(context=ssl.create_default_context())
    if url.username:
        connection.login(unquote(url.username), unquote(url.password or ""))
    return connection


def _answers(connection: smtplib.SMTP) -> bool:
    try:
        return connection.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _verdict(code: int, text: bytes | str) -> Exception:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return Rejected(f"{code} {said}") if 500 <= code < 600 else Unreachable(f"{code} {said}")
