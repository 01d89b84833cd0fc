"""Hand over the letters that are due, each by a try of its own, and record what became of them."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from services.kernel import clock, db, outbox
from services.kernel.errors import Unavailable
from services.kernel.events import Fact
from services.notifications import domain, mail, store
from services.notifications.mail import BadAddress, Recipient
from services.notifications.post import Post, Rejected, Unreachable
from services.notifications.store import letters, nearby
from services.notifications.store.letters import Letter

log = logging.getLogger(__name__)

# Asks accounts where a mail to a person goes, and for the link of a token; None where accounts says there is none.
# Raise DirectoryAway where accounts does not answer.
Directory = Callable[[str, str | None], Mapping[str, Any] | None]

TAKEN_FOR = timedelta(seconds=45)  # longer than one try can take, so that no other process begins it meanwhile


class DirectoryAway(Exception):
    """Accounts does not answer just now."""


class GivenUp(Exception):
    """A letter that will never be sent, with the ground."""

    def __init__(self, ground: domain.Ground) -> None:
        super().__init__(ground)
        self.ground = ground


def send_due(directory: Directory, post: Post) -> int:
    """Try the letters that are due, one after the other; return how many were tried.

    Where accounts does not answer, the rest is left for the next round: it would only wait for the same silence.
    """
    tried = 0
    while (letter := _take()) is not None:
        tried += 1
        try:
            _send(letter, directory, post)
        except DirectoryAway as problem:
            log.warning("accounts does not say where notice %s goes: %s", letter.notice.notice, problem)
            _again(letter)
            break
    return tried


def _take() -> Letter | None:
    with db.of("notifications").transaction() as tx:
        now = clock.now()
        return letters.take(tx, now, now + TAKEN_FOR)


def _send(letter: Letter, directory: Directory, post: Post) -> None:
    """Make one try. No transaction is open meanwhile, and should we die after the server took the letter, it goes
    again under the same Message-ID: the only double there can be."""
    name, tried = letter.notice.notice, letter.attempt
    try:
        _hand_over(letter, directory, post)
    except GivenUp as verdict:
        log.warning("notice %s is given up at try %d: %s", name, tried, verdict.__cause__ or verdict.ground)
        _settle(letter, domain.failed(letter.notice, verdict.ground))
    except (DirectoryAway, Unavailable):
        raise  # accounts or our own database, and no letter's fault
    except Unreachable as problem:
        log.warning("notice %s was not sent at try %d: %s", name, tried, problem)
        _again_or_give_up(letter)
    except Exception:
        log.exception("notice %s could not be sent at try %d", name, tried)  # one letter must not stop the others
        _again_or_give_up(letter)
    else:
        _settle(letter, domain.delivered(letter.notice))


def _hand_over(letter: Letter, directory: Directory, post: Post) -> None:
    if letter.attempt > domain.LAST_TRY:  # its tries were begun and never ended: it kills the process
        raise GivenUp("unreachable")
    with db.of("notifications").transaction(read_only=True) as tx:
        scene = nearby.scene(tx, letter.notice.about)
    found = directory(letter.notice.person, scene.details.get("token"))
    if found is None:
        raise GivenUp("no_address")
    if "token" in scene.details and not found.get("link"):
        raise GivenUp("expired")
    to = Recipient(found["address"], found.get("display_name"), found.get("link"))
    try:
        post.send(mail.compose(letter.notice.notice, scene, letter.words, to, clock.now()))
    except (Rejected, BadAddress) as problem:
        raise GivenUp("refused") from problem


def _again(letter: Letter) -> None:
    """Leave the letter for later; the try does not count."""
    with db.of("notifications").transaction() as tx:
        letters.put_back(tx, letter, clock.now() + timedelta(seconds=domain.DIRECTORY_WAIT), counted=False)


def _again_or_give_up(letter: Letter) -> None:
    due = domain.next_try(letter.attempt, clock.now())
    if due is None:
        _settle(letter, domain.failed(letter.notice, "unreachable"))
        return
    with db.of("notifications").transaction() as tx:
        letters.put_back(tx, letter, due, counted=True)


def _settle(letter: Letter, fact: Fact) -> None:
    """Decide the letter's fate: the row goes, the event tells."""
    with db.of("notifications").transaction() as tx:
        if letters.remove(tx, letter):
            store.project(tx, outbox.emit(tx, fact))
