"""Every checkpoint that was ever signed, and every one that was published: the log has to keep what it promised."""

from collections import deque
from collections.abc import Sequence

from services.audit.signing import log_folder
from services.audit.tlog import tree
from services.audit.tlog.checkpoints import Checkpoint, opened
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import Note, VerifierKey
from services.audit.tlog.policies import Policy
from services.audit.verification.reading import Connection, Row
from services.audit.verification.tampered import Tampered
from services.kernel.errors import Misconfigured

AT_ONCE = 1_000  # rows read at once
ROWS = """SELECT size, root, c.note, p.note FROM checkpoint c FULL JOIN published p USING (size) ORDER BY size"""


class Promises:
    """The checkpoints by their size, to be held against the tree as it grows to each of them."""

    def __init__(self, connection: Connection) -> None:
        """Read sizes and roots, which are little; the notes are read when they are verified."""
        rows = connection.execute("SELECT size, root FROM checkpoint ORDER BY size").fetchall()
        self.signed = len(rows)
        self.published = self.earlier = 0
        self.origin: str | None = None
        self._due = deque((size, bytes(root)) for size, root in rows)

    def hold(self, size: int, frontier: tree.Frontier, leaves: Sequence[bytes]) -> None:
        """Hold the tree that grows by some leaves against the checkpoints of the sizes that it comes through."""
        while self._due and self._due[0][0] <= size + len(leaves):
            due, root = self._due.popleft()
            frontier, _ = tree.append(size, frontier, leaves[: due - size])
            leaves, size = leaves[due - size :], due
            if tree.root(frontier) != root:
                raise Tampered(None, f"The first {due:,} entries are not those of the checkpoint of that size.")

    def end(self, connection: Connection) -> None:
        """Verify the signatures under all of them; raise Tampered at the first that is not good."""
        if self._due:
            size = self._due[0][0]
            raise Tampered(size - 1, f"it is missing, and there is a checkpoint of {size:,} entries.")
        policy = _policy() if self.signed else None
        if policy is None:
            if connection.execute("SELECT FROM published LIMIT 1").fetchone():
                raise Tampered(None, "A checkpoint is published, and none was signed.")
            return
        with connection.cursor("promises", binary=True) as cursor:
            cursor.execute(ROWS.encode())
            while rows := cursor.fetchmany(AT_ONCE):
                for row in rows:
                    self._check(policy, row)
        if self.published and self.published == self.earlier:
            raise Tampered(None, "The newest published checkpoint has not the quorum that the policy asks for.")

    def _check(self, policy: Policy, row: Row) -> None:
        size, root, note, published = row
        if note is None:
            raise Tampered(None, f"The checkpoint of {size:,} entries is published, and was never signed.")
        try:
            checkpoint = _opened(note, [log.key for log in policy.logs])
        except LogError as problem:
            raise Tampered(None, f"The checkpoint of {size:,} entries is not good: {problem}") from problem
        self.origin = checkpoint.origin
        if (checkpoint.size, checkpoint.root) != (size, root):
            raise Tampered(None, f"The checkpoint of {size:,} entries was signed for another tree.")
        if published is not None:
            self._check_published(policy, size, note, published)

    def _check_published(self, policy: Policy, size: int, note: bytes, published: bytes) -> None:
        """Hold a published checkpoint against the policy in force.

        Those from before that policy may have had another quorum; from the first on that has this one, all must, and
        the newest must.
        """
        try:
            if Note.parse(published).text != Note.parse(note).text:
                raise Tampered(
                    None, f"The published checkpoint of {size:,} entries says something else than was signed."
                )
            try:
                policy.check(published)
            except LogError:
                if self.published > self.earlier:
                    raise
                _opened(published, [log.key for log in policy.logs])
                self.earlier += 1
        except LogError as problem:
            raise Tampered(None, f"The published checkpoint of {size:,} entries is not good: {problem}") from problem
        self.published += 1


def _opened(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Open a note with the key of its log, of which there may be several in a policy."""
    name = Checkpoint.parse(Note.parse(note).text).origin
    key = next((key for key in keys if key.name == name), keys[0])
    return opened(note, key)[0]


def _policy() -> Policy:
    folder = log_folder.of_settings()
    try:
        policy = Policy.parse(folder.policy() or b"")
    except LogError as problem:
        raise Misconfigured(
            f"The policy in {folder.public} cannot be read, and without it no signature can be verified: {problem} "
            "Verify where the signer's log folder is."
        ) from problem
    if not policy.logs:
        raise Misconfigured(f"The policy in {folder.public} names no log, so no signature can be verified.")
    return policy
