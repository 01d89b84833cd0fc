"""What the audit service hears on the bus, and does on time. The log itself is the recorder's work."""

from services.audit import directory
from services.kernel import db, revocation
from services.kernel.bus import every, on_event
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

    @every(1.0)
    def keep_directory(self) -> None:
        """Keep the directory of the pages near the log: who is who, and who may read what."""
        while self._follow():
            pass

    def _follow(self) -> int:
        with db.of("audit").transaction() as tx:
            return directory.follow(tx)


SERVICE = Audit
