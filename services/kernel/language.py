"""A sentence for people that remembers how it was said, so that a page can say it in the reader's language.

It is a `str`, and English: logs, JSON, the database and everything else that knows nothing of languages go on as before.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, Self

Value = str | int | float | date | None


class Tongue(Protocol):
    """How one language says it: its catalogue, and how it writes a day."""

    def gettext(self, message: str) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int) -> str: ...
    def day(self, moment: date) -> str: ...


class Sentence(str):
    """An English text with the template and the values that it was made of; `plural` and `n` where it counts."""

    __slots__ = ("n", "plural", "template", "values")
    template: str
    values: Mapping[str, Value]
    plural: str | None
    n: int

    def __new__(cls, template: str, values: Mapping[str, Value], plural: str | None = None, n: int = 1) -> Self:
        form = template if plural is None or n == 1 else plural
        self = super().__new__(cls, _filled(form, values, _english_day, str))
        self.template, self.values, self.plural, self.n = template, values, plural, n
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, dict(self.values), self.plural, self.n)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def say(template: str, /, **values: Value) -> Sentence:
    """Say one sentence: `say("The consultation closed on {day}.", day=closed)`. A value may be a sentence itself, or a day."""
    return Sentence(template, values)


def say_of(n: int, one: str, many: str, /, **values: Value) -> Sentence:
    """Say it of a number: `say_of(3, "{n} comment", "{n} comments")`."""
    return Sentence(one, {"n": n, **values}, many, n)


def translated(text: str, tongue: Tongue) -> str:
    """Return a sentence as the language says it, the sentences within it too; any other text is returned as it is."""
    if not isinstance(text, Sentence):
        return text
    if text.plural is None:
        form = tongue.gettext(text.template)
    else:
        form = tongue.ngettext(text.template, text.plural, text.n)
    return _filled(form, text.values, tongue.day, lambda value: translated(value, tongue))


def _filled(form: str, values: Mapping[str, Value], day: Callable[[date], str], said: Callable[[str], str]) -> str:
    if not values:
        return form  # a brace in a sentence without values is a brace
    return form.format_map({name: _written(value, day, said) for name, value in values.items()})


def _written(value: Value, day: Callable[[date], str], said: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return said(value)
    return day(value) if isinstance(value, date | datetime) else value


def _english_day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"
