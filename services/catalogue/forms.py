"""An element as a form: its fields, made of its shape, and the value read back from what a person filled in.

A form is read as it was meant: an empty box says nothing. Whether the value is sound is asked of the domain, as for
everybody else. A field is named by its pointer within the element, with dots: `text.en`, `workload.hours`.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.catalogue import sheet, words
from services.catalogue.domain.annex import ELEMENT, ELEMENTS, SKILL
from services.catalogue.domain.document import outcome_ids
from services.catalogue.domain.shapes import (
    Day,
    Decimal,
    Flag,
    Keyed,
    Listed,
    ListOf,
    OneOf,
    Record,
    Shape,
    Words,
)
from services.kernel.documents import Document
from services.kernel.language import say

Sent = Mapping[str, Sequence[str]]
Options = Sequence[tuple[str, str]]

NOTHING: Options = [("", "not said")]
YES_NO: Options = [*NOTHING, ("yes", "yes"), ("no", "no")]
NEW = "new"  # stands where a key or a language is yet to be chosen


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: what it is called, what it holds now, and what can be chosen."""

    kind: Literal["line", "day", "number", "words", "select", "choices", "skills", "list", "links"]
    name: str
    label: str
    hint: str = ""
    value: Any = ""
    options: Options = ()
    max: int | None = None
    rows: int = 1
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """An element to be filled in: its collection, its key (None where it is no keyed one), its shape and its value."""

    name: str
    key: str | None
    shape: Shape
    value: Any

    @property
    def pointer(self) -> str:
        """The place in the document."""
        return f"/{self.name}" if self.key is None else f"/{self.name}/{self.key}"

    @property
    def root(self) -> str:
        """The name that the form's fields begin with; those of a keyed element begin with nothing."""
        return self.name if self.key is None else ""


def element(document: Document, name: str, key: str | None = None) -> Element | None:
    """Return an element to be filled in, empty where the document has none yet; None where there can be no such."""
    shape = ELEMENTS.get(name)
    if isinstance(shape, Keyed) and key is not None:
        return Element(name, key, shape.item, document.get(name, {}).get(key))
    if shape is None or isinstance(shape, Keyed) or key is not None:
        return None
    return Element(name, None, shape, document.get(name))


def fields(document: Document, of: Element) -> list[Field]:
    """Return the fields of an element's form, filled with what the element holds."""
    return list(_fields(document, of.shape, of.value, of.root, of.name, needed=True))


def read(of: Element, sent: Sent) -> Any:
    """Return the value that a form speaks of; None where every box is empty."""
    return _read(of.shape, sent, of.root, of.value)


def _fields(document: Document, shape: Shape, value: Any, name: str, path: str, needed: bool) -> Iterator[Field]:
    if isinstance(shape, Record):
        for inner, its in shape.fields.items():
            held = (value or {}).get(inner)
            yield from _fields(document, its, held, _join(name, inner), f"{path}.{inner}", inner in shape.needed)
        return
    label, hint = words.field(path)
    yield Field(name=name, label=label, hint=hint, needed=needed, **_filled(document, shape, value))


def _filled(document: Document, shape: Shape, value: Any) -> dict[str, Any]:
    match shape:
        case Words():
            held = value or {}
            texts = {code: held.get(code, "") for code in sheet.spoken({**held, **_empty(document)})}
            rows = 1 if not shape.lines else 3 if shape.max <= 1000 else 6
            return {"kind": "words", "value": texts, "options": _further(texts), "max": shape.max, "rows": rows}
        case Decimal():
            return {"kind": "number", "value": value or ""}
        case Day():
            return {"kind": "day", "value": value or ""}
        case OneOf():
            return {"kind": "select", "value": value or "", "options": [*NOTHING, *shape.vocabulary.items()]}
        case Listed(rest=None):  # a code that goes on, such as DE-BY, is typed
            return {"kind": "select", "value": value or "", "options": [*NOTHING, *_coded(shape)]}
        case Flag():
            return {"kind": "select", "value": _yes_or_no(value), "options": YES_NO}
        case ListOf(item=OneOf() as item):
            return {"kind": "choices", "value": value or [], "options": list(item.vocabulary.items())}
        case ListOf() if shape.item is ELEMENT:
            return {"kind": "choices", "value": value or [], "options": _outcomes(document)}
        case ListOf() if shape.item is SKILL:
            return {"kind": "skills", "value": value or []}
        case ListOf():
            return {"kind": "list", "value": "\n".join(value or [])}
        case Keyed():
            return {"kind": "links", "value": value or {}}
        case _:
            return {"kind": "line", "value": value or "", "max": getattr(shape, "max", None)}


