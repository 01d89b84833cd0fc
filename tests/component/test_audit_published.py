"""The log as files: what everybody may fetch of it, how it may be kept, and that no words are in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.audit.signing import log_folder
from services.audit.tlog import proofs, tiles, tree
from services.audit.tlog.policies import Policy
from services.kernel import db
from tests.component.audit_house import Round
from tests.log_house import Hands, LogHouse, empty_log
from tests.people import browse, person, sign_in

pytestmark = pytest.mark.usefixtures("module_database", "emptied")

MARK = "a marker that stands in an unpublished draft"


@pytest.fixture
def emptied(module_database: str) -> None:
    """Each test begins with a log without entries, and with no folder."""
    del module_database
    empty_log()


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogHouse]:
    house = LogHouse(Hands(monkeypatch))
    yield house
    house.close()


@pytest.fixture
def anybody() -> FlaskClient:
    return browse("audit")


def drafted() -> Round:
    """A round whose draft, unpublished, says the marker; and a comment that does."""
    round = Round()
    round.document["title"] = {"en": MARK}
    round.opens()
    round.consults()
    round.comments(round.amina, f"About {MARK}", "comment")
    return round


def test_an_auditor_checks_the_published_log_with_what_is_served(house: LogHouse, anybody: FlaskClient) -> None:
    """Checkpoint, policy and tiles for everybody, bundles for an auditor: together they prove every entry."""
    house.record(300)
    house.publish()
    policy = Policy.parse(anybody.get("/audit/policy").data)
    head = policy.check(anybody.get("/audit/checkpoint").data).checkpoint
    served = {tile: anybody.get(f"/audit/{tiles.path(*tile)}").data for tile in tiles.tiles(head.size)}
    nodes = tiles.nodes(lambda *tile: served[tile], head.size)
    assert proofs.root(head.size, nodes) == head.root
    auditor = sign_in(browse("audit"), person("auditor"))
    entries = [
        entry
        for n, width in ((0, 256), (1, 44))
        for entry in tiles.entries(auditor.get(f"/audit/{tiles.entries_path(n, width)}").data)
    ]
    assert [tree.leaf(entry) for entry in entries] == [nodes(0, idx) for idx in range(300)]


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("/audit/checkpoint", "text/plain; charset=utf-8", {"public", "max-age=2"}),
        ("/audit/policy", "text/plain; charset=utf-8", {"public", "max-age=3600"}),
        ("/audit/tile/0/000", "application/octet-stream", {"public", "max-age=31536000", "immutable"}),
        ("/audit/tile/0/001.p/4", "application/octet-stream", {"public", "max-age=31536000", "immutable"}),
    ],
)
def test_what_is_served_says_what_it_is_and_for_how_long(
    house: LogHouse, anybody: FlaskClient, path: str, kind: str, kept: set[str]
) -> None:
    """A checkpoint for seconds, a tile for ever; asked again with its ETag, neither is sent twice."""
    house.record(260)
    house.publish()
    answer = anybody.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert set(answer.headers["Cache-Control"].split(", ")) == kept
    assert anybody.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("checkpoint", "Nothing is published yet"),
        ("policy", "There is no policy yet"),
        ("tile/0/000", "There is no such tile"),
        ("tile/0/001.p/256", "There is no such tile"),
        ("tile/0/1", "There is no such tile"),
        ("tile/0/../../../head", "There is nothing here"),
        ("tile/64/000", "There is no such tile"),
        ("tile/00/000", "There is no such tile"),
        ("tile/0/000.p/0", "There is no such tile"),
        ("tile/0/%2e%2e/head", "There is no such tile"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(anybody: FlaskClient, path: str, sentence: str) -> None:
    """404, whatever the address is made of."""
    answer = anybody.get(f"/audit/{path}", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert sentence in answer.get_json()["detail"] + answer.get_json()["title"]


@pytest.mark.parametrize("width", [1, 3, 256])
def test_a_bundle_holds_as_many_entries_as_asked_for_or_is_not_there(house: LogHouse, width: int) -> None:
    """The size of any checkpoint that an auditor holds gives a width; what is beyond the log is 404."""
    house.record(5)
    auditor = sign_in(browse("audit"), person("auditor"))
    answer = auditor.get(f"/audit/{tiles.entries_path(0, width)}")
    assert answer.status_code == (200 if width <= 5 else 404)
    assert answer.headers["Cache-Control"] == "no-store"
    if width <= 5:
        assert len(tiles.entries(answer.data)) == width


@pytest.mark.parametrize("path", ["/audit/tile/entries/000", "/audit/tile/entries/000.p/3", "/audit/tile/entries/x"])
def test_bundles_are_for_auditors_only(house: LogHouse, path: str) -> None:
    """Not for nobody, a lead, an administrator, or an auditor who came by a link for one thing."""
    house.record(300)
    refused = {"Accept": "application/json"}
    assert browse("audit").get(path, headers=refused).status_code == 401
    for one in (person("lead"), person("administrator"), person("auditor", scope=person().person)):
        answer = sign_in(browse("audit"), one).get(path, headers=refused)
        assert answer.status_code == 403


def everything_static(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """Whatever address under which a file of the log folder, public or not, could be asked for."""
    folder = log_folder.of_settings()
    for file in (file for file in folder.path.rglob("*") if file.is_file()):
        for root in (folder.path, folder.public, folder.private):
            if file.is_relative_to(root):
                yield str(file), client.get(f"/audit/{file.relative_to(root)}")
                yield str(file), client.get(f"/{file.relative_to(root)}")


def routes(client: FlaskClient) -> Iterator[str]:
    """The address of every route that is read, its arguments filled with what is there."""
    with db.of("audit").transaction() as tx:
        rows = tx.all("SELECT idx, event_id::text, subject FROM entry")
    for rule in client.application.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static-file":
            continue
        for row in rows if rule.arguments else rows[:1]:
            values: dict[str, Any] = {}
            for argument in rule.arguments:
                converter = rule._converters[argument]
                kind = type(converter).__name__
                values[argument] = row["idx"] if kind == "IntegerConverter" else row["subject"]
                if kind in ("UnicodeConverter", "PathConverter"):
                    values[argument] = f"entries/000.p/{len(rows)}"
            built = rule.build(values)
            if built:
                yield built[1]


def test_no_byte_of_an_unpublished_draft_is_served_without_a_session(house: LogHouse, anybody: FlaskClient) -> None:
    """Every file of the log folder and every route of the service, asked for by nobody: the marker is nowhere in it."""
    drafted()
    house.publish()
    folder = house.folder
    assert any(MARK.encode() in entry for entry in folder.entries(0, house.head.size))
    assert not any(MARK.encode() in file.read_bytes() for file in folder.public.rglob("*") if file.is_file())
    answers = [*everything_static(anybody), *((path, anybody.get(path)) for path in routes(anybody))]
    assert len(answers) > 100
    served = [path for path, answer in answers if answer.status_code == 200]
    assert {"/audit/checkpoint", "/audit/policy", "/audit/"} <= set(served)
    for path, answer in answers:
        assert MARK.encode() not in answer.data, path
        assert answer.status_code < 500, (path, answer.text)
