"""The REST doors of co-design."""

from typing import Any

from services.codesign import commands, reading
from services.codesign.domain.answering import NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.codesign.schemas.incoming import (
    Answering,
    Commenting,
    Endorsing,
    Invitee,
    Opening,
    VersionQuery,
)
from services.codesign.schemas.outgoing import (
    Comment,
    Comments,
    ConsultationDetail,
    Consultations,
    Document,
    Endorsements,
    Readiness,
)
from services.kernel.http import (
    ANYWHERE,
    ApiBlueprint,
    Created,
    Page,
    PageQuery,
    created,
    idempotent,
    require_actor,
    signed_in,
    with_etag,
)

ROOT = "/codesign/api/v1"

api = ApiBlueprint(
    "codesign",
    __name__,
    description="Consultations on designs: comments, suggestions, dispositions, endorsements and the seal.",
)


@api.route("/consultations", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@api.arguments(Opening)
@api.response(201, Created)
def open_consultation(wish: NewConsultation) -> Any:
    """Open a consultation on a version of a draft and invite organisations."""
    event = commands.open_consultation(require_actor(), wish)
    return created(event, f"{ROOT}/consultations/{event.subject}")


@api.route("/consultations")
@signed_in(scope=ANYWHERE)
@api.arguments(PageQuery, location="query")
@api.response(200, Consultations)
def consultations(page: Page) -> Any:
    """The consultations one runs, takes part in or audits, newest first."""
    rows = reading.consultations(require_actor(), after=_text(page.after), limit=page.limit + 1)
    return page.of(rows, key="id")


@api.route("/consultations/<id:consultation_id>")
@signed_in(scope="consultation_id")
@api.response(200, ConsultationDetail)
def consultation(consultation_id: str) -> Any:
    """One consultation; its entity tag counts what was said in it."""
    found = reading.consultation(require_actor(), consultation_id)
    return with_etag(found, found["sequence"])


@api.route("/consultations/<id:consultation_id>/document")
@signed_in(scope="consultation_id")
@api.arguments(VersionQuery, location="query")
@api.response(200, Document)
def document(query: dict[str, Any], consultation_id: str) -> Any:
    """The design under consultation, in its newest version or in another that the consultation has reached."""
    return reading.document(require_actor(), consultation_id, query["version"])


@api.route("/consultations/<id:consultation_id>/participants", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@api.arguments(Invitee)
@api.response(201, Created)
@api.doc(  # type: ignore[untyped-decorator]  # flask-smorest is typed in part
    responses={"200": {"description": "The organisation is invited already."}}
)
def invite_organisation(wish: dict[str, Any], consultation_id: str) -> Any:
    """Invite an organisation that is registered."""
    invitation = commands.invite_organisation(require_actor(), consultation_id, wish["organisation"])
    body = {"id": invitation.organisation, "event": invitation.event, "sequence": invitation.sequence}
    return body, 201 if invitation.new else 200, {"Location": f"{ROOT}/consultations/{consultation_id}"}


@api.route("/consultations/<id:consultation_id>/comments", methods=["POST"])
@signed_in("reviewer", scope="consultation_id")
@idempotent
@api.arguments(Commenting)
@api.response(201, Created)
def submit_comment(wish: NewComment, consultation_id: str) -> Any:
    """Comment on one element, and suggest other words for it if you like."""
    event = commands.submit_comment(require_actor(), consultation_id, wish)
    return created(event, f"{ROOT}/comments/{event.data['comment']}", id=event.data["comment"])


@api.route("/consultations/<id:consultation_id>/comments")
@signed_in(scope="consultation_id")
@api.arguments(PageQuery, location="query")
@api.response(200, Comments)
def comments(page: Page, consultation_id: str) -> Any:
    """The comments that one may see, oldest first."""
    after = page.after if isinstance(page.after, int) else 0
    rows = reading.comments(require_actor(), consultation_id, after=after, limit=page.limit + 1)
    return page.of(rows, key="sequence")


@api.route("/comments/<id:comment_id>")
@signed_in(scope=ANYWHERE)
@api.response(200, Comment)
def comment(comment_id: str) -> Any:
    """One comment, with what became of it."""
    return reading.comment(require_actor(), comment_id)


@api.route("/comments/<id:comment_id>/disposition", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@api.arguments(Answering)
@api.response(201, Created)
def record_disposition(wish: NewDisposition, comment_id: str) -> Any:
    """Answer a comment with a disposition and its reason; a later one replaces it, until the design is sealed."""
    event = commands.record_disposition(require_actor(), comment_id, wish)
    return created(event, f"{ROOT}/comments/{comment_id}", id=comment_id)


@api.route("/consultations/<id:consultation_id>/endorsements", methods=["POST"])
@signed_in("reviewer", scope="consultation_id")
@idempotent
@api.arguments(Endorsing)
@api.response(201, Created)
def endorse(wish: NewEndorsement, consultation_id: str) -> Any:
    """Endorse the design or elements of it; a newer endorsement of the same organisation replaces the older one."""
    event = commands.endorse(require_actor(), consultation_id, wish)
    return created(event, f"{ROOT}/consultations/{consultation_id}/endorsements", id=event.data["endorsement"])


@api.route("/consultations/<id:consultation_id>/endorsements")
@signed_in(scope="consultation_id")
@api.response(200, Endorsements)
def endorsements(consultation_id: str) -> Any:
    """The endorsements that one may see, oldest first."""
    return {"items": reading.endorsements(require_actor(), consultation_id)}


@api.route("/consultations/<id:consultation_id>/readiness")
@signed_in()
@api.response(200, Readiness)
def readiness(consultation_id: str) -> Any:
    """What the design lacks for the seal, for its provider and for auditors."""
    return reading.readiness(require_actor(), consultation_id)


def _text(key: Any) -> str | None:
    return None if key is None else str(key)
