"""A sentence for people that remembers how it was said, so that a page can say it in the reader's language.

It is a `str`, and English: logs, JSON, the database and whatever else knows nothing of languages go on as before.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol, Self

from services.kernel.concepts import Label

Value = str | float | date | None


class Tongue(Protocol):
    """How one language says it: its catalogue, and how it writes what is no text (a day, a number)."""

    @property
    def locale(self) -> str: ...
    def gettext(self, message: str) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int) -> str: ...
    def written(self, value: Any) -> Any: ...


class Sentence(str):
    """An English text with the template and the values it was made of; `plural` and `n` where it counts."""

    __slots__ = ("n", "plural", "template", "values")
    template: str
    values: Mapping[str, Value]
    plural: str | None
    n: int

    def __new__(cls, template: str, values: Mapping[str, Value], plural: str | None = None, n: int = 1) -> Self:
        form = template if plural is None or n == 1 else plural
        self = super().__new__(cls, _filled(form, values, _in_english))
        self.template, self.values, self.plural, self.n = template, values, plural, n
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, dict(self.values), self.plural, self.n)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def format(self, *_: Any, **values: Any) -> "Sentence":
        """Fill in what is still open: marshmallow and its like keep sentences with gaps."""
        return Sentence(self.template, {**self.values, **values}, self.plural, self.n)


def say(template: str, /, **values: Value) -> Sentence:
    """Say a sentence: `say("It closed on {day}.", day=closed)`. A value may be a day, or a sentence itself."""
    return Sentence(template, values)


def say_of(n: int, one: str, many: str, /, **values: Value) -> Sentence:
    """Say it of a number: `say_of(3, "{n} comment", "{n} comments")`."""
    return Sentence(one, {"n": n, **values}, many, n)


def joined(parts: Iterable[str], by: str = ", ") -> Sentence:
    """Say several sentences as one list; each of them is translated."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(by.join(f"{{{name}}}" for name in values), values)


def translated(text: str, tongue: Tongue) -> str:
    """Return a sentence as the language says it, the sentences within it too; any other text is returned as it is.

    The label of a concept has its words with it.
    """
    if isinstance(text, Label):
        return text.said_in(tongue.locale)
    if not isinstance(text, Sentence):
        return text
    one, many = text.template, text.plural
    form = tongue.gettext(one) if many is None else tongue.ngettext(one, many, text.n)
    return _filled(form, text.values, lambda v: translated(v, tongue) if isinstance(v, str) else tongue.written(v))


def _filled(form: str, values: Mapping[str, Value], written: Callable[[Any], Any]) -> str:
    if not values:
        return form  # a brace in a sentence without values is a brace
    return form.format_map({name: written(value) for name, value in values.items()})


def _in_english(value: Value) -> Any:
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else value
