"""The witnesses of a policy, each asked in a thread of its own: a slow or dead one holds up nobody."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from services.audit.signing.asking import Asking, Away, Conflict
from services.audit.signing.log_folder import LogFolder
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import Note
from services.audit.tlog.policies import Policy
from services.kernel import telemetry

AGAIN = timedelta(seconds=60)  # after so long the same checkpoint is co-signed anew: that it is still the last
RETRY = timedelta(seconds=3)  # after so long it is asked for again where the quorum did not come together
ROUND = timedelta(seconds=10)  # no longer is a checkpoint waited for when there is a larger one

say = telemetry.get_logger("countersign.signer")


@dataclass(slots=True)
class Round:
    """One checkpoint on its way past the witnesses: as it is sent, with the cosignatures so far, and who is asked."""

    size: int
    signed: Note
    note: Note
    began: datetime
    asked: set[str]
    met: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness has made of a checkpoint: the note with its cosignature, or a sentence why there is none."""

    witness: str
    round: Round
    note: Note | None = None
    problem: Exception | None = None


class Witnesses:
    """Those of the policy that have an address. Used by one thread; the witnesses are asked in others."""

    def __init__(self, policy: Policy, folder: LogFolder, size: int = 0) -> None:
        """Begin to ask; `size` is what they are supposed to have co-signed last."""
        self._policy, self._folder = policy, folder
        self._askings = _askings(policy, size)
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._round: Round | None = None
        self._told: dict[str, tuple[str, datetime]] = {}
        self._wake = threading.Condition()
        self._ended = False
        self.conflicts: dict[str, str] = {}
        for asking in self._askings:
            threading.Thread(target=self._keep_asking, args=[asking], name=asking.name, daemon=True).start()

    def end(self) -> None:
        """Ask nobody any more."""
        with self._wake:
            self._ended = True
            self._wake.notify_all()

    def is_due(self, size: int, now: datetime) -> bool:
        """Say whether a round should begin for the newest checkpoint, of this size."""
        last = self._round
        if last is None:
            return True
        if size > last.size:
            return last.met or not last.asked or now - last.began >= ROUND
        if last.met:
            return bool(self._askings) and now - last.began >= AGAIN
        return not last.asked and now - last.began >= RETRY

    def begin(self, size: int, signed: Note, now: datetime, before: Note | None = None) -> Note | None:
        """Ask every witness for a checkpoint that we signed; return its note at once where it needs nobody more.

        `before` is the same checkpoint with cosignatures of earlier rounds; each stays until there is a newer one.
        """
        begun = Round(size, signed, before or signed, now, {asking.name for asking in self._askings})
        begun.met = self._is_good(begun.note)
        with self._wake:
            self._round = begun
            self._wake.notify_all()
        return begun.note if begun.met else None

    def take(self, now: datetime, wait: float) -> Note | None:
        """Wait for answers, up to so many seconds; return the note to publish where the quorum is there, else None."""
        better = None
        while True:
            try:
                answer = self._answers.get(timeout=wait)
            except Empty:
                return better
            better, wait = self._take(answer, now) or better, 0

    def _take(self, answer: Answer, now: datetime) -> Note | None:
        self._tell(answer, now)
        current = self._round
        if current is None or answer.round is not current:
            return None
        current.asked.discard(answer.witness)
        if answer.note is None:
            return None
        current.note = merged(current.note, answer.note)
        current.met = current.met or self._is_good(current.note)
        return current.note if current.met else None

    def _is_good(self, note: Note) -> bool:
        try:
            self._policy.check(note.encode())
        except LogError:
            return False
        return True

    def _tell(self, answer: Answer, now: datetime) -> None:
        """Log what a witness answers when it changes, and once a minute while it is not as it should be."""
        sentence = str(answer.problem) if answer.problem else ""
        self.conflicts.pop(answer.witness, None)
        if isinstance(answer.problem, Conflict):
            self.conflicts[answer.witness] = sentence
        before, at = self._told.get(answer.witness, ("", now))
        if sentence == before and not (sentence and now - at >= AGAIN):
            return
        self._told[answer.witness] = (sentence, now)
        if isinstance(answer.problem, Conflict):
            say.error("ALARM: a witness has co-signed another log than this", witness=answer.witness, problem=sentence)
        elif sentence:
            say.warning("A witness does not co-sign; it is asked again", witness=answer.witness, problem=sentence)
        else:
            say.info("A witness co-signs again", witness=answer.witness)

    def _keep_asking(self, asking: Asking) -> None:
        done: Round | None = None
        while round := self._next(done):
            self._answers.put(self._ask(asking, round))
            done = round

    def _next(self, done: Round | None) -> Round | None:
        """Wait for another round than the one that is done; None at the end."""
        with self._wake:
            self._wake.wait_for(lambda: self._ended or self._round is not done)
            return None if self._ended else self._round

    def _ask(self, asking: Asking, round: Round) -> Answer:
        try:
            cosigned = asking.cosign(round.signed, self._folder.nodes(round.size))
        except (Away, Conflict) as problem:
            return Answer(asking.name, round, problem=problem)
        except Exception as problem:  # whatever a witness provokes is its own affair, and no other's
            say.error("Asking a witness failed", witness=asking.name, problem=repr(problem))
            return Answer(asking.name, round, problem=Away(f"Asking {asking.name} failed: {problem}"))
        return Answer(asking.name, round, cosigned)


def merged(note: Note, other: Note) -> Note:
    """Return the note with the signatures of another over the same text, which go before its own of the same keys."""
    newer = {(signature.name, signature.id): signature for signature in other.signatures}
    kept = [newer.pop((old.name, old.id), old) for old in note.signatures]
    return Note(note.text, (*kept, *newer.values()))


def largest(policy: Policy, empty: Note) -> tuple[int, str]:
    """Return the largest size that any witness of a policy has co-signed, and who; (0, "") where nobody has.

    `empty` is a checkpoint of the empty log. So many must answer that those who do not could be no quorum among
    themselves: then one at least of those who answer has co-signed whatever was ever published. Raise Away otherwise.
    """
    sizes: dict[str, int] = {}
    silent = {w.name: f"The witness {w.name} has no address in the policy." for w in policy.witnesses if not w.url}
    askings = _askings(policy)
    with ThreadPoolExecutor(max_workers=len(askings) or 1) as pool:
        for asking, asked in [(asking, pool.submit(asking.last_size, empty)) for asking in askings]:
            try:
                sizes[asking.name] = asked.result()
            except (Away, Conflict) as problem:
                silent[asking.name] = str(problem)
    if policy.quorum_of(silent) and not policy.quorum_of(()):
        raise Away(" ".join(silent.values()))
    return max(((size, name) for name, size in sizes.items()), default=(0, ""))


def fresh_at(policy: Policy, cosigned: Mapping[str, int]) -> int | None:
    """Return since when no quorum has said that a checkpoint is the last: the latest moment at which one still did.

    In seconds since 1970; None where the policy asks for no cosignature.
    """
    if policy.quorum_of(()):
        return None
    times = sorted(cosigned.values(), reverse=True)
    said_by = ((at, [name for name, when in cosigned.items() if when >= at]) for at in times)
    return next((at for at, names in said_by if policy.quorum_of(names)), None)


def _askings(policy: Policy, size: int = 0) -> list[Asking]:
    return [Asking(witness, size) for witness in policy.witnesses if witness.url]
