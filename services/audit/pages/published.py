"""What the log says of itself to everybody, as files: C2SP tlog-tiles under /audit/; and its entries, to auditors."""

from flask import Response, request

from services.audit import log
from services.audit.pages.blueprint import pages
from services.audit.signing import log_folder
from services.audit.tlog import tiles
from services.audit.tlog.errors import Unreadable
from services.audit.tlog.tiles import WIDTH
from services.kernel import db
from services.kernel.errors import NotFound
from services.kernel.http import public, signed_in

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
MOMENT = "public, max-age=2"  # a checkpoint is soon followed by the next
LONG = "public, max-age=3600"
FOR_EVER = "public, max-age=31536000, immutable"  # a tile never changes

NO_TILE = (
    "There is no such tile. Which ones there are follows from the size in /audit/checkpoint; a partial one may have "
    "given way to the whole one, which is at the same address without `.p/...`."
)


@pages.get("/checkpoint")
@public
def checkpoint() -> Response:
    """The newest published checkpoint (C2SP tlog-checkpoint): three lines, and who has signed them."""
    note = log_folder.of_settings().checkpoint()
    return _file(note, TEXT, MOMENT, "Nothing is published yet: the log is new, or no quorum has co-signed it.")


@pages.get("/policy")
@public
def policy() -> Response:
    """The policy (C2SP tlog-policy) under which checkpoints are published: the log's key and its witnesses."""
    return _file(log_folder.of_settings().policy(), TEXT, LONG, "There is no policy yet: no signer has begun its work.")


@pages.get("/tile/<path:place>")
@public
def tile(place: str) -> Response:
    """A hash tile: hashes of 256 nodes side by side, or of the first of them."""
    level, n, width = _tile(place)
    try:
        content = None if level is None else log_folder.of_settings().tile(level, n, width)
    except FileNotFoundError:
        content = None
    return _file(content, BYTES, FOR_EVER, NO_TILE)


@pages.get("/tile/entries/<path:place>")
@signed_in("auditor")
def bundle(place: str) -> Response:
    """A bundle of entries, for auditors: an entry may hold what nobody else may read yet."""
    _, n, width = _tile(f"entries/{place}")
    with db.of("audit").transaction(read_only=True) as tx:
        entries = [body for body, _ in log.rows(tx, n * WIDTH, n * WIDTH + width)]
    return _file(tiles.bundle(entries) if len(entries) == width else None, BYTES, "no-store", NO_TILE)


def _tile(place: str) -> tuple[int | None, int, int]:
    try:
        return tiles.parse_path(f"tile/{place}")
    except Unreadable:
        raise NotFound(NO_TILE) from None


def _file(content: bytes | None, kind: str, kept: str, where_there_is_none: str) -> Response:
    if content is None:
        raise NotFound(where_there_is_none)
    answer = Response(content, content_type=kind, headers={"Cache-Control": kept})
    answer.add_etag()
    answer.make_conditional(request)
    return answer
