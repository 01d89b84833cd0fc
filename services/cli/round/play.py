"""The steps of a round, in order; each yields what was done, in words, and the event that tells of it."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from services.cli.round.cast import Cast, Script
from services.kernel import clock

Steps = Generator["Step", None, None]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: a sentence, and the id of its event.

    What co-design answers in its own time has no id here yet: then `answer` names the event by type and consultation.
    """

    sentence: str
    event: str = ""
    answer: tuple[str, str] | None = None


def script(name: str = "lithium-batteries") -> Script:
    """Read a round from `examples/rounds/`."""
    found: Script = json.loads(files("examples").joinpath("rounds", f"{name}.json").read_text("utf-8"))
    return found


def play(script: Script, cast: Cast) -> Steps:
    """Play a whole round, from the draft to the published credential."""
    draft, consultation = yield from _open(script, cast)
    comments = yield from _comment(script, cast, consultation)
    yield from _answer(script, cast, draft, comments)
    yield from _submit_too_early(cast, draft, consultation)
    yield from _endorse(script, cast, consultation)
    yield from _seal_and_publish(cast, draft, consultation)


def _open(script: Script, cast: Cast) -> Generator[Step, None, tuple[str, str]]:
    designer, wish = cast.people["designer"], script["consultation"]
    draft, event = designer.make("draft", "/catalogue/api/v1/drafts", {"example": script["example"]})
    yield Step(f"{designer.name} opens a draft from the example “{script['example']}”.", event)
    asked = {
        "draft": draft,
        "closes_at": clock.rfc3339(clock.now() + timedelta(days=wish["days"])),
        "organisations": [cast.organisations[name] for name in wish["invites"]],
        "visibility": wish["visibility"],
        "question": wish["question"],
    }
    consultation, event = designer.make("consultation", "/codesign/api/v1/consultations", asked)
    invited = ", ".join(script["organisations"][name]["name"] for name in wish["invites"])
    yield Step(f"{designer.name} opens a consultation for {wish['days']} days and invites {invited}.", event)
    return draft, consultation


def _comment(script: Script, cast: Cast, consultation: str) -> Generator[Step, None, list[str]]:
    comments = []
    for wish in script["comments"]:
        person = cast.people[wish["by"]]
        said = {key: value for key, value in wish.items() if key != "by"}
        comment, event = person.make("comment", f"/codesign/api/v1/consultations/{consultation}/comments", said)
        also = ", and suggests other words" if "wording" in wish else ""
        yield Step(f"{person.name} comments on {wish['pointer']} ({wish['kind']}){also}.", event)
        comments.append(comment)
    return comments


def _answer(script: Script, cast: Cast, draft: str, comments: list[str]) -> Steps:
    designer = cast.people["designer"]
    revised = designer.patch(f"/catalogue/api/v1/drafts/{draft}", script["revision"] | {"answers": comments}, version=1)
    yield Step(f"{designer.name} revises the draft: version 2 answers {len(comments)} comments.", revised["event"])
    for comment, wish in zip(comments, script["dispositions"], strict=True):
        answer = {"disposition": wish["disposition"], "reason": wish["reason"]}
        done = designer.post(f"/codesign/api/v1/comments/{comment}/disposition", answer)
        yield Step(
            f"{designer.name} answers a comment: {wish['disposition'].replace('_', ' ')}, with a reason.", done["event"]
        )


def _submit_too_early(cast: Cast, draft: str, consultation: str) -> Steps:
    designer = cast.people["designer"]
    submitted = designer.post(f"/catalogue/api/v1/drafts/{draft}/submission", version=2)
    yield Step(f"{designer.name} submits version 2 for the seal, too early.", submitted["event"])
    found = designer.get(f"/catalogue/api/v1/drafts/{draft}", lambda d: d["status"] == "unready")
    missing = ", ".join(item["code"].replace("_", " ") for item in found["submission"]["missing"])
    unready = ("codesign.consultation.unready.v1", consultation)
    yield Step(f"Co-design answers that it is not ready: {missing}.", answer=unready)


def _endorse(script: Script, cast: Cast, consultation: str) -> Steps:
    for wish in script["endorsements"]:
        person = cast.people[wish["by"]]
        person.get(f"/codesign/api/v1/consultations/{consultation}", lambda c: c["version"] == 2)
        said = {"interest": wish["interest"], "statement": wish["statement"], "version": 2}
        done = person.post(f"/codesign/api/v1/consultations/{consultation}/endorsements", said)
        yield Step(
            f"{person.name} endorses version 2 as it stands; interest declared: {wish['interest']}.", done["event"]
        )


def _seal_and_publish(cast: Cast, draft: str, consultation: str) -> Steps:
    designer, second = cast.people["designer"], cast.people["second"]
    submitted = designer.post(f"/catalogue/api/v1/drafts/{draft}/submission", version=2)
    yield Step(f"{designer.name} submits version 2 again.", submitted["event"])
    designer.get(f"/catalogue/api/v1/drafts/{draft}", lambda d: d["status"] == "sealed")
    sealed = ("codesign.consultation.sealed.v1", consultation)
    yield Step(
        "Co-design seals it: nothing is open, an employer and a professional body stand behind it.", answer=sealed
    )
    published = second.post(f"/catalogue/api/v1/drafts/{draft}/publication", version=2)
    yield Step(f"{second.name}, a second person, publishes it.", published["event"])
