"""What the catalogue hears: who is who, who was asked about a draft, what co-design answered, which sessions ended."""

from services.catalogue import commands, store
from services.kernel import revocation
from services.kernel.bus import on_event
from services.kernel.db import Transaction
from services.kernel.events import Event


class Catalogue:
    """The doors of the catalogue on the bus."""

    name = "catalogue"

    @on_event(
        "accounts.organisation.registered.v1",
        "accounts.organisation.changed.v1",
        "accounts.organisation.confirmed.v1",
    )
    def remember_organisation(self, tx: Transaction, event: Event) -> None:
        """Know an organisation's name and standing: only a provider opens drafts."""
        store.project(tx, event)

    @on_event("accounts.person.joined.v1", "accounts.person.changed.v1")
    def remember_person(self, tx: Transaction, event: Event) -> None:
        """Know the names that stand beside versions."""
        store.project(tx, event)

    @on_event("codesign.consultation.opened.v1")
    def remember_consultation(self, tx: Transaction, event: Event) -> None:
        """Know that others are asked about a draft: without that it cannot be submitted."""
        store.project(tx, event)

    @on_event("codesign.comment.submitted.v1", "codesign.comment.withdrawn.v1")
    def remember_suggestion(self, tx: Transaction, event: Event) -> None:
        """Know what comments suggest, so that a designer can apply it by one click."""
        store.project(tx, event)

    @on_event("codesign.consultation.sealed.v1", "codesign.consultation.unready.v1")
    def remember_answer(self, tx: Transaction, event: Event) -> None:
        """Know what became of a submission."""
        store.project(tx, event)

    @on_event("accounts.person.erased.v1", "audit.text.withheld.v1")
    def forget(self, tx: Transaction, event: Event) -> None:
        """Let go of the words of somebody who was erased, and of a text that was withheld."""
        commands.hear_of_erasure(tx, event)

    @on_event("accounts.session.revoked.v1", "accounts.role.revoked.v1", "accounts.person.left.v1")
    def close_doors(self, tx: Transaction, event: Event) -> None:
        """Let nobody in whose session or rights have ended."""
        if event.type == "accounts.session.revoked.v1":
            revocation.revoke(tx, "session", event.data["session"], event.time)
        else:
            revocation.revoke(tx, "person", event.subject, event.time)


SERVICE = Catalogue