def _read(shape: Shape, sent: Sent, name: str, before: Any) -> Any:
    match shape:
        case Record():
            held = before or {}
            found = {key: _read(its, sent, _join(name, key), held.get(key)) for key, its in shape.fields.items()}
            return {key: value for key, value in found.items() if value is not None} or None
        case Words():
            return dict(_texts(sent, name)) or None
        case Flag():
            return {"yes": True, "no": False}.get(_one(sent, name))
        case ListOf() if isinstance(shape.item, OneOf) or shape.item is ELEMENT:
            return _ticked(sent.get(name, ()), before or []) or None
        case ListOf():
            lines = " ".join(sent.get(name, ())).split()
            return _ticked(list(dict.fromkeys(lines)), before or []) or None
        case Keyed():
            return dict(_links(shape, sent, name, before or {})) or None
        case _:
            return _one(sent, name) or None


def _ticked(chosen: Sequence[str], before: Sequence[str]) -> list[str]:
    """Return what was ticked, what stood there before in its old order: a form sent as it was shown changes nothing."""
    return [*(value for value in before if value in chosen), *(value for value in chosen if value not in before)]


def _texts(sent: Sent, name: str) -> Iterator[tuple[str, str]]:
    for field in sent:
        holder, _, code = field.rpartition(".")
        if holder == name and (text := _one(sent, field)):
            yield (_one(sent, f"{name}-language") if code == NEW else code), text


def _links(shape: Keyed, sent: Sent, name: str, before: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    sent_keys = [field.removeprefix(f"{name}.").partition(".")[0] for field in sent if field.startswith(f"{name}.")]
    keys = dict.fromkeys([*before, *(key for key in sent_keys if key != NEW), NEW])
    fresh = next(key for number in range(1, 1000) if (key := f"{shape.prefix}-{number}") not in keys)
    for key in keys:
        if (link := _read(shape.item, sent, f"{name}.{key}", before.get(key))) is not None:
            yield (fresh if key == NEW else key), link


def _one(sent: Sent, name: str) -> str:
    """Return the text of a box as it is kept: composed (NFC), lines ended by a line feed, nothing around it."""
    text = next(iter(sent.get(name, ())), "")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _empty(document: Document) -> Mapping[str, str]:
    """Return an empty text in each language the design is written in, as its title says; English where it has none."""
    return dict.fromkeys(document.get("title") or ["en"], "")


def _outcomes(document: Document) -> Options:
    numbered = enumerate(outcome_ids(document), 1)
    outcomes = document.get("outcomes", {})
    return [(key, f"{number}. {sheet.first(outcomes[key].get('text'))}") for number, key in numbered if key in outcomes]


def _coded(shape: Listed) -> Iterator[tuple[str, str]]:
    """Yield the concepts of a long list, each with its code before it: some bear the name of their whole."""
    for key, label in shape.vocabulary.items():
        yield key, say("{code}: {label}", code=key.rpartition("/")[2], label=label)


def _further(texts: Mapping[str, str]) -> Options:
    return [("", "no other"), *((code, name) for code, name in words.LANGUAGES.items() if code not in texts)]


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _join(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name else inner
