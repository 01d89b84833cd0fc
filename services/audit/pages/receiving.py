"""Receipts: the proof of one's own act, from the moment it is done; as a part of other pages, and as pages."""

from flask import Response, render_template, request

from services.audit.api.blueprint import file_of
from services.audit.pages.blueprint import pages
from services.audit.telling import timeline
from services.audit.vouching import acts, handing_out
from services.audit.vouching.receipts import Receipt
from services.kernel.errors import NotFound
from services.kernel.http import ANYWHERE, Page, PageQuery, current_actor, public, read_query, require_actor, signed_in

LOOKS = 30  # so often a page looks by itself whether the proof is there, more and more seldom
LONGEST_PAUSE = 20.0  # seconds


@pages.get("/receipts")
@signed_in(scope=ANYWHERE)
def receipts() -> str:
    """What I did, and the proof of each."""
    page: Page = read_query(PageQuery)
    found = acts.own(require_actor(), page.after, page.limit + 1)
    listing = page.of([{"idx": act.told.idx, "act": act} for act in found], key="idx")
    return render_template("audit/receipts.html", listing=listing)


@pages.get("/receipts/<id:event_id>")
@public
def receipt(event_id: str) -> str:
    """How far the proof of an act is; for htmx only the part that says so, which looks again by itself."""
    return _shown(handing_out.receipt(current_actor(), event_id))


@pages.get("/receipts/<id:consultation_id>/<int:sequence>")
@public
def receipt_of(consultation_id: str, sequence: int) -> str:
    """The same, by the place of the act among those of its consultation. These can be guessed: one answer for all."""
    try:
        return _shown(handing_out.receipt(current_actor(), acts.event_of(consultation_id, sequence)))
    except NotFound:
        raise NotFound(acts.NOT_THERE) from None


@pages.get("/receipts/<id:event_id>.tlog-proof")
@public
def receipt_file(event_id: str) -> Response:
    """The proof of an act, to keep."""
    return file_of(handing_out.receipt_file(current_actor(), event_id), f"receipt-{event_id}")


def _shown(found: Receipt) -> str:
    if request.headers.get("HX-Request") == "true":
        look = request.args.get("look", 0, type=int) + 1
        pause = min(0.5 * 1.3**look, LONGEST_PAUSE) if look <= LOOKS else None
        return render_template("audit/receipt_part.html", receipt=found, look=look, pause=pause)
    return render_template("audit/receipt.html", receipt=found, whole=_entry_of(found))


def _entry_of(found: Receipt) -> timeline.Whole | None:
    try:
        return None if found.entry is None else timeline.entry(current_actor(), found.entry)
    except NotFound:  # who acted may have a receipt of what they cannot read any more
        return None
