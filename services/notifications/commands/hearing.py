"""Hear of an event: remember what it says, and tell those whom it concerns."""

from services.kernel import clock, erasures, ids, outbox, revocation
from services.kernel.db import Transaction
from services.kernel.events import Event
from services.notifications import domain, store
from services.notifications.domain import RULES, News, Notice
from services.notifications.store import letters, nearby, notices

# The private words a mail quotes, by the event they travel beside.
QUOTED = {
    "codesign.comment.submitted.v1": "/data/text",
    "codesign.disposition.recorded.v1": "/data/reason",
    "codesign.endorsement.given.v1": "/data/statement",
}


def hear(tx: Transaction, event: Event) -> None:
    """Remember what an event says, and tell whom it concerns; in the transaction that claims it.

    Raise TooEarly, and so change nothing, where it speaks of what is not known here yet.
    """
    store.project(tx, event)
    _withdraw(tx, event)
    if event.type in RULES:
        _tell(tx, nearby.news(tx, event.id), event)
    elif event.type in ("accounts.person.joined.v1", "accounts.role.granted.v1"):
        _catch_up(tx, event)


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of the words of somebody who was erased, or of one text: in names, and in mail that is not sent yet."""
    erasures.hear(tx, event)
    store.project(tx, event)
    if event.type == "accounts.person.erased.v1":
        letters.blank_of(tx, event.subject)
        revocation.revoke(tx, "person", event.subject, event.time)
    elif QUOTED.get(event.data["about"]["type"]) == event.data["pointer"]:
        letters.blank_about(tx, event.data["event"])


def _withdraw(tx: Transaction, event: Event) -> None:
    """End sessions before their time: one that was revoked, or all of a person who lost a role or left."""
    if event.type == "accounts.session.revoked.v1":
        revocation.revoke(tx, "session", event.data["session"], event.time)
    elif event.type in ("accounts.role.revoked.v1", "accounts.person.left.v1"):
        revocation.revoke(tx, "person", event.data["person"], event.time)


def _tell(tx: Transaction, news: News, event: Event | None = None, *, only: str | None = None) -> None:
    """Tell the hearers of a piece of news, or one of them, who was not told yet."""
    for person in sorted(domain.hearers(news, nearby.circle(tx, news))):
        if only in (None, person):
            for channel in RULES[news.type].channels:
                _notify(tx, Notice(ids.new_id(), person, news.event, news.type, channel), event)


def _notify(tx: Transaction, notice: Notice, event: Event | None) -> None:
    if not notices.claim(tx, notice):
        return
    if notice.channel == "inbox":
        store.project(tx, outbox.emit(tx, domain.delivered(notice)))
    else:
        words = event.words(QUOTED[notice.about_type]) if event and notice.about_type in QUOTED else None
        letters.write(tx, notice, words, event.actor if event else "system", clock.now())


def _catch_up(tx: Transaction, event: Event) -> None:
    """Tell a person of what happened since they had their place, where the news of the place came after that.

    Events of different subjects arrive in any order: a comment may be heard before the news that its hearer had joined.
    """
    person, organisation = event.data["person"], event.data["organisation"]
    for news in nearby.news_since(tx, event.time, organisation):
        _tell(tx, news, only=person)
