"""The tree: what the record is now and what was published of it, that one continues the other, and receipts."""

from typing import Any

from flask import Response

from services.audit.api.blueprint import HERE, api, downloads, file_of, refuses
from services.audit.schemas import ConsistencyQuery
from services.audit.shapes import Checkpoints, ConsistencyAnswer, HeadAnswer, ReceiptAnswer
from services.audit.telling import shown
from services.audit.tlog.proof_files import SUFFIX
from services.audit.vouching import handing_out
from services.kernel.http import Page, PageQuery, current_actor, public

EVENT = {"name": "event_id", "in": "path", "description": "The id of an event, as the command answered it."}


@api.route("/head")
@public
@api.response(200, HeadAnswer)
@refuses()
def head() -> Any:
    """How many entries the record has, the root of the tree over them, and the newest published checkpoint."""
    return shown.heads(handing_out.heads())


@api.route("/heads")
@public
@api.arguments(PageQuery, location="query")
@api.response(200, Checkpoints)
@refuses(422)
def heads(page: Page) -> Any:
    """Every checkpoint that was published, the largest first."""
    found = handing_out.published(page.after, page.limit + 1)
    return page.of([shown.checkpoint(one) for one in found], key="size")


@api.route("/consistency")
@public
@api.arguments(ConsistencyQuery, location="query")
@api.response(200, ConsistencyAnswer)
@refuses(422)
def consistency(query: dict[str, Any]) -> Any:
    """That the tree of one size begins with the tree of another: nothing was changed or taken out between them."""
    return shown.consistency(handing_out.consistency(query["old"], query.get("new")))


@api.route("/receipts/<id:event_id>", parameters=[EVENT])
@public
@api.response(200, ReceiptAnswer)
@refuses(404)
def receipt(event_id: str) -> Any:
    """How far the proof of an act is: for who acted, and whoever may read its entry."""
    return shown.receipt(handing_out.receipt(current_actor(), event_id), f"{HERE}/receipts/{event_id}{SUFFIX}")


@api.route("/receipts/<id:event_id>.tlog-proof", parameters=[EVENT])
@public
@downloads("an act")
@refuses(404, 409)
def receipt_file(event_id: str) -> Response:
    """The proof of an act as a file to keep: that it was entered as it was sent, and witnessed."""
    return file_of(handing_out.receipt_file(current_actor(), event_id), f"receipt-{event_id}")
