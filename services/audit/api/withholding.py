"""Withholding one text: two people, an administrator among them."""

from typing import Any

from services.audit.api.blueprint import HERE, api, refuses
from services.audit.domain.withholding import ROLES
from services.audit.erasing import withholding
from services.audit.erasing.withholding import Shown
from services.audit.schemas import NewProposal
from services.audit.shapes import Made, ProposalLine, Proposals
from services.kernel.http import Created, created, idempotent, require_actor, signed_in
from services.kernel.http.answers import Answer


@api.route("/withholdings")
@signed_in(*ROLES)
@api.response(200, Proposals)
def proposals() -> Any:
    """What was proposed to be withheld: those that wait for a second person first, then the newest decided, 200."""
    return {"items": [_line(one) for one in withholding.proposals(require_actor())]}


@api.route("/withholdings", methods=["POST"])
@signed_in(*ROLES)
@api.arguments(NewProposal)
@api.response(201, Made)
@refuses(404, 409, 422)
def propose(wish: dict[str, Any]) -> Any:
    """Propose to withhold the text at a pointer beside an entry. Nothing happens to it until a second person agrees."""
    id = withholding.propose(require_actor(), wish["entry"], wish["pointer"], wish["ground"])
    return {"id": id}, {"Location": f"{HERE}/withholdings/{id}"}


@api.route("/withholdings/<id:proposal_id>")
@signed_in(*ROLES)
@api.response(200, ProposalLine)
@refuses(404)
def proposal(proposal_id: str) -> Any:
    """One proposal, with its text while that is there."""
    return _line(withholding.proposal(require_actor(), proposal_id))


@api.route("/withholdings/<id:proposal_id>/confirmation", methods=["POST"])
@signed_in(*ROLES)
@idempotent
@api.response(201, Created)
@refuses(404, 409)
def confirm(proposal_id: str) -> Answer:
    """Withhold the text, as the second person: it goes from every service and from beside the log."""
    event = withholding.confirm(require_actor(), proposal_id)
    return created(event, f"{HERE}/withholdings/{proposal_id}", id=proposal_id)


@api.route("/withholdings/<id:proposal_id>/refusal", methods=["POST"])
@signed_in(*ROLES)
@api.response(200, ProposalLine)
@refuses(404, 409)
def leave(proposal_id: str) -> Any:
    """Leave the text where it is: take one's proposal back, or say no to another's."""
    actor = require_actor()
    withholding.leave(actor, proposal_id)
    return _line(withholding.proposal(actor, proposal_id))


def _line(shown: Shown) -> dict[str, Any]:
    proposal = shown.proposal
    return {
        "id": proposal.id,
        "entry": shown.told.idx,
        "event": proposal.event,
        "pointer": proposal.pointer,
        "ground": proposal.ground,
        "value": shown.value,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "decision": proposal.decision,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
    }
