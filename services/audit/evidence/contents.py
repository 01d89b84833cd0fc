"""What a report tells of the record: designs, consultations, publications, gaps and erasures, each with its entries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.audit.reading.elements import title

Data = Mapping[str, Any]


@dataclass(slots=True)
class Design:
    """A design: where it was opened, its newest version, and where it was published."""

    entry: int
    organisation: str
    title: str
    versions: int = 1
    published: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Consultation:
    """A consultation: where it was opened and sealed, and how much was said in it."""

    entry: int
    draft: str
    organisation: str
    participants: int = 0
    comments: int = 0
    dispositions: int = 0
    endorsements: int = 0
    sealed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that was published, and the entries that opened and sealed its consultation."""

    entry: int
    draft: str
    version: int
    organisation: str
    time: str
    seal: int | None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the log says about itself: what is missing, erased, withheld, lost; and who says so."""

    entry: int
    time: str
    said: str


@dataclass(slots=True)
class Contents:
    """What the entries come to. `take` is told every entry whose type is one of `TYPES`, in order."""

    organisations: dict[str, str] = field(default_factory=dict)
    designs: dict[str, Design] = field(default_factory=dict)
    consultations: dict[str, Consultation] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    gaps: list[Remark] = field(default_factory=list)
    erasures: list[Remark] = field(default_factory=list)
    before: list[Remark] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    _seals: dict[str, int] = field(default_factory=dict)

    def take(self, entry: int, body: bytes) -> None:
        """Take what an entry says; one that does not say it as its contract wants is passed over."""
        event = json.loads(body)
        try:
            TYPES[event["type"]](self, entry, event, event["data"])
        except (KeyError, TypeError, AttributeError):
            return

    def see(self, at: datetime) -> None:
        """Note when something happened, by the clock of the service that said so."""
        self.first = at if self.first is None or at < self.first else self.first
        self.last = at if self.last is None or at > self.last else self.last

    def name(self, organisation: str) -> str:
        """Return an organisation's name, its id where the entries do not say one."""
        return self.organisations.get(organisation, organisation)

    def title(self, draft: str) -> str:
        """Return a design's title, its id where the entries do not say one."""
        design = self.designs.get(draft)
        return (design.title if design else "") or draft


def _organisation(read: Contents, _: int, __: Data, data: Data) -> None:
    read.organisations[data["organisation"]] = str(data["name"])


def _opened(read: Contents, entry: int, event: Data, data: Data) -> None:
    read.designs[event["subject"]] = Design(entry, data["organisation"], title(data["document"]))


def _revised(read: Contents, _: int, event: Data, data: Data) -> None:
    read.designs[event["subject"]].versions = data["version"]


def _submitted(read: Contents, _: int, event: Data, data: Data) -> None:
    design = read.designs[event["subject"]]
    design.title = title(data["document"]) or design.title


def _published(read: Contents, entry: int, event: Data, data: Data) -> None:
    seal = read._seals.get(data["seal"])
    read.publications.append(
        Publication(entry, event["subject"], data["version"], data["organisation"], event["time"], seal)
    )
    read.designs[event["subject"]].published.append(entry)


def _consulted(read: Contents, entry: int, event: Data, data: Data) -> None:
    read.consultations[event["subject"]] = Consultation(entry, data["draft"], data["organisation"])


def _invited(read: Contents, _: int, event: Data, __: Data) -> None:
    read.consultations[event["subject"]].participants += 1


def _commented(read: Contents, _: int, event: Data, __: Data) -> None:
    read.consultations[event["subject"]].comments += 1


def _disposed(read: Contents, _: int, event: Data, __: Data) -> None:
    read.consultations[event["subject"]].dispositions += 1


def _endorsed(read: Contents, _: int, event: Data, __: Data) -> None:
    read.consultations[event["subject"]].endorsements += 1


def _sealed(read: Contents, entry: int, event: Data, _: Data) -> None:
    read._seals[event["id"]] = entry
    read.consultations[event["subject"]].sealed.append(entry)


def _gap(read: Contents, entry: int, event: Data, data: Data) -> None:
    first, last = data["first"], data["last"]
    numbers = f"number {first:,}" if first == last else f"numbers {first:,} to {last:,}"
    late = "came late" if event["type"].startswith("audit.gap.closed.") else "had not come, and others were waiting"
    read.gaps.append(Remark(entry, event["time"], f"Of {data['about']} from {data['producer']}, {numbers} {late}."))


def _erased(read: Contents, entry: int, event: Data, _: Data) -> None:
    said = f"Everything that person {event['subject']} had said in confidence was erased."
    read.erasures.append(Remark(entry, event["time"], said))


def _withheld(read: Contents, entry: int, event: Data, data: Data) -> None:
    ground = str(data["ground"]).replace("_", " ")
    said = f"The text at {data['pointer']} of event {data['event']} was withheld (ground: {ground})."
    read.erasures.append(Remark(entry, event["time"], said))


def _lost(read: Contents, entry: int, event: Data, data: Data) -> None:
    said = f"{len(data['values']):,} private values were lost, and no copy had them."
    read.erasures.append(Remark(entry, event["time"], said))


def _succeeded(read: Contents, entry: int, event: Data, data: Data) -> None:
    said = f"This record took the place of {data['origin']}, which had {data['size']:,} entries: {data['ground']}"
    read.before.append(Remark(entry, event["time"], said))


TYPES: Mapping[str, Callable[[Contents, int, Data, Data], None]] = {
    "accounts.organisation.registered.v1": _organisation,
    "accounts.organisation.changed.v1": _organisation,
    "accounts.person.erased.v1": _erased,
    "catalogue.draft.opened.v1": _opened,
    "catalogue.draft.revised.v1": _revised,
    "catalogue.draft.submitted.v1": _submitted,
    "catalogue.credential.published.v1": _published,
    "codesign.consultation.opened.v1": _consulted,
    "codesign.participant.invited.v1": _invited,
    "codesign.comment.submitted.v1": _commented,
    "codesign.disposition.recorded.v1": _disposed,
    "codesign.endorsement.given.v1": _endorsed,
    "codesign.consultation.sealed.v1": _sealed,
    "audit.gap.found.v1": _gap,
    "audit.gap.closed.v1": _gap,
    "audit.text.withheld.v1": _withheld,
    "audit.values.lost.v1": _lost,
    "audit.log.succeeded.v1": _succeeded,
}
