"""What accounts says and keeps: no address beyond its own tables, and rows that are the fold of the events."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.accounts import commands, store
from services.accounts.commands import Invite
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.kernel import db
from services.kernel.events import Event
from tests.component.accounts_house import House, built, events, mailed_secret

MIGRATION = Path(__file__).parents[2] / "services/accounts/migrations/0001_accounts.sql"
FOLD = re.findall(r"^CREATE TABLE (\w+) \(", MIGRATION.read_text(), re.MULTILINE)


@pytest.fixture
def house(database: str) -> House:  # noqa: ARG001
    """A house in which everything has happened that can."""
    house = built()
    commands.confirm(house.administrator, house.employer, Confirmation("employer", "web_domain", "nordhafen.example"))
    commands.rename(house.lead, house.provider, "Weserkolleg Bremen")
    new = NewOrganisation("Verband", "professional_body", "DE", "VR 1", "https://verband.example")
    invited = commands.invite(house.lead, Invite("bruno@verband.example", new, frozenset({"reviewer"}), "Bruno"))
    opened = commands.redeem(mailed_secret(invited.person), name="Bruno Ahrens")
    commands.request_link("bruno@verband.example", client="192.0.2.1")
    commands.sign_out(opened.renewal)
    commands.change_name(house.reviewer, "Anna B. Berger")
    commands.grant_role(house.lead, house.designer.person, "lead")
    commands.revoke_role(house.lead, house.designer.person, "designer")
    lost = commands.invite(
        house.lead, Invite("neu@weserkolleg.example", house.provider, frozenset({"designer"}), "Neu")
    )
    commands.revoke_link(house.lead, lost.token)
    commands.leave(house.lead, house.designer.person)
    return house


def rows(table: str) -> list[dict[str, Any]]:
    with db.of("accounts").transaction(read_only=True) as tx:
        return sorted(tx.all(f"SELECT * FROM {table}"), key=str)


def test_addresses_are_in_the_address_table_and_nowhere_else(house: House, database: str) -> None:  # noqa: ARG001
    """Every table of every schema is searched: no address in an event, in a private part, in a fold, in a counter."""
    with psycopg.connect(database) as admin:
        tables = admin.execute(
            """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
               WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
        ).fetchall()
        addresses = [row[0] for row in admin.execute("SELECT address FROM accounts_own.address")]
        assert len(addresses) == 5
        for (table,) in tables:
            body = "convert_from(body, 'UTF8')" if table.endswith("_own.outbox") else "''"
            content = admin.execute(f"SELECT t::text || {body} FROM {table} t".encode())
            text = "\n".join(row[0] for row in content).lower()
            found = [address for address in addresses if address in text]
            assert found == (addresses if table == "accounts_own.address" else []), table


def test_secrets_are_kept_as_hashes_only(house: House, database: str) -> None:
    """Who reads the whole database can sign in with nothing they find."""
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    secret = mailed_secret(house.reviewer.person)
    renewal = commands.redeem(secret).renewal
    with psycopg.connect(database) as admin:
        for table in ("secret", "renewal", "session", "link", "outbox"):
            text = str(admin.execute(f"SELECT * FROM accounts_own.{table}".encode()).fetchall())
            assert secret not in text
            assert renewal not in text


def test_names_of_people_travel_beside_the_events(house: House) -> None:  # noqa: ARG001
    """events.md, rule 4: a commitment in the bytes, the name as a private value of that person."""
    for event in events("accounts.person"):
        assert b"Ahrens" not in event.body
        assert b"Berger" not in event.body
        for value in event.private:
            assert value.person == event.subject


def fold(said: list[Event]) -> None:
    with db.of("accounts").transaction() as tx:
        for table in FOLD:
            tx.execute(f"DELETE FROM {table}")
        for event in said:
            store.project(tx, event)


@pytest.mark.parametrize("seed", range(5))
def test_the_rows_are_the_fold_of_the_events_in_any_order_of_their_subjects(house: House, seed: int) -> None:  # noqa: ARG001
    """A rebuild interleaves people and organisations otherwise, and finds the same rows."""
    assert set(FOLD) == {"organisation", "person", "role", "token", "consultation"}
    before = {table: rows(table) for table in FOLD}
    streams = defaultdict(list)
    for event in events():
        streams[event.subject].append(event)
    chosen, shuffled = random.Random(seed), list[Event]()
    while waiting := [stream for stream in streams.values() if stream]:
        shuffled.append(chosen.choice(waiting).pop(0))
    fold(shuffled)
    assert {table: rows(table) for table in FOLD} == before


def test_an_erased_name_leaves_an_empty_place(house: House) -> None:
    """Folding events whose private part is gone writes NULL, and the pages go on."""
    fold([replace(event, private=()) for event in events()])
    assert {row["display_name"] for row in rows("person")} == {None}
    assert commands.me(house.reviewer).person.display_name is None


def test_what_others_say_and_what_we_do_not_know_is_passed_over(house: House) -> None:  # noqa: ARG001
    """An event that is nobody's row here changes nothing."""
    before = rows("person")
    with db.of("accounts").transaction() as tx:
        store.project(tx, events("accounts.session.revoked")[0])
    assert rows("person") == before
