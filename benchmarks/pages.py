"""Pages at fifty requests a second, with 10,000 drafts and 200 comments on one, each beside its bare SELECTs."""

import http.client
import json
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.house import house, running, wait_for
from benchmarks.rows import NOTE, Row, row
from services.catalogue import commands
from services.kernel import db, ports
from services.kernel.events import Actor
from services.kernel.http import COOKIE
from tests.component import catalogue_house, codesign_house
from tests.people import token

DRAFTS, PUBLISHED, COMMENTS = 10_000, 1_000, 200
RATE, SECONDS, CLIENTS = 50, 10, 16
LIMIT = 60  # milliseconds, p95
GRANIAN = (sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "8", "--port")

Places = Mapping[str, tuple[str, str]]
"""What a page is called -> its path, and the token of who reads it."""

# Copies of one draft with everything that hangs on it: what a page reads, not how it came to be.
_COPIES = """
    CREATE TEMP TABLE copy AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, %(count)s) n;
    INSERT INTO draft SELECT (jsonb_populate_record(d, jsonb_build_object('draft_id', copy.id))).*
        FROM draft d, copy WHERE d.draft_id = %(draft)s;
    INSERT INTO version SELECT (jsonb_populate_record(v, jsonb_build_object('draft_id', copy.id))).*
        FROM version v, copy WHERE v.draft_id = %(draft)s;
    INSERT INTO credential SELECT (jsonb_populate_record(
            k, jsonb_build_object('draft_id', copy.id, 'credential_id', gen_random_uuid()))).*
        FROM credential k, copy WHERE k.draft_id = %(draft)s AND copy.n <= %(published)s;
    ANALYZE"""


def rows() -> list[Row]:
    """Return p95 in milliseconds of each page, its floor, and p50 of both in the note."""
    ours, bare = ports.free(), ports.free()
    with house(f"web catalogue --port {ours}"):
        found = _measure(_catalogue(), "catalogue", ours, bare)
    ours, bare = ports.free(), ports.free()
    with house(f"web codesign --port {ours}"):
        return [*found, *_measure(_codesign(), "codesign", ours, bare)]


def _measure(places: Places, service: str, ours: int, bare: int) -> list[Row]:
    with running((*GRANIAN, str(bare), "benchmarks.bare_pages:app"), PAGES=json.dumps(places)):
        wait_for(lambda: ports.answers(ours) and ports.answers(bare))
        return [
            _row(name, _paced(ours, path, bearer), _paced(bare, f"/{service}/{name.replace(' ', '%20')}", ""))
            for name, (path, bearer) in places.items()
        ]


def _row(name: str, ours: list[float], floor: list[float]) -> Row:
    middle, late = len(ours) // 2, int(len(ours) * 0.95)
    note = f"p50 {ours[middle]:.1f} ms, of the floor {floor[middle]:.1f} ms; {len(ours)} requests; {NOTE}"
    what, target = f"page: {name}, p95 at {RATE}/s", f"<= {LIMIT} ms"
    return row(what, "ms", ours[late], target, ours[late] <= LIMIT, floor=floor[late], note=note)


def _catalogue() -> Places:
    """Fill the catalogue: one provider's drafts, some of them published."""
    home = catalogue_house.provider()
    lead, second = (catalogue_house.member(home, "designer", "lead") for _ in range(2))
    published, _ = catalogue_house.sealed(lead)
    commands.publish(second, published, 1)
    draft = catalogue_house.opened(lead)
    catalogue_house.in_consultation(lead, draft)
    with db.of("catalogue").transaction() as tx:
        for statement in _COPIES.split(";"):
            tx.execute(statement, {"draft": published, "count": DRAFTS - 2, "published": PUBLISHED})
    bearer = token(lead)
    return {
        "a draft": (f"/catalogue/drafts/{draft}", bearer),
        "the list of drafts": ("/catalogue/", bearer),
        "the register": ("/catalogue/credentials", ""),
    }


def _codesign() -> Places:
    """Fill co-design: a consultation with its comments, by three who were asked."""
    here = codesign_house.house()
    authors: list[Actor] = [here.employer, here.other, here.body]
    for number in range(COMMENTS):
        here.comment(authors[number % 3], text=f"The distances differ from those in our plan ({number}).")
    return {"a consultation": (f"/codesign/consultations/{here.consultation}", token(here.designer))}


def _paced(port: int, path: str, bearer: str) -> list[float]:
    """Return the milliseconds from when each request was due to its last byte, sorted; a refusal is an error."""
    begins = time.monotonic() + 0.2
    with ThreadPoolExecutor(CLIENTS) as clients:
        ask = partial(_client, port, path, bearer, begins)
        return sorted(wait for found in clients.map(ask, range(CLIENTS)) for wait in found)


def _client(port: int, path: str, bearer: str, begins: float, number: int) -> list[float]:
    connection, waits = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    for turn in range(number, RATE * SECONDS, CLIENTS):
        due = begins + turn / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        connection.request("GET", path, headers={"Cookie": f"{COOKIE}={bearer}"} if bearer else {})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}: {content[:300]!r}")
        waits.append(1000 * (time.monotonic() - due))
    return waits


if __name__ == "__main__":
    for found in rows():
        print(found)
