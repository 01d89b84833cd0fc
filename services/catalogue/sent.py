"""An element as its form would send it, field by field: so two readings of it can be held against each other."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from services.catalogue import forms
from services.catalogue.domain.merging import Filled
from services.catalogue.forms import Element, Field
from services.kernel.documents import Document

SEVERAL = ("choices", "skills", "list")


def filled(document: Document, of: Element, value: Any) -> Filled:
    """Return what the form of an element sends when it holds a value and nobody touches it; empty boxes left out."""
    fields = forms.fields(document, replace(of, value=value))
    return {name: values for field in fields for name, values in _of_field(field) if any(values)}


def several(document: Document, of: Element) -> frozenset[str]:
    """Return the names of the fields that hold several values."""
    return frozenset(field.name for field in forms.fields(document, of) if field.kind in SEVERAL)


def field_of(document: Document, of: Element, name: str) -> tuple[Field | None, str | None]:
    """Return the field of a name that is sent, with the language of the words in it, where it holds words."""
    for field in forms.fields(document, of):
        if name == field.name:
            return field, None
        if name.startswith(f"{field.name}."):
            rest = name.removeprefix(f"{field.name}.").split(".")
            return field, rest[-1] if rest[-1] != "address" else None
    return None, None


def _of_field(field: Field) -> Iterator[tuple[str, tuple[str, ...]]]:
    match field.kind:
        case "words":
            yield from ((f"{field.name}.{code}", (text,)) for code, text in field.value.items())
        case "choices" | "skills":
            yield field.name, tuple(field.value)
        case "list":
            yield field.name, tuple(field.value.split())
        case "links":
            for key, link in field.value.items():
                yield from ((f"{field.name}.{key}.title.{code}", (t,)) for code, t in link.get("title", {}).items())
                yield f"{field.name}.{key}.address", (link.get("address", ""),)
        case _:
            yield field.name, (field.value,)
