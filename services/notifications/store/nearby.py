"""Who is near a piece of news, and what it is called: read from the fold when a notice is made, and when it is read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.kernel.db import Transaction
from services.notifications.domain import Circle, Member, News, TooEarly
from services.notifications.words import Scene


def news(tx: Transaction, event_id: str) -> News:
    """Return the news of an event that was folded."""
    row = tx.one("SELECT * FROM news WHERE event = %(event)s", {"event": event_id})
    assert row is not None, "the caller has folded it"
    return News(**row)


def news_since(tx: Transaction, moment: datetime, organisation: str) -> Iterator[News]:
    """Yield the news after a moment in which an organisation has a part, as the provider or by invitation."""
    rows = tx.all(
        """SELECT n.* FROM news n LEFT JOIN consultation c USING (consultation) LEFT JOIN draft d ON d.draft = n.draft
           WHERE n.time > %(moment)s AND n.type NOT LIKE 'accounts.%%'
             AND (coalesce(c.organisation, d.organisation) = %(organisation)s OR EXISTS (
                  SELECT 1 FROM news i WHERE i.consultation = n.consultation
                  AND i.type = 'codesign.participant.invited.v1' AND i.details->>'organisation' = %(organisation)s))
           ORDER BY n.time, n.event""",
        {"moment": moment, "organisation": organisation},
    )
    return (News(**row) for row in rows)


def circle(tx: Transaction, news: News) -> Circle:
    """Load everybody who may have to do with a piece of news.

    Raise TooEarly where it names a consultation, draft, comment, submission or seal that is not known here yet.
    """
    provider = _provider(tx, news)
    parts = _parts(tx, news)
    invited, contributors = frozenset(parts["invited"] or ()), frozenset(parts["contributors"] or ())
    if news.type == "codesign.disposition.recorded.v1" and parts["commenter"] is None:
        raise TooEarly(f"comment {news.details['comment']} is not known here yet")
    if news.type.startswith("codesign.consultation.") and parts["submitter"] is None:
        raise TooEarly(f"submission {news.details['submission']} is not known here yet")
    if news.type == "catalogue.credential.published.v1" and not parts["sealed"]:
        # with the seal, everything before it in the consultation was heard: who was invited, who has commented
        raise TooEarly(f"the seal of submission {news.details['submission']} is not known here yet")
    people = contributors | {parts["commenter"], parts["submitter"]}
    return Circle(
        members=_members(tx, organisations=list(invited | {provider}), people=list(people)),
        provider=provider,
        invited=invited,
        commenter=parts["commenter"],
        submitter=parts["submitter"],
        contributors=contributors,
    )


def _provider(tx: Transaction, news: News) -> str | None:
    """Return the provider of the design the news is about; None where it is about none."""
    if news.consultation is None and news.draft is None:
        return None
    provider: str | None = tx.value(
        """SELECT d.organisation FROM draft d WHERE d.draft = coalesce(%(draft)s, (
               SELECT draft FROM consultation WHERE consultation = %(consultation)s))""",
        {"draft": news.draft, "consultation": news.consultation},
    )
    known = news.consultation is None or tx.value(
        "SELECT true FROM consultation WHERE consultation = %(consultation)s", {"consultation": news.consultation}
    )
    if provider is None or not known:
        raise TooEarly(f"consultation {news.consultation} or draft {news.draft} is not known here yet")
    return provider


def _parts(tx: Transaction, news: News) -> dict[str, Any]:
    row = tx.one(
        """SELECT
             (SELECT array_agg(details->>'organisation') FROM news
               WHERE consultation = %(consultation)s AND type = 'codesign.participant.invited.v1') AS invited,
             (SELECT array_agg(DISTINCT actor) FROM news WHERE consultation = %(consultation)s
                AND type IN ('codesign.comment.submitted.v1', 'codesign.endorsement.given.v1')) AS contributors,
             (SELECT actor FROM news WHERE type = 'codesign.comment.submitted.v1'
                AND details->>'comment' = %(comment)s) AS commenter,
             EXISTS (SELECT FROM news WHERE consultation = %(consultation)s
                AND type = 'codesign.consultation.sealed.v1' AND details->>'submission' = %(submission)s) AS sealed,
             (SELECT actor FROM news WHERE type = 'catalogue.draft.submitted.v1'
                AND details->>'submission' = %(submission)s) AS submitter""",
        {
            "consultation": news.consultation,
            "comment": news.details.get("comment"),
            "submission": news.details.get("submission"),
        },
    )
    return row or {}


def _members(tx: Transaction, organisations: list[str | None], people: list[str | None]) -> tuple[Member, ...]:
    rows = tx.all(
        """SELECT m.person, m.organisation, array_remove(array_agg(r.role), NULL) AS roles
           FROM membership m LEFT JOIN role r ON r.person = m.person AND r.organisation = m.organisation
                AND r.held AND r.sequence > m.left_by
           WHERE m.joined_by > m.left_by AND (m.organisation = ANY(%(organisations)s) OR m.person = ANY(%(people)s))
           GROUP BY m.person, m.organisation""",
        {"organisations": organisations, "people": people},
    )
    return tuple(Member(row["person"], row["organisation"], frozenset(row["roles"])) for row in rows)


# What the words of news are made of. An endorsement speaks for the organisation it names, which is the actor's too.
SCENE = """
    SELECT n.event, n.type, n.details, n.consultation, coalesce(n.draft, c.draft) AS draft, n.time,
           d.title, p.name AS provider, a.name AS acting, who.display_name AS person, c.closes_at
    FROM news n
    LEFT JOIN consultation c ON c.consultation = n.consultation
    LEFT JOIN draft d ON d.draft = coalesce(n.draft, c.draft)
    LEFT JOIN organisation p ON p.organisation = d.organisation
    LEFT JOIN organisation a ON a.organisation = n.organisation
    LEFT JOIN person who ON who.person = n.actor"""
_NAMES = ("type", "details", "consultation", "draft", "title", "provider", "acting", "person", "closes_at")


def scene_of(row: dict[str, Any]) -> Scene:
    """Return the scene in a row that was selected with SCENE."""
    return Scene(**{name: row[name] for name in _NAMES})


def scene(tx: Transaction, event_id: str) -> Scene:
    """Return what the words of an event's news are made of."""
    row = tx.one(f"{SCENE} WHERE n.event = %(event)s", {"event": event_id})
    assert row is not None, "a letter is written in the transaction that folded its news"
    return scene_of(row)
