"""What the audit service hears on the bus, and does on time. The log itself is the recorder's work."""

from nameko.rpc import ClusterRpc

from services.audit import reconciling
from services.audit.directory import following
from services.kernel import db, revocation
from services.kernel.bus import EXPIRES, asking, every, on_event
from services.kernel.db import Transaction
from services.kernel.events import Event


class Audit:
    """The doors of the audit service on the bus."""

    name = "audit"
    services = ClusterRpc(expiration=EXPIRES)

    @on_event(
        "accounts.session.revoked.v1",
        "accounts.role.revoked.v1",
        "accounts.person.left.v1",
        "accounts.person.erased.v1",
    )
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

    @every(60.0)
    def reconcile(self) -> None:
        """Look whether anything is missing between outboxes and log, or log and handlers, and have it sent again."""
        reconciling.tell(reconciling.reconcile(asking(self.services)))

    @every(10.0)
    def ask_for_missing(self) -> None:
        """Ask producers for the events that have not come for a minute, before a gap has to be declared."""
        reconciling.tell(reconciling.ask_for_missing(asking(self.services)))

    def _follow(self) -> int:
        with db.of("audit").transaction() as tx:
            return following.follow(tx)


SERVICE = Audit
