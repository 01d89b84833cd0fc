"""What the audit service hears on the bus: which sessions ended. The log itself is the recorder's work."""

from services.kernel import revocation
from services.kernel.bus import on_event
from services.kernel.db import Transaction
from services.kernel.events import Event


class Audit:
    """The doors of the audit service on the bus."""

    name = "audit"

    @on_event("accounts.session.revoked.v1", "accounts.role.revoked.v1", "accounts.person.left.v1")
    def close_doors(self, tx: Transaction, event: Event) -> None:
        """Let nobody in whose session or rights have ended."""
        if event.type == "accounts.session.revoked.v1":
            revocation.revoke(tx, "session", event.data["session"], event.time)
        else:
            revocation.revoke(tx, "person", event.subject, event.time)


SERVICE = Audit
