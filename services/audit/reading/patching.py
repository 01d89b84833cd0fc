"""JSON Patch (RFC 6902), as far as a patch of a design goes; written here so that this reading is its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = Any


class Misfit(Exception):
    """A patch that does not fit the document: the sentence says which operation, and why."""


def patched(document: Json, patch: Iterable[Mapping[str, Any]]) -> Json:
    """Return a new document with every operation applied; raise Misfit at the first that does not fit.

    What no operation touches is shared with the document before: nothing here, or in a reading, is changed in place.
    """
    for number, operation in enumerate(patch, 1):
        try:
            document = _apply(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as problem:
            op, path = operation.get("op"), operation.get("path")
            raise Misfit(f"operation {number} ({op} {path}) does not fit: {problem}") from problem
    return document


def value_at(document: Json, pointer: str) -> Json:
    """Return what stands at a JSON Pointer (RFC 6901); raise KeyError, IndexError, TypeError or ValueError."""
    for step in _steps(pointer):
        document = document[_index(document, step)]
    return document


def _apply(document: Json, operation: Mapping[str, Any]) -> Json:
    op, path = operation["op"], operation["path"]
    if op == "test":
        if not _same(value_at(document, path), operation["value"]):
            raise ValueError("another value stands there")
        return document
    if op == "remove":
        return _removed(document, path)[0]
    if op == "replace":
        value_at(document, path)
        return _placed(document, path, operation["value"], replace=True)
    if op == "move":
        document, value = _removed(document, operation["from"])
    elif op == "copy":
        value = value_at(document, operation["from"])
    elif op == "add":
        value = operation["value"]
    else:
        raise ValueError("there is no such operation")
    return _placed(document, path, value)


def _placed(document: Json, path: str, value: Json, *, replace: bool = False) -> Json:
    if path == "":
        return value
    *way, last = _steps(path)

    def place(holder: Json) -> None:
        if isinstance(holder, list) and not replace:
            holder.insert(len(holder) if last == "-" else int(_index(holder, last, beyond=1)), value)
        else:
            holder[_index(holder, last)] = value

    return _changed(document, way, place)


def _removed(document: Json, path: str) -> tuple[Json, Json]:
    *way, last = _steps(path)
    taken = []
    after = _changed(document, way, lambda holder: taken.append(holder.pop(_index(holder, last))))
    return after, taken[0]


def _changed(document: Json, way: list[str], change: Callable[[Json], None]) -> Json:
    """Return a document in which the object or list at the end of a way is changed: a copy, as is all above it."""
    if not isinstance(document, dict | list):
        raise TypeError("nothing can stand within a plain value")
    after: Json = document.copy()
    if way:
        key: Any = _index(document, way[0])
        after[key] = _changed(document[key], way[1:], change)
    else:
        change(after)
    return after


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError("a pointer begins with /")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _index(holder: Json, step: str, beyond: int = 0) -> str | int:
    """Return the key of an object, or the index of a list: in digits, no leading zero, within its length."""
    if not isinstance(holder, list):
        if not isinstance(holder, dict):
            raise TypeError("nothing can stand within a plain value")
        return step
    if not (step.isascii() and step.isdigit()) or (len(step) > 1 and step[0] == "0"):
        raise ValueError(f"{step!r} is no place in a list")
    if int(step) >= len(holder) + beyond:
        raise IndexError(f"the list has no place {step}")
    return int(step)


def _same(one: Json, other: Json) -> bool:
    """Compare as JSON does: true is not 1, however Python sees it."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
