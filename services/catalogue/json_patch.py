"""A JSON Patch (RFC 6902) at the door: what an operation must look like before anybody tries to apply it."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

_POINTER = re.compile(r"(/([^/~]|~[01])*)*")
_NEEDS = {
    "add": ("value",),
    "replace": ("value",),
    "test": ("value",),
    "move": ("from",),
    "copy": ("from",),
    "remove": (),
}


class Step(fields.Field[dict[str, Any]]):
    """One operation of an RFC 6902 patch."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own shape
        "shape": 'This is an operation of a JSON Patch, like {{"op": "replace", "path": "/title/en", "value": "..."}}.',
        "op": "The operation is one of add, remove, replace, move, copy, test.",
        "pointer": "“{name}” is a JSON Pointer, like /outcomes/lo-1/text/en.",
        "needs": "The operation {op} needs “{name}”.",
        "unknown": "An operation has no member “{name}”.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        del attr, data, kwargs
        if not isinstance(value, Mapping):
            raise self.make_error("shape")
        op = value.get("op")
        if not isinstance(op, str) or op not in _NEEDS:
            raise self.make_error("op")
        for name in ("path", *_NEEDS[op]):
            if name not in value:
                raise self.make_error("needs", op=op, name=name)
        self._check_members(value)
        return dict(value)

    def _check_members(self, step: Mapping[str, Any]) -> None:
        for name, content in step.items():
            if name not in ("op", "path", "from", "value"):
                raise self.make_error("unknown", name=name[:40])
            if name in ("path", "from") and not (
                isinstance(content, str) and len(content) <= 400 and _POINTER.fullmatch(content)
            ):
                raise self.make_error("pointer", name=name)
