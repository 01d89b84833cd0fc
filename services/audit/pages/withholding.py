"""Withholding one text: proposing it, and deciding with a second pair of eyes."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.audit.domain.withholding import ROLES
from services.audit.erasing import withholding
from services.audit.pages.blueprint import pages
from services.audit.schemas import Agreement, Proposing, TextQuery
from services.kernel.http import idempotent, read_form, read_query, redisplay, require_actor, signed_in, url


@pages.get("/withhold")
@signed_in(*ROLES)
def withheld() -> ResponseReturnValue:
    """What was proposed, and what was decided."""
    found = withholding.proposals(require_actor())
    return render_template("audit/withheld.html", proposals=found)


@pages.get("/withhold/new")
@signed_in(*ROLES)
def proposing() -> ResponseReturnValue:
    """Show the text and ask for the ground."""
    asked = read_query(TextQuery)
    told = withholding.text(require_actor(), asked["entry"], asked["pointer"])
    return render_template("audit/withhold.html", told=told, pointer=asked["pointer"])


@pages.post("/withhold/new")
@signed_in(*ROLES)
@redisplay(proposing)
def propose() -> ResponseReturnValue:
    """Propose to withhold it."""
    asked, wish = read_query(TextQuery), read_form(Proposing)
    id = withholding.propose(require_actor(), asked["entry"], asked["pointer"], wish["ground"])
    return redirect(url("audit.proposal", proposal_id=id, done="proposed"), 303)


@pages.get("/withhold/<id:proposal_id>")
@signed_in(*ROLES)
def proposal(proposal_id: str) -> ResponseReturnValue:
    """One proposal with its text: decide, or see what was decided."""
    return render_template("audit/proposal.html", shown=withholding.proposal(require_actor(), proposal_id))


@pages.post("/withhold/<id:proposal_id>")
@signed_in(*ROLES)
@redisplay(proposal)
@idempotent
def confirm(proposal_id: str) -> ResponseReturnValue:
    """Withhold the text, as the second person."""
    read_form(Agreement)
    withholding.confirm(require_actor(), proposal_id)
    return redirect(url("audit.proposal", proposal_id=proposal_id, done="withheld"), 303)


@pages.post("/withhold/<id:proposal_id>/leave")
@signed_in(*ROLES)
@redisplay(proposal)
def leave(proposal_id: str) -> ResponseReturnValue:
    """Leave the text where it is."""
    withholding.leave(require_actor(), proposal_id)
    return redirect(url("audit.proposal", proposal_id=proposal_id, done="left"), 303)
