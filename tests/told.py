"""What must have come of a round by its log: who had to be told, what each handler had to see; and whether it is so.

Who hears of what is written here once more, from the words of the script's cast: the platform's own rules are what is
tested.
"""

from collections import Counter
from collections.abc import Iterator

from services.cli.round.cast import Cast
from services.kernel import db, events, topology
from services.kernel.events import Event
from services.kernel.topology import Handler
from tests.local import mails

Notice = tuple[str, str, str]
"""The event, the person who is told of it, and the channel."""

AUTHORS, LEADS = {"designer", "second"}, {"designer", "second"}
REVIEWERS = {"logistics": "employer", "bikes": "small_firm", "association": "body"}


def holds(cast: Cast) -> bool:
    """Hold that all is as the log says it must be; fail with what is not."""
    wrong = what_is_wrong(cast)
    assert not wrong, "\n".join(wrong)
    return True


def what_is_wrong(cast: Cast) -> list[str]:
    """Return all that is not as the log says it must be; empty when the platform is whole."""
    log = list(_log())
    return [*_notices(log, cast), *_mails(cast), *_unseen(log), *_early()]


def expected(log: list[Event], cast: Cast) -> Counter[Notice]:
    """Return each notice that must have been kept, once."""
    return Counter(
        (event.id, person, channel)
        for event in log
        for person in _hearers(event, log, cast)
        for channel in ("inbox", "email")
    )


def _hearers(event: Event, log: list[Event], cast: Cast) -> set[str]:
    """Return the persons who must be told of an event."""
    who = {name: person.id for name, person in cast.people.items()}
    places = {id: name for name, id in cast.organisations.items()}
    reviewers = {who[name] for name in REVIEWERS.values()}
    authors, leads = {who[name] for name in AUTHORS}, {who[name] for name in LEADS}
    match event.type:
        case "codesign.participant.invited.v1":
            return {who[REVIEWERS[places[event.data["organisation"]]]]}
        case "codesign.comment.submitted.v1":
            return authors
        case "codesign.disposition.recorded.v1":
            return {_actor(log, "codesign.comment.submitted.v1", "comment", event)}
        case "codesign.endorsement.given.v1":
            return leads
        case "catalogue.draft.submitted.v1":
            return leads - {event.actor}
        case "codesign.consultation.sealed.v1":
            return leads - {_actor(log, "catalogue.draft.submitted.v1", "submission", event)}
        case "codesign.consultation.unready.v1":
            return leads
        case "catalogue.credential.published.v1":
            return (reviewers | authors) - {event.actor}
    return set()  # the links of a round are handed over by the operator: no mail


def _actor(log: list[Event], type: str, name: str, event: Event) -> str:
    """Return who did what an event answers: the one of that type with the same value under a name."""
    return next(one.actor for one in log if one.type == type and one.data[name] == event.data[name])


def _log() -> Iterator[Event]:
    with db.of("audit").transaction(read_only=True) as tx:
        for row in tx.all("SELECT body FROM entry ORDER BY idx"):
            yield events.parse(bytes(row["body"]))


def _notices(log: list[Event], cast: Cast) -> Iterator[str]:
    with db.of("notifications").transaction(read_only=True) as tx:
        rows = tx.all("SELECT about, person, channel, ground FROM notice")
    wanted, kept = expected(log, cast), Counter((row["about"], row["person"], row["channel"]) for row in rows)
    types = {event.id: event.type for event in log}
    yield from (f"not told of {types[notice[0]]}: {notice}" for notice in wanted - kept)
    yield from (f"told of {types[notice[0]]} too often, or without reason: {notice}" for notice in kept - wanted)
    yield from (f"given up: {row}" for row in rows if row["ground"])


def _mails(cast: Cast) -> Iterator[str]:
    """Hold each kept notice by mail to one Message-ID, sent to its person, and each Message-ID to one notice."""
    addresses = {person.id: person.address for person in cast.people.values()}
    with db.of("notifications").transaction(read_only=True) as tx:
        rows = tx.all("SELECT notice, person FROM notice WHERE channel = 'email'")
    wanted = {(row["notice"], addresses[row["person"]]) for row in rows}
    caught = {(mail["message_id"].strip("<>").partition("@")[0], *mail["to"]) for mail in mails()["messages"]}
    yield from (f"never mailed: {letter}" for letter in wanted - caught)
    yield from (f"mailed without a notice: {letter}" for letter in caught - wanted)


def _unseen(log: list[Event]) -> Iterator[str]:
    """Hold the inbox of each handler to the entries of the types it hears."""
    for handler in topology.handlers():
        seen = _inbox(handler)
        yield from (
            f"{handler.service}.{handler.name} never saw {event.type} {event.id}"
            for event in log
            if event.type in handler.types and event.id not in seen
        )


def _inbox(handler: Handler) -> set[str]:
    statement = f"SELECT event_id::text AS id FROM {handler.service}_own.inbox WHERE handler = %(name)s"
    with db.of(handler.service).transaction(read_only=True) as tx:
        return {row["id"] for row in tx.all(statement, {"name": handler.name})}


def _early() -> Iterator[str]:
    with db.of("audit").transaction(read_only=True) as tx:
        yield from (f"no entry yet: {row}" for row in tx.all("SELECT source, subject, sequence FROM audit_own.early"))
