"""Proofs over HTTP: that an entry is in the tree, that a tree continues another, and receipts of one's own acts."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.audit.recording.entering import record
from services.audit.tlog import proofs, tree
from services.audit.tlog.proof_files import ProofFile
from services.audit.vouching import proving
from services.kernel import clock, db, ids
from services.kernel.db import Transaction
from services.kernel.events import Actor, PrivateValue
from tests.component.audit_house import POLICY, Round, published, whole_round
from tests.people import browse, person, sign_in
from tests.said import Speaker

pytestmark = pytest.mark.usefixtures("database")

API = "/audit/api/v1"


def of(actor: Actor | None) -> FlaskClient:
    """A browser of somebody, or of nobody."""
    client = browse("audit")
    return sign_in(client, actor) if actor else client


def get(actor: Actor | None, path: str, **query: Any) -> dict[str, Any]:
    answer = of(actor).get(f"{API}{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def refusal(actor: Actor | None, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
    answer = of(actor).get(f"{API}{path}", query_string=query)
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def opened(data: bytes, actor_reads: bool = True) -> tuple[ProofFile, dict[str, Any]]:
    """A proof file, checked under the policy, its entry's bytes against the leaf; and what it carries."""
    file = ProofFile.parse(data)
    extra = json.loads(file.extra or b"")
    body = base64.b64decode(extra["entry"], validate=True)
    file.check(tree.leaf(body), POLICY)
    event_id = json.loads(body)["id"]
    for one in extra["private"]:
        value = PrivateValue(one["pointer"], json.loads(one["value"]), one["salt"], "")
        assert value.commitment(event_id) in body.decode()
    assert bool(extra["private"]) is actor_reads
    return file, extra


@pytest.fixture
def round(database: str) -> Round:
    del database
    return whole_round()


