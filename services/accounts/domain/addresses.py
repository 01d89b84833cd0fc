"""E-mail addresses, written in one way so that one person is found by any of its spellings."""

import re
import unicodedata

from services.kernel.errors import Invalid
from services.kernel.language import say

_LOCAL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def normalised(address: str) -> str:
    """Return an address in lower case, its domain in ASCII (IDNA); raise Invalid where no mail could reach it.

    No mail host in use tells `Anna@` from `anna@`, while people type both: so the whole address is folded.
    """
    local, _, domain = unicodedata.normalize("NFKC", address).strip().lower().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise Invalid(
            say("This is no e-mail address we can write to."),
            fields={
                "/address": [say("Write it like name@example.org; letters with accents are possible after the @ only.")]
            },
        )
    return f"{local}@{domain}"


def masked(address: str) -> str:
    """Return an address as it is shown to others than its owner: `a…@example.org`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
