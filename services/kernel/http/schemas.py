"""Schemas and fields of the doors: what is not named is refused, and each refusal is a sentence."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

import marshmallow as ma

from services.kernel import clock, ids
from services.kernel.http.sentences import WORDS
from services.kernel.language import say

_POINTER = re.compile(r"(/([^/~]|~[01])*)+")
_HASH = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z")
_LAYOUT = "\n\t"  # the control characters that text of several lines may hold


class Schema(ma.Schema):
    """A schema that refuses unknown fields and speaks in our words."""

    class Meta:
        unknown = ma.RAISE


class Text(ma.fields.String):
    """Text of a person: stripped, in NFC, at most `max` characters, none of control; `lines` allows several lines."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own shape
        "empty": say("This is needed."),
        "control": say("This holds a character that cannot be shown (code {code}). Please type it anew."),
        "lines": say("This must be one line."),
        "long": say("This has {length:,} characters; at most {max:,} are possible."),
        "short": say("This has {length:,} characters; at least {min:,} are needed."),
    }

    def __init__(self, *, max: int = 200, min: int = 1, lines: bool = False, **rest: Any) -> None:
        super().__init__(**rest)
        self.max, self.min, self.lines = max, min, lines
        self.metadata = {"minLength": min, "maxLength": max, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = unicodedata.normalize(
            "NFC", super()._deserialize(value, attr, data, **kwargs).replace("\r\n", "\n")
        ).strip()
        self._check_characters(text)
        if not text and self.min:
            raise self.make_error("empty")
        if len(text) > self.max:
            raise self.make_error("long", length=len(text), max=self.max)
        if len(text) < self.min:
            raise self.make_error("short", length=len(text), min=self.min)
        return text

    def _check_characters(self, text: str) -> None:
        for character in text:
            if unicodedata.category(character) not in ("Cc", "Cs") or (self.lines and character in _LAYOUT):
                continue
            if character == "\n":
                raise self.make_error("lines")
            raise self.make_error("control", code=f"U+{ord(character):04X}")


class _Written(ma.fields.String):
    """A string of a fixed form."""

    form: re.Pattern[str]
    default_error_messages = {"form": say("This is not written as it must be.")}  # noqa: RUF012
    longest = 200

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        form = {"pattern": f"^{self.form.pattern}$", "maxLength": self.longest}
        self.metadata = {**form, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > self.longest or not self.form.fullmatch(text):
            raise self.make_error("form")
        return text


class Pointer(_Written):
    """A JSON Pointer (RFC 6901) to an element: `/outcomes/lo-1`."""

    form = _POINTER
    default_error_messages = {"form": say("This must be a JSON Pointer to an element, like /outcomes/lo-1.")}  # noqa: RUF012


class Hash(_Written):
    """A content hash: SHA-256 as 64 hexadecimal digits."""

    form = _HASH
    default_error_messages = {"form": say("This must be a hash: 64 hexadecimal digits in lower case.")}  # noqa: RUF012


class Id(ma.fields.String):
    """An id as we give them out: a UUID in lower case."""

    default_error_messages = {"id": WORDS["Not a valid UUID."]}  # noqa: RUF012

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.metadata = {"format": "uuid", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not ids.is_id(text):
            raise self.make_error("id")
        return text


class Moment(ma.fields.Field[datetime]):
    """A moment with its zone (RFC 3339), loaded as aware UTC. `day_end` also takes a day: its last second in UTC."""

    default_error_messages = {  # noqa: RUF012
        "moment": say("This must be a moment with its time zone, like 2026-03-01T09:30:00Z."),
        "day": say("This must be a day, like 2026-03-01."),
    }

    def __init__(self, *, day_end: bool = False, **rest: Any) -> None:
        super().__init__(**rest)
        self.day_end = day_end

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else clock.rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        try:
            if self.day_end and isinstance(value, str) and len(value) == 10:
                return datetime.combine(datetime.fromisoformat(value), time(23, 59, 59), UTC)
            return clock.parse(value).astimezone(UTC)
        except (ValueError, TypeError, OverflowError) as problem:
            raise self.make_error("day" if self.day_end else "moment") from problem


class Choice(ma.fields.String):
    """One of a few words."""

    def __init__(self, words: Sequence[str], **rest: Any) -> None:
        super().__init__(
            validate=ma.validate.OneOf(words, error=say("This must be one of: {words}.", words=", ".join(words))),
            **rest,
        )


class LanguageMap(ma.fields.Dict):
    """Text by language: `{"en": "...", "de": "..."}`; at least one language."""

    default_error_messages = {"none": say('Write it in at least one language, like {"en": "..."}.')}  # noqa: RUF012

    def __init__(self, *, max: int = 2000, lines: bool = False, **rest: Any) -> None:
        language = ma.fields.String(
            validate=ma.validate.Regexp(_LANGUAGE, error=say("This must be a language code, like en or de-AT."))
        )
        super().__init__(keys=language, values=Text(max=max, lines=lines, required=True), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            texts = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ma.ValidationError as error:
            raise ma.ValidationError(_by_language(error.messages)) from error
        if not texts:
            raise self.make_error("none")
        return texts


def _by_language(messages: Any) -> Any:
    """Say of each language what marshmallow says of its key or its value."""
    if not isinstance(messages, Mapping):
        return messages
    return {language: [s for part in found.values() for s in part] for language, found in messages.items()}


class Created(Schema):
    """What a command that made something answers."""

    id = ma.fields.String(required=True, metadata={"description": "The new thing."})
    event = ma.fields.String(
        required=True, metadata={"description": "The event that says so; find it in the audit log."}
    )
    sequence = ma.fields.Integer(required=True, metadata={"description": "Its place among the events of its subject."})


class Listing(Schema):
    """A page of a list. Extend it with `items = fields.List(fields.Nested(...))`."""

    next = ma.fields.String(allow_none=True, metadata={"description": "Cursor of the next page; null on the last."})


class ProblemPlace(Schema):
    """One field that cannot be taken."""

    pointer = ma.fields.String(metadata={"description": "JSON Pointer into the body."})
    parameter = ma.fields.String(metadata={"description": "Name of a parameter of the query."})
    detail = ma.fields.String(required=True)


class Problem(Schema):
    """An error (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True, metadata={"description": "What is wrong and what to do next."})
    instance = ma.fields.String(required=True, metadata={"description": "The request; give it when asking for help."})
    code = ma.fields.String(required=True, metadata={"description": "A stable word for programs."})
    errors = ma.fields.List(ma.fields.Nested(ProblemPlace))