class TestTheTree:
    @pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
    def test_every_proof_made_from_the_rows_leads_to_the_root(self, size: int) -> None:
        """Over sizes on both sides of a kept level, against leaves kept apart."""
        speaker = Speaker()
        messages = [speaker.message(event) for event in speaker.ticks("a", size)]
        leaves = [tree.leaf(message.body) for message in messages]
        roots = [tree.EMPTY_ROOT]
        frontier: tree.Frontier = ()
        for n, leaf in enumerate(leaves):
            frontier, _ = tree.append(n, frontier, [leaf])
            roots.append(tree.root(frontier))
        with db.of("audit").transaction() as tx:
            record(tx, messages)
            for idx in {0, size // 2, size - 1}:
                path = proving.inclusion(tx, idx, size)
                proofs.check_inclusion(leaves[idx], idx, size, path, roots[size])
            for old in {1, max(1, size // 3), size}:
                found = proving.consistent(tx, old, size)
                assert (found.old_root, found.new_root) == (roots[old], roots[size])
                proofs.check_consistency(old, size, found.path, roots[old], roots[size])

    def test_a_proof_asks_the_database_once_for_all_its_tiles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Beside the size of the record: what takes time in a proof is asking."""
        speaker = Speaker()
        with db.of("audit").transaction() as tx:
            record(tx, [speaker.message(event) for event in speaker.ticks("a", 600)])
            asked: list[str] = []
            really = Transaction.execute

            def execute(self: Transaction, statement: str, params: Any = None) -> Any:
                asked.append(statement)
                return really(self, statement, params)

            monkeypatch.setattr(Transaction, "execute", execute)
            proving.inclusion(tx, 17, 600)
            proving.consistency(tx, 300, 600)
        assert len(asked) == 4

    def test_a_node_that_is_gone_is_said_to_be_gone(self) -> None:
        """No proof is made of what is not there."""
        speaker = Speaker()
        with db.of("audit").transaction() as tx:
            record(tx, [speaker.message(event) for event in speaker.ticks("a", 300)])
            nodes = proving.nodes(tx, 300)
            with pytest.raises(LookupError, match="fsck"):
                nodes(8, 1)


class TestInclusion:
    def test_an_entry_is_in_the_newest_published_tree(self, round: Round) -> None:
        """From its leaf, the path leads to the root that stands in the checkpoint."""
        checkpoint = published()
        round.revises("/country", "AT")
        idx = round.number("published")
        found = get(round.auditor, f"/entries/{idx}/proof")
        assert found["size"] == checkpoint.size == found["checkpoint"]["size"]
        assert found["root"] == checkpoint.root.hex() == found["checkpoint"]["root"]
        assert found["leaf"] == get(round.auditor, f"/entries/{idx}")["leaf"]
        proofs.check_inclusion(
            bytes.fromhex(found["leaf"]), idx, checkpoint.size, hashes(found["path"]), checkpoint.root
        )

    def test_an_entry_is_in_the_tree_of_any_size_that_holds_it(self, round: Round) -> None:
        """No checkpoint is needed where the size is asked for."""
        found = get(None, f"/entries/{round.number('opened')}/proof", size=len(round.entries))
        assert found["checkpoint"] is None
        head = get(None, "/head")
        assert found["root"] == head["root"]
        proofs.check_inclusion(
            bytes.fromhex(found["leaf"]),
            found["index"],
            found["size"],
            hashes(found["path"]),
            hashes([head["root"]])[0],
        )

    def test_what_is_not_witnessed_yet_says_when_to_ask_again(self, round: Round) -> None:
        """409, a sentence, and Retry-After; before the first checkpoint, and for what came after the newest."""
        for path in ("/entries/{}/proof", "/entries/{}.tlog-proof"):
            answer = of(round.auditor).get(API + path.format(round.number("opened")))
            assert (answer.status_code, answer.get_json()["code"]) == (409, "not-witnessed-yet")
            assert answer.headers["Retry-After"] == "1"
        published()
        round.revises("/country", "AT")
        assert refusal(round.auditor, f"/entries/{round.number('version 3')}/proof")[0] == 409

    def test_a_proof_is_for_those_who_may_read_the_entry(self, round: Round) -> None:
        """For others there is no such entry."""
        published()
        hidden = round.number("second")
        for path in (f"/entries/{hidden}/proof", f"/entries/{hidden}.tlog-proof", "/entries/99999/proof"):
            assert refusal(None, path)[0] == 404

    @pytest.mark.parametrize(("size", "says"), [(1, "is not among the first 1"), (10**6, "The record has")])
    def test_a_tree_that_does_not_fit_is_named(self, round: Round, size: int, says: str) -> None:
        """422: too small for the entry, or larger than the record."""
        status, problem = refusal(round.auditor, f"/entries/{round.number('published')}/proof", size=size)
        assert status == 422
        assert problem["errors"][0]["parameter"] == "size"
        assert says in problem["errors"][0]["detail"]


class TestProofFile:
    def test_it_proves_the_entry_to_whoever_has_the_policy(self, round: Round) -> None:
        """Its bytes, its place, and the words that the reader may read; a file to keep."""
        published()
        idx = round.number("first")
        answer = of(round.amina).get(f"{API}/entries/{idx}.tlog-proof")
        file, extra = opened(answer.data)
        assert file.index == idx
        assert "insurer" in extra["private"][0]["value"]
        assert f'filename="entry-{idx}.tlog-proof"' in answer.headers["Content-Disposition"]

    def test_words_that_are_not_for_a_reader_are_not_in_it(self, round: Round) -> None:
        """Everybody reads of the endorsement once the design is published, and not what was said with it."""
        published()
        idx = round.number(f"endorsed by {round.greta.person}")
        opened(of(None).get(f"{API}/entries/{idx}.tlog-proof").data, actor_reads=False)
        opened(of(round.auditor).get(f"{API}/entries/{idx}.tlog-proof").data)


class TestConsistency:
    def test_the_record_continues_what_was_kept_of_it(self, round: Round) -> None:
        """From an old size to the whole, and to any size between."""
        size = len(round.entries)
        for old, new in ((1, size), (7, 12), (size, size)):
            found = get(None, "/consistency", **{"from": old, "to": new})
            roots = hashes([found["from_root"], found["to_root"]])
            proofs.check_consistency(old, new, hashes(found["path"]), *roots)
        whole = get(None, "/consistency", **{"from": 7})
        assert (whole["to"], whole["to_root"]) == (size, get(None, "/head")["root"])

    @pytest.mark.parametrize(
        ("query", "named"), [({"from": 9, "to": 4}, "from"), ({"from": 1, "to": 10**6}, "to"), ({"from": 0}, "from")]
    )
    def test_sizes_that_cannot_be_are_named(self, round: Round, query: dict[str, int], named: str) -> None:
        """Crossed, beyond the record, empty: 422 and the parameter."""
        status, problem = refusal(round.auditor, "/consistency", **query)
        assert (status, problem["errors"][0]["parameter"]) == (422, named)


class TestHeads:
    def test_every_published_checkpoint_is_listed(self, round: Round) -> None:
        """The largest first, in pages; the newest with the head."""
        sizes = [published().size]
        for country in ("AT", "CH"):
            round.revises("/country", country)
            sizes.append(published().size)
        page = get(None, "/heads", limit=2)
        assert [item["size"] for item in page["items"]] == sizes[:0:-1]
        rest = get(None, "/heads", limit=2, cursor=page["next"])
        assert ([item["size"] for item in rest["items"]], rest["next"]) == ([sizes[0]], None)
        assert get(None, "/head")["published"] == page["items"][0]
        POLICY.check(page["items"][0]["note"].encode())


class TestReceipt:
    def test_who_acted_can_take_the_proof_home_once_it_is_witnessed(self, round: Round) -> None:
        """First it waits, then it is there; the proof holds their own words."""
        event = round.said["second"].id
        waiting = get(round.emil, f"/receipts/{event}")
        assert (waiting["state"], waiting["entry"], waiting["proof"]) == ("waiting", round.number("second"), None)
        assert refusal(round.emil, f"/receipts/{event}.tlog-proof")[0] == 409
        published()
        ready = get(round.emil, f"/receipts/{event}")
        assert ready["state"] == "ready"
        _, extra = opened(of(round.emil).get(ready["proof"]).data)
        assert "sprinklers" in extra["private"][0]["value"]

    def test_it_is_for_the_actor_their_organisation_and_auditors(self, round: Round) -> None:
        """And for whoever may read the entry; for nobody else."""
        published()
        path = f"/receipts/{round.said['second'].id}"
        moved = Actor(round.emil.person, ids.new_id(), frozenset({"reviewer"}), session=ids.new_id())
        colleague = person("reviewer", organisation=round.spedition)
        for reader in (round.emil, moved, colleague, round.auditor, round.lena):
            assert get(reader, path)["state"] == "ready"
        for stranger in (None, round.amina, person("reviewer")):
            assert refusal(stranger, path)[0] == 404
            assert refusal(stranger, f"{path}.tlog-proof")[0] == 404

    def test_a_link_for_another_consultation_gives_no_receipt(self, round: Round) -> None:
        """The scope of a link holds for one's own acts, too."""
        here, elsewhere = (
            Actor(round.emil.person, round.spedition, frozenset({"reviewer"}), ids.new_id(), scope)
            for scope in (round.consultation, ids.new_id())
        )
        path = f"/receipts/{round.said['second'].id}"
        assert get(here, path)["state"] == "waiting"
        assert refusal(elsewhere, path)[0] == 404

    def test_an_act_of_just_now_is_on_its_way(self, round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
        """It waits for ten minutes to be entered; after that there is no such act."""
        event = ids.new_id()
        assert get(round.emil, f"/receipts/{event}") == {
            "event": event,
            "state": "waiting",
            "entry": None,
            "proof": None,
        }
        assert refusal(round.emil, f"/receipts/{event}.tlog-proof")[0] == 409
        later = clock.now() + timedelta(minutes=11)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert refusal(person("reviewer"), f"/receipts/{event}")[0] == 404
        assert refusal(None, "/receipts/ffffffff-ffff-4fff-bfff-ffffffffffff")[0] == 404
