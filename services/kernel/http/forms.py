"""Forms of pages: read through the same schemas as JSON, shown again with their words where they cannot be taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import marshmallow as ma
from flask import g, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from services.kernel.errors import FieldErrors, Forbidden, Gone, Invalid, NotFound, Refused, SignInNeeded, Unavailable
from services.kernel.http.sentences import field_pointers
from services.kernel.language import say

OWN = "_"  # fields of ours in every form begin so: the token, the one-time key

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Form:
    """What a person filled in and what was said of it; empty on the first showing."""

    words: MultiDict[str, str] = field(default_factory=MultiDict)
    refusal: Refused | None = None

    @property
    def sent(self) -> bool:
        """Say whether this is a form shown again."""
        return self.refusal is not None

    @property
    def message(self) -> str:
        """The sentence about the whole."""
        return self.refusal.message if self.refusal else ""

    @property
    def fields(self) -> FieldErrors:
        """The sentences by JSON Pointer."""
        return self.refusal.fields if self.refusal else {}

    def value(self, name: str, otherwise: Any = "") -> Any:
        """What stood in a field when it was sent, else what it begins with."""
        return self.words.get(name, "") if self.sent else otherwise

    def values(self, name: str, otherwise: Any = ()) -> list[str]:
        """Every value of a field that can have several."""
        return self.words.getlist(name) if self.sent else list(otherwise)

    def errors(self, name: str) -> list[str]:
        """The sentences about a field, those about parts of it too."""
        pointer = pointer_of(name)
        return [s for p, found in self.fields.items() if p == pointer or p.startswith(f"{pointer}/") for s in found]


def current_form() -> Form:
    """Return the form being shown again, or an empty one."""
    form: Form = g.get("form") or Form()
    return form


def pointer_of(name: str) -> str:
    """Return the JSON Pointer of a form's field: `title.en` is `/title/en`."""
    return "/" + name.replace(".", "/")


def name_of(pointer: str) -> str:
    """Return the name of the form's field at a JSON Pointer."""
    return pointer.removeprefix("/").replace("/", ".")


def read_form(schema: type[ma.Schema]) -> Any:
    """Read the request's form through a schema; raise Invalid naming each field that cannot be taken."""
    return _load(schema(), request.form)


def read_query(schema: type[ma.Schema]) -> Any:
    """Read the query of the address through a schema, leaving aside what it does not know (a page's own `?done=`)."""
    return _load(schema(unknown=ma.EXCLUDE), request.args)


def redisplay(form_view: View) -> Callable[[View], View]:
    """Where a command refuses, show its form again: call the view that shows it, with the same path arguments.

    The template's macros fill in the person's words and put each sentence at its field. The status is the refusal's.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def submit(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            try:
                return view(*args, **kwargs)
            except (SignInNeeded, Forbidden, NotFound, Gone, Unavailable):
                raise
            except Refused as refusal:
                g.form = Form(request.form, refusal)
                response = make_response(form_view(*args, **kwargs))
                response.status_code = refusal.status
                return response

        return submit

    return decorate


def _load(schema: ma.Schema, given: MultiDict[str, str]) -> Any:
    try:
        return schema.load(_nested(schema, given))
    except ma.ValidationError as error:
        raise Invalid(say("Please look at the fields below."), fields=field_pointers(error.messages_dict)) from error


def _nested(schema: ma.Schema, given: MultiDict[str, str]) -> dict[str, Any]:
    """Make of flat fields what JSON would have said: `a.b` is b in a; an empty box says nothing."""
    document: dict[str, Any] = {}
    for name in given:
        values = [value for value in given.getlist(name) if value.strip()]
        if name.startswith(OWN) or not values:
            continue
        several = isinstance(schema.fields.get(name), ma.fields.List)
        _put(document, name.split("."), values if several else values[-1])
    return document


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    *above, last = path
    for step in above:
        inner = document.setdefault(step, {})
        if not isinstance(inner, Mapping):
            return
        document = document[step]
    document[last] = value
