"""The languages of the interface: their catalogues, as they lie in each service, and how they write days, numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from services import SERVICES

ENGLISH = "en"
NAMES = {ENGLISH: "English", "de": "Deutsch"}
CATALOGUES = ("kernel", *SERVICES)
DAYS = {ENGLISH: "d MMMM y", "de": "d. MMMM y"}
MOMENTS = {ENGLISH: "d MMMM y, HH:mm 'UTC'", "de": "d. MMMM y, HH:mm 'Uhr' (zzz)"}

Messages = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface; a message that its catalogue does not know is said in English."""

    locale: str
    messages: Messages = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        """Return the message in this language."""
        return self.messages.get(message, (message,))[0]

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the message as this language says it of a number; both know two forms, one and all others."""
        return self.messages.get(singular, (singular, plural))[0 if n == 1 else -1]

    def day(self, moment: date) -> str:
        """Write a day: 1 March 2026, 1. März 2026."""
        return format_date(moment, DAYS[self.locale], locale=self.locale)

    def when(self, moment: datetime) -> str:
        """Write a moment of UTC: 1 March 2026, 09:30 UTC."""
        return format_datetime(moment, MOMENTS[self.locale], locale=self.locale)

    def number(self, value: float) -> str:
        """Write a number: 4,000 or 4.000."""
        return format_decimal(value, locale=self.locale)

    def written(self, value: Any) -> Any:
        """Write what is no text within a sentence."""
        if isinstance(value, date):
            return self.day(value)
        return _Number(value, self.number(value)) if isinstance(value, int) and not isinstance(value, bool) else value


class _Number(int):
    """A number whose thousands are parted as the language does it: what a template asks for with `{n:,}`."""

    def __new__(cls, value: int, parted: str) -> "_Number":
        self = super().__new__(cls, value)
        self.parted = parted
        return self

    parted: str

    def __format__(self, spec: str) -> str:
        return self.parted if spec == "," else super().__format__(spec)


@cache
def language(locale: str) -> Language:
    """Return a language of the interface, with the catalogues of every service."""
    if locale == ENGLISH:
        return Language(ENGLISH)
    return Language(locale, {m: said for service in CATALOGUES for m, said in _read(service, locale).items()})


def _read(service: str, locale: str) -> Messages:
    catalogue = files(f"services.{service}").joinpath("translations", locale, "LC_MESSAGES", "messages.po")
    if not catalogue.is_file():
        return {}
    with catalogue.open("rb") as file:
        entries = read_po(file, locale=locale)
    return {_one(e.id): _forms(e.string) for e in entries if e.id and all(_forms(e.string))}


def _one(message: Any) -> str:
    return str(message[0] if isinstance(message, (tuple, list)) else message)


def _forms(said: Any) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, (tuple, list)) else (str(said or ""),)
