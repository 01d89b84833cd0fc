"""The doors on the bus: what accounts hears, answers and does on time."""

from dataclasses import asdict

from nameko.rpc import rpc

from services.accounts import commands, store
from services.kernel.bus import every, on_event
from services.kernel.db import Transaction
from services.kernel.events import Event

HOUR = 3600.0


class Accounts:
    """Organisations, people, sign-in."""

    name = "accounts"

    @on_event("codesign.consultation.opened.v1")
    def remember_consultation(self, tx: Transaction, event: Event) -> None:
        """An invitation to a consultation is proposed to end when it closes."""
        store.project(tx, event)

    @on_event("audit.text.withheld.v1")
    def forget(self, tx: Transaction, event: Event) -> None:
        """Let go of a text that was withheld."""
        commands.hear_of_erasure(tx, event)

    @rpc  # type: ignore[untyped-decorator]  # nameko has no types
    def letter(self, person: str, token: str | None = None) -> dict[str, str | None] | None:
        """Where to write to a person, and the link of a token, made for this letter: for notifications."""
        found = commands.letter(person, token)
        return None if found is None else asdict(found)

    @every(HOUR)
    def forget_past(self) -> None:
        """Sessions, secrets and counters that are good for nothing any more."""
        commands.forget_past()


SERVICE = Accounts
