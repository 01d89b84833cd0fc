"""The signer: a plain process that signs the log's head, has the witnesses co-sign it, and publishes it.

It alone has the log's key. Several may run: one leads, by lease, the others stand by.
"""

import signal
import time
from datetime import datetime, timedelta
from types import FrameType

from services.audit.signing import identity, log_folder
from services.audit.signing.identity import Identity
from services.audit.signing.leading import Leading, NotLeading
from services.audit.signing.log_folder import Busy, LogFolder
from services.audit.signing.signing import RefusesToSign
from services.kernel import clock, db, lease, telemetry
from services.kernel.db import Transaction
from services.kernel.errors import Unavailable
from services.kernel.patience import pauses

LEASE = "signer"
RENEW = 2.0  # seconds between two renewals of the lease
MARGIN = 1.0  # seconds before its end at which the lease is no longer relied on
LOOK = 0.2  # seconds between looks at the head; the witnesses' answers are awaited meanwhile
AGAIN = timedelta(seconds=1)  # after so long what was refused is looked at again,
SAID_AGAIN = timedelta(seconds=60)  # and after so long it is told again

say = telemetry.get_logger("countersign.signer")


def run() -> None:
    """Sign until SIGTERM or SIGINT, whatever becomes of database and witnesses meanwhile."""
    telemetry.setup("countersign-signer")
    signer = Signer(identity.of_settings(), log_folder.of_settings())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signer.stop)
    telemetry.watch(
        "countersign.log.checkpoint.age",
        "How long entries have been waiting for a published checkpoint; 0 where none waits",
        "s",
        lambda: signer.measured("checkpoint_age"),
    )
    telemetry.watch(
        "countersign.log.cosignature.age",
        "How long ago a quorum of witnesses said that the published checkpoint is the newest",
        "s",
        lambda: signer.measured("cosignature_age"),
    )
    try:
        signer.run()
    finally:
        db.close_all()


class Signer:
    """A signer that leads or stands by, and tells what is wrong with the log while it leads."""

    def __init__(self, identity: Identity, folder: LogFolder) -> None:
        self.identity, self.folder = identity, folder
        self.refusal = ""
        self._stopping = False
        self._renew_at = self._leads_until = 0.0
        self._refused_at = self._said_at = datetime.fromtimestamp(0, clock.now().tzinfo)
        self._leading: Leading | None = None

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Stop after the step at hand."""
        self._stopping = True

    def run(self) -> None:
        """Sign until told to stop; then let another lead at once."""
        again = pauses()
        while not self._stopping:
            try:
                self.tick(LOOK)
                again = pauses()
            except Unavailable as problem:
                say.warning("The database is away; nothing is signed", problem=repr(problem.__cause__))
                time.sleep(next(again))
        self._resign()

    def tick(self, wait: float = 0.0) -> None:
        """Do what is due: take what witnesses answer, waiting so many seconds for it; sign what is new; ask again."""
        if not self.leads():
            self._step_down()
            time.sleep(wait)
        elif self.refusal and clock.now() - self._refused_at < AGAIN:
            time.sleep(wait)
        else:
            self._do_what_is_due(wait)

    def measured(self, name: str) -> dict[str, float]:
        """Return an age in seconds as a measurement, of the one that leads; nothing where there is none."""
        leading = self._leading
        age = getattr(leading, name)(clock.now()) if leading else None
        return {} if age is None else {"audit": age}

    def leads(self) -> bool:
        """Say whether this signer leads, renewing the lease when that is due."""
        asked_at = time.monotonic()
        if asked_at >= self._renew_at:
            with db.of("audit").transaction() as tx:
                held = lease.hold(tx, LEASE, lease.me())
            self._renew_at = asked_at + RENEW
            self._leads_until = asked_at + lease.SECONDS - MARGIN if held else 0.0
        return time.monotonic() < self._leads_until

    def go_on(self) -> None:
        """Raise NotLeading where a long step should not be finished: another leads, or this process is to stop."""
        if self._stopping or not self.leads():
            raise NotLeading

    def must_lead(self, tx: Transaction) -> None:
        """Raise NotLeading where another has the lease; nobody gets it before the transaction ends."""
        if not lease.is_held(tx, LEASE, lease.me()):
            raise NotLeading

    def _do_what_is_due(self, wait: float) -> None:
        if self._leading is None:
            say.info("This signer leads now", origin=self.identity.origin)
            self._leading = Leading(self.identity, self.folder, self.go_on, self.must_lead)
        try:
            self._leading.tick(wait)
            self.refusal = ""
        except RefusesToSign as refusal:
            self._refuse(str(refusal))
        except Busy as problem:
            self._refuse(str(problem))
        except NotLeading:
            self._step_down()
            return
        self.folder.keep_alarms([*([self.refusal] if self.refusal else []), *self._leading.alarms(clock.now())])

    def _refuse(self, sentence: str) -> None:
        now = clock.now()
        if sentence != self.refusal or now - self._said_at >= SAID_AGAIN:
            say.error("ALARM: nothing is signed", reason=sentence)
            self._said_at = now
        self.refusal, self._refused_at = sentence, now

    def _step_down(self) -> None:
        if self._leading:
            say.warning("Another signer leads now")
            self._leading.end()
            self._leading = None
        self._leads_until = 0.0

    def _resign(self) -> None:
        led = self._leading is not None
        if self._leading:
            self._leading.end()
            self._leading = None
        if led:
            with db.of("audit").transaction() as tx:
                lease.release(tx, LEASE, lease.me())
