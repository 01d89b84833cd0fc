"""What co-design hears: what becomes of drafts, who is who, who was invited by address, which sessions ended."""

from services.codesign import commands, store
from services.kernel import revocation
from services.kernel.bus import on_event
from services.kernel.db import Transaction
from services.kernel.events import Event


class Codesign:
    """The doors of co-design on the bus."""

    name = "codesign"

    @on_event(
        "catalogue.draft.opened.v1",
        "catalogue.draft.revised.v1",
        "catalogue.draft.submitted.v1",
        "catalogue.draft.recalled.v1",
        "catalogue.credential.published.v1",
        in_order=True,
    )
    def follow_draft(self, tx: Transaction, event: Event) -> None:
        """Keep our own copy of every version, and answer a submission with the seal or with what is missing."""
        commands.hear_of_draft(tx, event)

    @on_event(
        "accounts.organisation.registered.v1",
        "accounts.organisation.changed.v1",
        "accounts.organisation.confirmed.v1",
    )
    def remember_organisation(self, tx: Transaction, event: Event) -> None:
        """Know an organisation's name, the standing it claims, and the one that is confirmed."""
        store.project(tx, event)

    @on_event("accounts.person.joined.v1", "accounts.person.changed.v1")
    def remember_person(self, tx: Transaction, event: Event) -> None:
        """Know the names that stand beside comments and endorsements."""
        store.project(tx, event)

    @on_event("accounts.person.invited.v1")
    def admit_invited(self, tx: Transaction, event: Event) -> None:
        """Let the organisation of somebody invited by address take part, where its provider asked for that."""
        commands.hear_of_invited_person(tx, event)

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


SERVICE = Codesign
