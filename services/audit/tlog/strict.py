"""The few forms that all the formats are made of, read strictly: one value has one spelling."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode

from services.audit.tlog.errors import Unreadable

HASH = 32  # bytes of a SHA-256 hash
LIMIT = 2**63  # sizes, indices and times stay below it (tlog-cosignature gives this bound for times)
MAX_PATH = 63  # hashes in a proof within a tree of fewer than 2**63 entries; tlog-witness allows no more

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL = re.compile("[\x00-\x1f]")


def number(text: str, what: str) -> int:
    """Read an ASCII decimal without leading zeroes, below 2**63."""
    if not _NUMBER.fullmatch(text) or int(text) >= LIMIT:
        raise Unreadable(f"{what} is {shown(text)}, not a plain decimal number below 2^63.")
    return int(text)


def base64(text: str, what: str) -> bytes:
    """Read standard base64 with its padding; of the spellings that decoders tolerate, only the one of encoders."""
    try:
        decoded = b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        decoded = None
    if decoded is None or b64encode(decoded).decode() != text:
        raise Unreadable(f"{what} is {shown(text)}, not standard base64.")
    return decoded


def base64_of(value: bytes) -> str:
    """Write bytes as standard base64."""
    return b64encode(value).decode()


def hash_in(text: str, what: str) -> bytes:
    """Read the base64 of a SHA-256 hash."""
    value = base64(text, what)
    if len(value) != HASH:
        raise Unreadable(f"{what} has {len(value)} bytes; a SHA-256 hash has {HASH}.")
    return value


def text(data: bytes, what: str) -> str:
    """Decode lines: UTF-8, no control characters but newlines, the last line ended by one."""
    try:
        decoded = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"{what} is not UTF-8 at byte {problem.start}.") from None
    if not decoded.endswith("\n"):
        raise Unreadable(f"{what} does not end with a newline.")
    check_line(decoded.replace("\n", ""), what)
    return decoded


def check_line(line: str, what: str) -> None:
    """Refuse control characters, and what UTF-8 has no bytes for."""
    if _CONTROL.search(line):
        raise Unreadable(f"{what} contains a control character.")
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable(f"{what} cannot be written in UTF-8.") from None


def shown(text: str) -> str:
    """Show foreign text in a message: quoted, escaped, short."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def path_in(lines: list[str]) -> tuple[bytes, ...]:
    """Read the hashes of a proof, one on each line."""
    return tuple(hash_in(line, f"Hash {number} of the proof") for number, line in enumerate(lines, start=1))


def check_path(path: tuple[bytes, ...]) -> None:
    """Refuse what is no proof: hashes of another length, or more than there can be."""
    if len(path) > MAX_PATH:
        raise Unreadable(f"The proof has {len(path)} hashes; none has more than {MAX_PATH}.")
    if any(len(hash) != HASH for hash in path):
        raise Unreadable(f"A hash of the proof has not {HASH} bytes.")
