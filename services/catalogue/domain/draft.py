"""A draft as the rules see it, and how far it has come. Its state is read off the facts, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.kernel.documents import Document

Status = Literal["drafting", "in_consultation", "submitted", "unready", "sealed", "published"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What co-design answered to a submission; `event` is its id, which the publication rests on."""

    sealed: bool
    event: str
    consultation: str
    document_hash: str
    missing: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A version put forward for the seal, by whom, and what became of it."""

    id: str
    version: int
    document_hash: str
    by: str
    at: datetime
    recalled: bool
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft at its newest version, with its newest submission and the credential it became."""

    id: str
    organisation: str
    version: int
    document: Document
    document_hash: str
    changed_at: datetime
    consultation: str | None
    submission: Submission | None
    credential: str | None

    @property
    def pending(self) -> Submission | None:
        """The submission that stands: not recalled, and of the version as it is now."""
        last = self.submission
        return last if last is not None and not last.recalled and last.version == self.version else None

    @property
    def status(self) -> Status:
        """How far the draft has come. An answer counts for the submission that stands and for no other."""
        if self.credential is not None:
            return "published"
        if self.pending is None:
            return "drafting" if self.consultation is None else "in_consultation"
        if (answer := self.answer) is None:
            return "submitted"
        return "sealed" if answer.sealed else "unready"

    @property
    def answer(self) -> Answer | None:
        """The answer to the submission that stands, where it speaks of the very same document."""
        answer = self.pending.answer if self.pending is not None else None
        return answer if answer is not None and answer.document_hash == self.document_hash else None

    @property
    def tag(self) -> str:
        """Short words that change whenever the draft or its state does."""
        return f"{self.version}-{self.status}-{self.submission.id if self.submission else ''}"

    @property
    def locked(self) -> bool:
        """Whether the words must stay as they are now: they lie with co-design, or are sealed, or published."""
        return self.status in ("submitted", "sealed", "published")
