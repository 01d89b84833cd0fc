"""Sealing a submitted version, or saying what is missing: the co-design side of the handshake of publication."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.codesign.domain.consultation import Consultation, Version
from services.kernel import documents
from services.kernel.events import Fact

NEEDED = {"employer": "no_employer_endorsement", "professional_body": "no_professional_body_endorsement"}
RELATED = ("owner_or_group", "paid")  # shown, but not counted (R27)
MOST_NAMED = 200  # an event has at most 65,535 bytes; a page shows the rest


@dataclass(frozen=True, slots=True)
class Endorsement:
    """An endorsement as the seal sees it: hash by covered element, and the endorser's confirmed standing, if any.

    `sequence` is its place among the consultation's events: the newest of an organisation replaces the older ones.
    """

    id: str
    organisation: str
    elements: Mapping[str, str]
    interest: str
    standing: str | None
    sequence: int

    def counts_for(self, elements: Mapping[str, str]) -> bool:
        """Say whether it counts for a version: a confirmed, unrelated party, and all it covers stands as endorsed."""
        return self.standing in NEEDED and self.interest not in RELATED and not self.changed_in(elements)

    def changed_in(self, elements: Mapping[str, str]) -> list[str]:
        """Return the pointers of those elements it covers that are other in a version, or gone."""
        return [pointer for pointer, hash in self.elements.items() if elements.get(pointer) != hash]


@dataclass(frozen=True, slots=True)
class Submission:
    """A version the provider submitted for the seal."""

    id: str
    version: int
    document_hash: str


def answer(
    consultation: Consultation,
    submission: Submission,
    version: Version | None,
    open_comments: Sequence[str],
    endorsements: Sequence[Endorsement],
) -> Fact:
    """Return the seal, or what is missing for it. `version` is our copy of the one submitted, None if there is none."""
    data: dict[str, Any] = {
        "consultation": consultation.id,
        "draft": consultation.draft,
        "version": submission.version,
        "submission": submission.id,
        "document_hash": submission.document_hash,
    }
    if version is None or version.hash != submission.document_hash:
        lacking = [{"code": "unknown_version"}]
    else:
        lacking = missing(version, open_comments, endorsements)
    if lacking:
        return Fact("codesign.consultation.unready.v1", consultation.id, data | {"missing": lacking})
    grounds = [endorsement.id for endorsement in counting(version, endorsements)] if version else []
    return Fact("codesign.consultation.sealed.v1", consultation.id, data | {"endorsements": grounds})


def missing(
    version: Version, open_comments: Sequence[str], endorsements: Sequence[Endorsement]
) -> list[dict[str, Any]]:
    """Return what a version lacks for the seal: open comments, and the endorsement of each side it needs."""
    lacking: list[dict[str, Any]] = []
    if open_comments:
        lacking.append({"code": "open_comments", "comments": list(open_comments[:MOST_NAMED])})
    standings = {endorsement.standing for endorsement in counting(version, endorsements)}
    return lacking + [{"code": code} for standing, code in NEEDED.items() if standing not in standings]


def counting(version: Version, endorsements: Sequence[Endorsement]) -> list[Endorsement]:
    """Return the endorsements that count for a version, oldest first: of each organisation its newest alone."""
    elements = documents.elements(version.document)
    newest = {e.organisation: e for e in sorted(endorsements, key=lambda e: e.sequence)}
    return sorted((e for e in newest.values() if e.counts_for(elements)), key=lambda e: e.sequence)
