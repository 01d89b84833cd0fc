"""The change from one version to the next: an RFC 6902 patch that first tests what it is about to replace."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.catalogue.domain.document import LIMIT
from services.catalogue.domain.shapes import escaped
from services.kernel.documents import Document, Patch, canonical, patched
from services.kernel.errors import Invalid, Refused, TooLarge
from services.kernel.language import say

Operation = dict[str, Any]

MAX_OPERATIONS = 500
MAX_COPIES = 20
# An entry of the log has 65,535 bytes; 200 answers and the envelope need up to 9 KiB of them.
MAX_PATCH = 55 * 1024


def between(before: Document, after: Document) -> list[Operation]:
    """Return the patch that leads from one document to another, its tests first; empty where they are the same.

    It walks through objects only and replaces lists as a whole. So no operation moves the place of another, each test
    speaks of the document before, and the patch fails exactly where a value that it replaces has changed meanwhile.
    """
    pairs = list(_steps(before, after, ""))
    return [test for test, _ in pairs if test] + [step for _, step in pairs]


def bounded(patch: list[Operation]) -> list[Operation]:
    """Return a patch that fits into one event; raise TooLarge where it does not."""
    size = len(canonical(patch))
    if len(patch) > MAX_OPERATIONS or size > MAX_PATCH:
        raise TooLarge(
            say(
                "This change has {count} operations and {size:,} bytes, with what it replaces; one "
                "version holds at most {max_operations} operations and {max_patch:,} bytes of change. "
                "Save it in two or three steps.",
                count=len(patch),
                size=size,
                max_operations=MAX_OPERATIONS,
                max_patch=MAX_PATCH,
            )
        )
    return patch


def applied(document: Document, patch: Patch) -> dict[str, Any]:
    """Return the document after a patch that somebody sent; raise Refused where it does not fit or a test fails.

    A `copy` can double a document, so their number is limited and the size is looked at after each.
    """
    copies = sum(step.get("op") == "copy" for step in patch)
    if len(patch) > MAX_OPERATIONS or copies > MAX_COPIES:
        raise Invalid(
            say(
                "A patch has at most {max_operations} operations, and at most {max_copies} of them copy.",
                max_operations=MAX_OPERATIONS,
                max_copies=MAX_COPIES,
            ),
            fields={
                "/patch": [say("There are {count} operations, {copies} of them copy.", count=len(patch), copies=copies)]
            },
        )
    after: Any = document
    for part in _parts(patch):
        try:
            after = patched(after, part)
        except Refused as refusal:
            raise _explained(document, patch, refusal) from refusal
        if not isinstance(after, dict):
            raise Invalid(
                say("The patch leaves no document."), fields={"/patch": [say("The whole document is an object.")]}
            )
        _hold_size(after)
    return dict(after)


def _explained(document: Document, patch: Patch, refusal: Refused) -> Refused:
    """Name the first operation that cannot be applied: the library's words hold whole documents."""
    for place, step in enumerate(patch):
        try:
            document = patched(document, [step])
        except Refused as first:
            why = "tests a value that is not there" if first.code == "patch-conflict" else "finds no such place"
            sentence = f"Operation {place + 1}, {step['op']} at “{step['path']}”, {why}. Fetch it and look again."
            return Refused(sentence, code=first.code, fields={f"/patch/{place}": [sentence]})
    return refusal


def _parts(patch: Patch) -> Iterator[Patch]:
    """Yield the operations in stretches that each end with a copy."""
    start = 0
    for place, step in enumerate(patch, 1):
        if step.get("op") == "copy":
            yield patch[start:place]
            start = place
    yield patch[start:]


def _hold_size(document: Document) -> None:
    try:
        size = len(canonical(document))
    except (ValueError, RecursionError) as problem:
        raise Invalid(
            say("The document holds something that JSON cannot say."),
            fields={
                "": [say("Numbers are whole or written as text, and text is Unicode: {problem}", problem=str(problem))]
            },
        ) from problem
    if size > 4 * LIMIT:
        raise TooLarge(
            say("The patch makes a document of {size:,} bytes; at most {limit:,} are possible.", size=size, limit=LIMIT)
        )


def _steps(before: Any, after: Any, at: str) -> Iterator[tuple[Operation | None, Operation]]:
    """Yield each operation, before it the test of what it replaces or removes."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if canonical(before) != canonical(after):  # Python holds True == 1; JSON does not
            yield _test(at, before), {"op": "replace", "path": at, "value": after}
        return
    for key in sorted(before.keys() | after.keys()):
        path = f"{at}/{escaped(key)}"
        if key not in after:
            yield _test(path, before[key]), {"op": "remove", "path": path}
        elif key not in before:
            yield None, {"op": "add", "path": path, "value": after[key]}
        else:
            yield from _steps(before[key], after[key], path)


def _test(path: str, value: Any) -> Operation:
    return {"op": "test", "path": path, "value": value}
