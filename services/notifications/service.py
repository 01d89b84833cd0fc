"""The doors on the bus: what notifications hears, asks and does on time."""

from collections.abc import Mapping
from typing import Any

from nameko.exceptions import RemoteError
from nameko.rpc import ServiceRpc

from services.kernel.bus import Bell, call_with_limit, every, on_event, when_rung
from services.kernel.db import Transaction
from services.kernel.errors import Unavailable
from services.kernel.events import Event
from services.notifications import commands
from services.notifications.post import SmtpPost

LETTERS = Bell()


class Notifications:
    """Who is told what, when and how."""

    name = "notifications"
    accounts = ServiceRpc("accounts")

    @on_event(
        "accounts.organisation.registered.v1",
        "accounts.organisation.changed.v1",
        "accounts.person.joined.v1",
        "accounts.person.changed.v1",
        "accounts.person.left.v1",
        "accounts.role.granted.v1",
        "accounts.role.revoked.v1",
        "accounts.session.revoked.v1",
    )
    def follow_people(self, tx: Transaction, event: Event) -> None:
        """Who belongs where and may do what; whose session ended before its time."""
        self._hear(tx, event)

    @on_event("accounts.person.erased.v1", "audit.text.withheld.v1")
    def forget(self, tx: Transaction, event: Event) -> None:
        """Let go of the words of somebody who was erased, and of a text that was withheld."""
        commands.hear_of_erasure(tx, event)

    @on_event("accounts.token.issued.v1")
    def send_link(self, tx: Transaction, event: Event) -> None:
        """A sign-in link or an invitation goes out by mail."""
        self._hear(tx, event)

    @on_event(
        "catalogue.draft.opened.v1",
        "catalogue.draft.revised.v1",
        "catalogue.draft.submitted.v1",
        "catalogue.credential.published.v1",
        in_order=True,
    )
    def follow_drafts(self, tx: Transaction, event: Event) -> None:
        """What a draft is called, and who hears of its submission and publication."""
        self._hear(tx, event)

    @on_event(
        "codesign.consultation.opened.v1",
        "codesign.participant.invited.v1",
        "codesign.comment.submitted.v1",
        "codesign.disposition.recorded.v1",
        "codesign.endorsement.given.v1",
        "codesign.consultation.sealed.v1",
        "codesign.consultation.unready.v1",
        in_order=True,
    )
    def follow_consultations(self, tx: Transaction, event: Event) -> None:
        """Who hears of what is said in a consultation."""
        self._hear(tx, event)

    @when_rung(LETTERS)
    @every(1.0)
    def send_letters(self) -> None:
        """Hand over every letter that is due: at once after it was written, else when its next try has come."""
        post = SmtpPost()
        try:
            commands.send_due(self._ask_accounts, post)
        finally:
            post.close()

    def _hear(self, tx: Transaction, event: Event) -> None:
        commands.hear(tx, event)
        tx.after_commit(LETTERS.ring)

    def _ask_accounts(self, person: str, token: str | None) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] | None = call_with_limit(self.accounts.letter, person, token)
        except (Unavailable, RemoteError) as problem:
            raise commands.DirectoryAway(str(problem)) from problem
        return found


SERVICE = Notifications
