"""The work of the signer that leads: from a committed head to a checkpoint that the witnesses' quorum has co-signed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.audit import log
from services.audit.signing import checkpoints, signing, witnesses
from services.audit.signing.asking import Away
from services.audit.signing.checkpoints import Signed
from services.audit.signing.identity import Identity
from services.audit.signing.log_folder import LogFolder
from services.audit.signing.signing import RefusesToSign, Standing
from services.audit.signing.witnesses import Witnesses
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unreadable
from services.audit.tlog.notes import Note
from services.audit.tlog.tree import EMPTY_ROOT
from services.kernel import clock, db, telemetry
from services.kernel.db import Transaction

EVERY = timedelta(seconds=1)  # no two checkpoints are signed closer together
STALE = 150.0  # seconds: what no quorum has confirmed for so long is an alarm

say = telemetry.get_logger("countersign.signer")


class NotLeading(Exception):
    """Another signer leads, or is to: this one stops where it is."""


class Leading:
    """What is known while one signer leads: what is signed, what is published, and who is asked.

    `go_on` raises NotLeading between the parts of a long step, `must_lead` in the transactions that keep what was said.
    """

    def __init__(
        self,
        identity: Identity,
        folder: LogFolder,
        go_on: Callable[[], None],
        must_lead: Callable[[Transaction], None],
    ) -> None:
        self._identity, self._folder = identity, folder
        self._go_on, self._must_lead = go_on, must_lead
        self._noted: Checkpoint | None = None  # the head file, as it was written or read last
        self._signed: Signed | None = None
        self._published = 0  # the size of the newest in the database
        self._served: Note | None = None  # public/checkpoint
        self._waiting_since: datetime | None = None
        self._witnesses: Witnesses | None = None

    def end(self) -> None:
        """Ask nobody any more."""
        if self._witnesses:
            self._witnesses.end()

    def tick(self, wait: float) -> None:
        """Take answers, waiting for them as many seconds; sign what is new; ask for cosignatures where that is due."""
        if self._witnesses is None:
            self._witnesses = self._begin()
        self._take_answers(self._witnesses, wait)
        standing = self._standing()
        self._note_waiting(standing.head.size)
        if self._is_due(standing.head):
            self._sign(standing)
        self._ask(self._witnesses)

    def checkpoint_age(self, now: datetime) -> float:
        """Return for how many seconds entries have been waiting for a published checkpoint."""
        since = self._waiting_since
        return (now - since).total_seconds() if since else 0.0

    def cosignature_age(self, now: datetime) -> float | None:
        """Return how many seconds ago a quorum said what the newest checkpoint is; None where none is asked for."""
        try:
            witnessed = self._identity.policy.check(self._served.encode()) if self._served else None
        except LogError:  # it was published under another policy
            return None
        at = witnesses.fresh_at(self._identity.policy, witnessed.cosigned) if witnessed else None
        return None if at is None else now.timestamp() - at

    def alarms(self, now: datetime) -> list[str]:
        """Return what is wrong with the log besides that nothing may be signed, a sentence each."""
        sentences = list(self._witnesses.conflicts.values()) if self._witnesses else []
        if self._waiting_since and self.checkpoint_age(now) > STALE:
            sentences.append(f"Entries wait since {self._waiting_since:%Y-%m-%d %H:%M:%S} UTC to be witnessed.")
        if (age := self.cosignature_age(now)) is not None and age > STALE:
            at = datetime.fromtimestamp(now.timestamp() - age, UTC)
            sentences.append(f"No quorum of witnesses has said since {at:%Y-%m-%d %H:%M:%S} UTC what the newest is.")
        return sentences

    def _begin(self) -> Witnesses:
        """Read where the log stands, refuse what cannot be gone on from, and serve what should be served already."""
        try:
            self._noted = self._folder.head()
        except Unreadable as problem:
            raise RefusesToSign(f"The head file in {self._folder.path} is damaged: {problem}") from None
        standing = self._standing()
        signing.check_identity(self._identity, self._noted, standing.signed)
        signing.check_heads(self._folder, self._noted, standing)
        self._signed = standing.signed
        self._folder.keep_policy(self._identity.policy_text)
        self._serve_again()
        if self._noted:
            self._folder.tidy(0, self._noted.size)
        return Witnesses(self._identity.policy, self._folder, self._published)

    def _serve_again(self) -> None:
        """Serve the newest published checkpoint, should its publication have ended half way."""
        with db.of("audit").transaction(read_only=True) as tx:
            published = checkpoints.newest(tx)
        served = self._folder.checkpoint()
        if published and (served is None or Checkpoint.parse(Note.parse(served).text).size < published.size):
            served = published.note
            self._folder.keep_checkpoint(served)
        self._published = published.size if published else 0
        self._served = Note.parse(served) if served else None

    def _standing(self) -> Standing:
        with db.of("audit").transaction(read_only=True) as tx:
            size, root = log.standing(tx)
            return Standing(Checkpoint(self._identity.origin, size, root), checkpoints.newest_signed(tx))

    # signing

    def _is_due(self, head: Checkpoint) -> bool:
        """Say whether the head is another than was signed, or than the folder has, and the last was not just now."""
        if self._signed and timedelta() <= clock.now() - self._signed.at < EVERY:
            return False
        done = self._signed and (self._signed.size, self._signed.root) == (head.size, head.root)
        return head.size > 0 and (not done or self._noted != head)

    def _sign(self, standing: Standing) -> None:
        """Bring the folder to the head, then sign it, then keep the checkpoint."""
        try:
            with self._folder.alone():
                self._go_on()
                self._bring_folder_to(standing)
        except LogError as problem:
            raise RefusesToSign(f"The log folder {self._folder.path} is damaged: {problem}") from None
        self._noted = standing.head
        if standing.is_new:
            at = clock.now()
            note = signing.sign(self._identity, standing.head)
            with db.of("audit").transaction() as tx:
                self._must_lead(tx)
                checkpoints.add_signed(tx, standing.head, note, at)
            self._signed = Signed(standing.head.size, standing.head.root, note, at)

    def _bring_folder_to(self, standing: Standing) -> None:
        noted, head = self._folder.head(), standing.head
        signing.check_heads(self._folder, noted, standing)
        if noted is None:
            self._ask_how_large_it_was(head)
        before = signing.prove(self._folder, noted, standing, self._leaves)
        old = noted.size if noted else 0
        signing.keep(self._folder, old, before, head, self._rows)
        signing.keep_head(self._folder, head)
        self._folder.tidy(old, head.size)

    def _ask_how_large_it_was(self, head: Checkpoint) -> None:
        """Without a head file, only the witnesses know whether the log was larger once."""
        empty = signing.sign(self._identity, Checkpoint(self._identity.origin, 0, EMPTY_ROOT))
        missing = f"The head file is missing in {self._folder.path}"
        try:
            size, name = witnesses.largest(self._identity.policy, Note.parse(empty))
        except Away as problem:
            raise RefusesToSign(
                f"{missing}, so the witnesses are asked how large the log was, and too few can say. {problem} "
                "They are asked again; a witness that is gone for good must be taken out of the policy."
            ) from None
        if size > head.size:
            raise RefusesToSign(
                f"{missing}, and the witness {name} has co-signed {size:,} entries where the database has "
                f"{head.size:,}: it was brought back from an older copy. `countersign audit recover` brings them back."
            )

    def _leaves(self, first: int, end: int) -> list[bytes]:
        self._go_on()
        with db.of("audit").transaction(read_only=True) as tx:
            return log.leaves(tx, first, end)

    def _rows(self, first: int, end: int) -> list[tuple[bytes, bytes]]:
        self._go_on()
        with db.of("audit").transaction(read_only=True) as tx:
            return log.rows(tx, first, end)

    # publishing

    def _ask(self, asked: Witnesses) -> None:
        now = clock.now()
        if self._signed is None or not asked.is_due(self._signed.size, now):
            return
        note, served = Note.parse(self._signed.note), self._served
        before = served if served and served.text == note.text else None
        if good := asked.begin(self._signed.size, note, now, before):
            self._publish(good)

    def _take_answers(self, asked: Witnesses, wait: float) -> None:
        if note := asked.take(clock.now(), wait):
            self._publish(note)

    def _publish(self, note: Note) -> None:
        """Keep that a checkpoint is published, the first time that it is; and serve it with the newest cosignatures."""
        size = Checkpoint.parse(note.text).size
        if size > self._published:
            with db.of("audit").transaction() as tx:
                self._must_lead(tx)
                checkpoints.add_published(tx, size, note.encode(), clock.now())
            self._published = size
            self._waiting_since = None
        if note != self._served:
            self._folder.keep_checkpoint(note.encode())
            self._served = note

    def _note_waiting(self, size: int) -> None:
        if size <= self._published:
            self._waiting_since = None
        else:
            self._waiting_since = self._waiting_since or clock.now()
