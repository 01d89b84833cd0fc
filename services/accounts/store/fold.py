"""The fold of events: how each event becomes rows, live and in a rebuild alike."""

from collections.abc import Callable
from typing import Any

from services.kernel.db import Transaction
from services.kernel.events import Event

Projection = Callable[[Transaction, Event], Any]


def project(tx: Transaction, event: Event) -> None:
    """Write what an event says into the fold's tables; one that says nothing of them is passed over."""
    projection = PROJECTIONS.get(event.type)
    if projection is not None:
        projection(tx, event)


def _organisation_registered(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO organisation (organisation_id, name, standing, country, register_number, website,
                                     registered_at, registered_by)
           VALUES (%(organisation)s, %(name)s, %(standing)s, %(country)s, %(register_number)s, %(website)s,
                   %(time)s, %(actor)s)""",
        {"country": None, "register_number": None, "website": None} | _values(event),
    )


def _organisation_changed(tx: Transaction, event: Event) -> None:
    tx.execute("UPDATE organisation SET name = %(name)s WHERE organisation_id = %(organisation)s", _values(event))


def _organisation_confirmed(tx: Transaction, event: Event) -> None:
    tx.execute(
        """UPDATE organisation SET standing = %(standing)s, confirmed_at = %(time)s, confirmed_by = %(actor)s,
                  ground = %(ground)s, evidence = %(evidence)s
           WHERE organisation_id = %(organisation)s""",
        _values(event),
    )


def _person_invited(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO person (person_id, organisation_id, invited_at, invited_by, invited_by_organisation)
           VALUES (%(person)s, %(organisation)s, %(time)s, %(actor)s, %(acting_for)s)
           ON CONFLICT (person_id) DO NOTHING""",
        _values(event),
    )


def _person_joined(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO person (person_id, organisation_id, display_name, name_sequence, joined_at)
           VALUES (%(person)s, %(organisation)s, %(display_name)s, %(sequence)s, %(time)s)
           ON CONFLICT (person_id) DO UPDATE
               SET display_name = EXCLUDED.display_name, name_sequence = EXCLUDED.name_sequence,
                   joined_at = EXCLUDED.joined_at""",
        _values(event),
    )


def _person_changed(tx: Transaction, event: Event) -> None:
    tx.execute(
        """UPDATE person SET display_name = %(display_name)s, name_sequence = %(sequence)s
           WHERE person_id = %(person)s""",
        _values(event),
    )


def _person_left(tx: Transaction, event: Event) -> None:
    tx.execute("UPDATE person SET left_at = %(time)s WHERE person_id = %(person)s", _values(event))
    tx.execute("DELETE FROM role WHERE person_id = %(person)s", _values(event))


def _person_erased(tx: Transaction, event: Event) -> None:
    tx.execute(
        """UPDATE person SET display_name = NULL, left_at = coalesce(left_at, %(time)s), erased_at = %(time)s
           WHERE person_id = %(person)s""",
        _values(event),
    )
    tx.execute("DELETE FROM role WHERE person_id = %(person)s", _values(event))
    tx.execute(
        "UPDATE token SET revoked_at = coalesce(revoked_at, %(time)s) WHERE person_id = %(person)s", _values(event)
    )


def _text_withheld(tx: Transaction, event: Event) -> None:
    """The name of a person is the one private value here."""
    about = event.data["about"]
    if (about["type"], event.data["pointer"]) in NAMES:
        tx.execute(
            """UPDATE person SET display_name = NULL
               WHERE person_id = %(subject)s AND name_sequence = %(sequence)s""",
            about,
        )


def _role_granted(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO role (person_id, organisation_id, role, granted_at, granted_by)
           VALUES (%(person)s, %(organisation)s, %(role)s, %(time)s, %(actor)s)
           ON CONFLICT (person_id, organisation_id, role) DO NOTHING""",
        _values(event),
    )


def _role_revoked(tx: Transaction, event: Event) -> None:
    tx.execute(
        """DELETE FROM role
           WHERE person_id = %(person)s AND organisation_id = %(organisation)s AND role = %(role)s""",
        _values(event),
    )


def _token_issued(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO token (token_id, person_id, purpose, consultation_id, expires_at, issued_at, issued_by,
                              issued_by_organisation)
           VALUES (%(token)s, %(person)s, %(purpose)s, %(consultation)s, %(expires_at)s, %(time)s, %(actor)s,
                   %(acting_for)s)""",
        {"consultation": None} | _values(event),
    )


def _token_revoked(tx: Transaction, event: Event) -> None:
    tx.execute("UPDATE token SET revoked_at = %(time)s WHERE token_id = %(token)s", _values(event))


def _consultation_opened(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO consultation (consultation_id, organisation_id, closes_at)
           VALUES (%(consultation)s, %(organisation)s, %(closes_at)s)""",
        _values(event),
    )


def _values(event: Event) -> dict[str, Any]:
    """The event's data as parameters, its private name opened, and who did it when."""
    about = {
        "time": event.time,
        "actor": event.actor,
        "acting_for": event.organisation,
        "sequence": event.sequence,
    }
    return about | dict(event.data) | {"display_name": event.words("/data/display_name")}


NAMES = {
    ("accounts.person.joined.v1", "/data/display_name"),
    ("accounts.person.changed.v1", "/data/display_name"),
}
PROJECTIONS: dict[str, Projection] = {
    "accounts.organisation.registered.v1": _organisation_registered,
    "accounts.organisation.changed.v1": _organisation_changed,
    "accounts.organisation.confirmed.v1": _organisation_confirmed,
    "accounts.person.invited.v1": _person_invited,
    "accounts.person.joined.v1": _person_joined,
    "accounts.person.changed.v1": _person_changed,
    "accounts.person.left.v1": _person_left,
    "accounts.person.erased.v1": _person_erased,
    "accounts.role.granted.v1": _role_granted,
    "accounts.role.revoked.v1": _role_revoked,
    "accounts.token.issued.v1": _token_issued,
    "accounts.token.revoked.v1": _token_revoked,
    "codesign.consultation.opened.v1": _consultation_opened,
    "audit.text.withheld.v1": _text_withheld,
}
