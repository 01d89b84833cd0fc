"""Sessions: begun with a link, renewed with a secret that changes each time, ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from services.accounts import signing
from services.accounts.commands.links import usable_link
from services.accounts.commands.saving import save, transaction
from services.accounts.domain import people as people_rules
from services.accounts.domain import sessions as rules
from services.accounts.domain.sessions import Renewal, Verdict
from services.accounts.domain.values import Person, Session
from services.accounts.store import links, people
from services.accounts.store import sessions as rows
from services.kernel import clock, ids
from services.kernel.db import Transaction
from services.kernel.errors import NotFound, SignInNeeded
from services.kernel.events import SYSTEM, Actor, Event
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was begun or renewed: the signed token, the secret that renews it, the page to show next."""

    session: str
    person: str
    token: str
    expires_at: datetime
    renewal: str
    renewable_until: datetime
    next: str | None = None


def redeem(secret: str, *, name: str | None = None, device: str | None = None, instead_of: str | None = None) -> Opened:
    """Begin a session with a link; the first one of an invited person is their joining, under the name they give.

    `instead_of` is the renewal secret of a session that this browser held before: it ends.
    Raise NotFound or Gone where the link opens nothing, Invalid where the name is missing.
    """
    at = clock.now()
    with transaction() as tx:
        view = usable_link(tx, secret, at, lock=True)
        if not view.person.joined:
            save(tx, people_rules.join(view.person, name))
            people.forget_suggested_name(tx, view.person.id)
        links.mark_used(tx, view.link.token, at)
        if instead_of:
            _end_by(tx, instead_of)
        session = rules.begin(ids.new_id(), view.person, view.link, device, at)
        rows.begin(tx, session)
        return _hand_out(tx, session, view.person, at, view.link.next)


def renew(secret: str) -> Opened:
    """Renew a session: a new token, a new renewal secret. Raise SignInNeeded where that cannot be.

    A secret that was shown again after its successor had been in use is a copy: the session ends.
    """
    with transaction() as tx:
        renewal = rows.renewal(tx, secret)
        opened = _renewed(tx, renewal, clock.now()) if renewal else None
    if opened is None:
        raise SignInNeeded(say("Your session has ended. Please sign in again."))
    return opened


def sign_out(secret: str) -> None:
    """End the session of a renewal secret; a secret of no open session is none the worse."""
    with transaction() as tx:
        _end_by(tx, secret)


def end_session(actor: Actor, session_id: str) -> Event:
    """End one of one's own sessions, such as on a device that is not in one's hands any more."""
    with transaction() as tx:
        session = rows.get(tx, session_id)
        if session is None or session.ended_at is not None:
            raise NotFound(say("There is no such session of yours."))
        return save(tx, rules.end(actor, session))[0]


def sessions(actor: Actor) -> list[Session]:
    """Return one's own open sessions, the newest first."""
    with transaction(read_only=True) as tx:
        return rows.open_ones(tx, clock.now(), person=actor.person)


def forget_past() -> None:
    """Delete what nobody can use any more: old sessions, secrets of links that ran out, counters."""
    with transaction() as tx:
        rows.forget_past(tx, clock.now())
        links.forget_past(tx, clock.now())


def _renewed(tx: Transaction, renewal: Renewal, at: datetime) -> Opened | None:
    person = people.get(tx, renewal.session.person)
    verdict = rules.judge(renewal, person, at)
    if verdict is Verdict.STOLEN:
        save(tx, *rules.end_all(SYSTEM, [renewal.session]))
    if person is None or verdict is not Verdict.RENEW:
        return None
    rows.mark_renewed(tx, renewal, at)
    return _hand_out(tx, renewal.session, person, at)


def _hand_out(tx: Transaction, session: Session, person: Person, at: datetime, next: str | None = None) -> Opened:
    renewal = secrets.token_urlsafe(32)
    rows.keep_renewal(tx, session.id, renewal)
    return Opened(
        session=session.id,
        person=person.id,
        token=signing.sign(rules.claims(session, person, at)),
        expires_at=rules.token_end(session, at),
        renewal=renewal,
        renewable_until=session.expires_at,
        next=next,
    )


def _end_by(tx: Transaction, secret: str) -> None:
    renewal = rows.renewal(tx, secret)
    if renewal and renewal.session.ended_at is None:
        save(tx, rules.end(Actor(renewal.session.person), renewal.session))
