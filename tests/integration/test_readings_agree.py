"""Three readings of one history agree: the live tables, their rebuild from the log, and the audit service's own."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.designs import Design
from services.audit.telling import stories
from services.catalogue import commands
from services.codesign import reading
from services.kernel import rebuild
from services.kernel.events import ERASED, Actor
from tests.people import person
from tests.played import SERVED, Played, Slate

EXAMPLES, COMMANDS = 200, 50
LIKELY = [
    *["comment"] * 6,
    *["disposes", "revises", "endorses"] * 3,
    *["opens", "consults", "invites", "answers_all", "submits"] * 2,
    *["recalls", "publishes", "finishes", "erases", "withholds"],
]

plays = st.tuples(st.lists(st.sampled_from(LIKELY), min_size=COMMANDS, max_size=COMMANDS), st.integers(0, 2**32))


@pytest.mark.usefixtures("module_database")
def test_rebuild_live_tables_and_the_audits_own_reading_agree() -> None:
    """Whatever is done, however late or often messages come, whoever is erased: all come to the same."""
    slate, done = Slate(), [0]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # what fails is played again by its seed; a smaller one takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(plays)
    def play(chosen: tuple[list[str], int]) -> None:
        slate.clean()
        acts, seed = chosen
        played = Played(Random(seed))
        for act in ["opens", "consults", *acts[2:]]:
            played.act(act)
            for _ in range(played.random.randrange(4)):
                played.deliver()
        played.settle()
        done[0] += played.done
        agree(played)

    play()
    assert done[0] > EXAMPLES * COMMANDS / 3  # what the rules refuse is a command too, but not all may be


def agree(played: Played) -> None:
    """Hold the readings against each other."""
    for service in SERVED:
        verdict = rebuild.check(service, shuffle=played.random.randrange(100))
        assert verdict.differs is None, (service, verdict)
    auditor = person("auditor")
    for draft in played.drafts:
        story = stories.story(auditor, draft)
        assert of_audit(story.design) == of_catalogue(played.leads[0], draft)
        for read in story.consultations:
            assert of_audits_consultation(read) == of_codesign(auditor, read.id)
        assert {read.id for read in story.consultations} == {
            id for of, id in played.consultations.items() if of == draft
        }


def of_audit(read: Design) -> dict[str, Any]:
    """A design as the log's own reading has it."""
    assert all(version.whole for version in read.versions)
    assert all(submission.whole for submission in read.submissions)
    standing = read.standing_submission
    return {
        "versions": [
            (version.number, version.document, version.stated_hash, words(version.entry.open("summary")))
            for version in read.versions
        ],
        "published": bool(read.published),
        "submission": standing.id if standing else None,
    }


def of_catalogue(lead: Actor, id: str) -> dict[str, Any]:
    """A design as the catalogue shows it."""
    draft = commands.draft(lead, id)
    versions = [commands.version(lead, id, number) for number in range(1, draft.version + 1)]
    standing = draft.submission if draft.submission and not draft.submission.recalled else None
    return {
        "versions": [(one["version"], one["document"], one["document_hash"], one["summary"]) for one in versions],
        "published": draft.credential is not None,
        "submission": standing.id if standing else None,
    }


def of_audits_consultation(read: Consultation) -> dict[str, Any]:
    """A consultation as the log's own reading has it."""
    assert all(comment.known for comment in read.comments.values())
    assert all(given.known for given in read.endorsements)
    return {
        "version": read.version,
        "visibility": read.visibility,
        "question": words(read.opened.open("question")) if read.opened else None,
        "participants": set(read.participants),
        "comments": [_comment(comment) for comment in read.comments.values()],
        "endorsements": [_endorsement(given) for given in read.endorsements],
        "sealed": read.seal is not None,
    }


def _comment(comment: Comment) -> dict[str, Any]:
    answer = comment.disposition
    return {
        "id": comment.id,
        "element": comment.element,
        "version": comment.version,
        "kind": comment.kind,
        "text": words(comment.entry.open("text")),
        "suggestion": words(comment.entry.open("suggestion")),
        "disposition": (answer.get("disposition"), words(answer.open("reason"))) if answer else None,
    }


def _endorsement(given: Endorsement) -> dict[str, Any]:
    found = {name: getattr(given, name) for name in ("id", "version", "interest")}
    return found | {"elements": dict(given.covers), "statement": words(given.entry.open("statement"))}


def of_codesign(auditor: Actor, id: str) -> dict[str, Any]:
    """A consultation as co-design shows it."""
    shown = reading.consultation(auditor, id)
    comments = reading.comments(auditor, id)
    endorsements = reading.endorsements(auditor, id)
    return {
        "version": shown["opened_on"],
        "visibility": shown["visibility"],
        "question": shown["question"],
        "participants": {one["organisation"]["id"] for one in shown["participants"]},
        "comments": [
            {name: one[name] for name in ("id", "element", "version", "kind", "text", "suggestion")}
            | {"disposition": (said["disposition"], said["reason"]) if (said := one["disposition"]) else None}
            for one in comments
        ],
        "endorsements": [
            {name: one[name] for name in ("id", "version", "interest", "elements", "statement")} for one in endorsements
        ],
        "sealed": shown["status"] in ("sealed", "published"),
    }


def words(value: Any) -> Any:
    """What stands where words may have been erased."""
    return None if value is ERASED else value
