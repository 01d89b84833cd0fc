"""The witness: it answers as C2SP tlog-witness says, forgets nothing, and co-signs one history of each log only."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.audit.tlog import cosignatures
from services.audit.tlog.errors import Unproven
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, SigningKey
from services.audit.tlog.policies import Policy
from services.audit.tlog.witnessing import Request, answered
from services.audit.witness import folder, store
from services.audit.witness.api import LARGEST_BODY, create_app
from services.audit.witness.cosigning import add_checkpoint
from services.audit.witness.folder import NoWitness, Witness
from tests.toy_log import ORIGIN, ToyLog

Ask = Callable[[bytes], TestResponse]
SIZE = "text/x.tlog.size"


@pytest.fixture
def log() -> ToyLog:
    """A log of forty entries."""
    return ToyLog.of(40)


@pytest.fixture
def witness(tmp_path: Path, log: ToyLog) -> Witness:
    """A witness of that log, which has seen nothing yet."""
    return folder.begin(tmp_path / "witness", "agency.example/w1", [log.vkey])


@pytest.fixture
def client(witness: Witness) -> FlaskClient:
    """Somebody who speaks to it."""
    return create_app(witness).test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Ask it for a cosignature."""
    return lambda body: client.post("/add-checkpoint", data=body)


def latest(witness: Witness) -> int:
    """The size that it has co-signed last."""
    with store.opened(witness.file) as tx:
        found = store.latest(tx, ORIGIN)
    return found.size if found else 0


def found_against(witness: Witness) -> list[tuple[str, int]]:
    with store.opened(witness.file) as tx:
        return [(one.kind, one.size) for one in store.evidence(tx)]


def test_what_continues_what_was_seen_is_cosigned(ask: Ask, log: ToyLog, witness: Witness) -> None:
    """200 and a signature line that verifies under the witness's key, over checkpoint and time; the first too."""
    for old, new in ((0, 7), (7, 8), (8, 33), (33, 33)):
        answer = ask(log.request(old, new))
        assert (answer.status_code, answer.text[:2]) == (200, "— ")
        note = answered(Note.parse(log.checkpoint(new)), answer.data, [witness.key.verifier])
        assert cosignatures.time_of(note.signatures[-1]) > 1_700_000_000
        assert latest(witness) == new


def _not_a_request(_: ToyLog) -> bytes:
    return b"old 3\n"


def _old_beyond_new(log: ToyLog) -> bytes:
    return Request(8, (), log.checkpoint(7)).encode()


def _other_origin(_: ToyLog) -> bytes:
    other = SigningKey.generate("example.com/other", ED25519)
    return Request(0, (), ToyLog.of(3).checkpoint(3, other)).encode()


def _signed_by_nobody_known(log: ToyLog) -> bytes:
    return Request(7, (), ToyLog(log.leaves).checkpoint(7)).encode()


def _other_old_size(log: ToyLog) -> bytes:
    return log.request(6, 9)


def _another_root(log: ToyLog) -> bytes:
    return log.forked(3).request(7, 7)


def _wrong_proof(log: ToyLog) -> bytes:
    return Request(7, (log.leaves[0],), log.checkpoint(9)).encode()


def _fork(log: ToyLog) -> bytes:
    return log.forked(3).request(7, 20)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (_not_a_request, 400, "empty line"),
        (_old_beyond_new, 400, "larger"),
        (_other_origin, 404, "example.com/other"),
        (_signed_by_nobody_known, 403, "No key"),
        (_other_old_size, 409, "7\n"),
        (_another_root, 409, "forked"),
        (_wrong_proof, 422, "proof"),
        (_fork, 422, "proof"),
    ],
)
def test_what_is_not_cosigned_is_answered_with_the_status_of_the_specification(
    ask: Ask, log: ToyLog, witness: Witness, body: Callable[[ToyLog], bytes], status: int, says: str
) -> None:
    """Each refusal has its own status and a sentence, and leaves what was seen as it is."""
    assert ask(log.request(0, 7)).status_code == 200
    answer = ask(body(log))
    assert (answer.status_code, "— " in answer.text) == (status, False)
    assert says in answer.text
    assert latest(witness) == 7


def test_a_stale_old_size_is_answered_with_the_size_and_its_own_content_type(ask: Ask, log: ToyLog) -> None:
    """409, `text/x.tlog.size`, the decimal and a newline: with that the log asks again. Every other text is plain."""
    assert ask(log.request(0, 7)).status_code == 200
    answer = ask(log.request(0, 9))
    assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (409, b"7\n", SIZE)
    assert ask(log.request(7, 9)).headers["Content-Type"] == "text/plain; charset=utf-8"
    assert ask(log.forked(3).request(9, 9)).headers["Content-Type"] == "text/plain; charset=utf-8"


def test_signatures_of_unknown_keys_are_ignored(ask: Ask, log: ToyLog) -> None:
    """A checkpoint may carry other signatures; they neither help nor hinder."""
    note = Note.parse(log.checkpoint(7))
    stranger = SigningKey.generate("example.com/stranger", ED25519).sign(note.text)
    both = Note(note.text, (stranger, *note.signatures)).encode()
    assert ask(Request(0, (), both).encode()).status_code == 200
    assert ask(Request(7, (), Note(note.text, (stranger,)).encode()).encode()).status_code == 403


def test_a_second_key_of_an_origin_is_trusted_beside_the_first(ask: Ask, log: ToyLog, witness: Witness) -> None:
    """What was seen is the log's, not the key's: under the new key too it must go on from there."""
    assert ask(log.request(0, 7)).status_code == 200
    renewed = ToyLog(log.leaves)
    assert ask(renewed.request(7, 9)).status_code == 403
    folder.add(witness, renewed.vkey)
    assert ask(renewed.request(0, 9)).status_code == 409
    assert ask(renewed.request(7, 9)).status_code == 200


def test_a_signed_checkpoint_that_does_not_fit_is_kept_as_evidence_once(
    ask: Ask, log: ToyLog, witness: Witness, client: FlaskClient
) -> None:
    """Two roots for one size are a fork, whatever old size was said; a proof that fails is kept as what it is."""
    ask(log.request(0, 7))
    for _ in range(2):
        ask(_another_root(log))
        ask(Request(5, (), log.forked(3).checkpoint(7)).encode())
        ask(_fork(log))
    for nothing in (_other_old_size, _signed_by_nobody_known, _other_origin, _not_a_request):
        ask(nothing(log))
    assert found_against(witness) == [("fork", 7), ("unproven", 20)]
    with store.opened(witness.file) as tx:
        first = store.evidence(tx)[0]
    for note in (first.note, first.beside):
        assert Note.parse(note).signed_by([log.key.verifier])
    assert client.get("/", headers={"Accept": "application/json"}).get_json()["logs"][0]["evidence"] == 2


def test_evidence_cannot_fill_the_disk(
    log: ToyLog, ask: Ask, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each log and kind so much is kept and no more."""
    monkeypatch.setattr(store, "LARGEST_EVIDENCE", 3)
    ask(log.request(0, 7))
    for size in range(8, 20):
        ask(log.forked(3).request(7, size))
    ask(_another_root(log))
    assert found_against(witness) == [("unproven", 8), ("unproven", 9), ("unproven", 10), ("fork", 7)]


def test_only_post_is_answered_and_only_so_much_is_read(client: FlaskClient) -> None:
    """405 with the methods that there are, 413 for a body no request needs, 404 beside; a sentence each."""
    for answer, status in (
        (client.get("/add-checkpoint"), 405),
        (client.put("/add-checkpoint", data=b"x"), 405),
        (client.post("/add-checkpoint", data=b"x" * (LARGEST_BODY + 1)), 413),
        (client.get("/elsewhere"), 404),
    ):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text.count("\n") == 1
    assert "POST" in client.get("/add-checkpoint").headers["Allow"]


def test_nothing_is_cosigned_that_cannot_be_written_down(
    ask: Ask, log: ToyLog, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another holds the file, and when COMMIT fails, the answer is 503 and no signature leaves."""
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    with closing(sqlite3.connect(witness.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = ask(log.request(0, 7))
        other.execute("ROLLBACK")
    assert (answer.status_code, "— " in answer.text, answer.headers["Retry-After"]) == (503, False, "5")
    with closing(sqlite3.connect(witness.file, isolation_level=None)) as other:
        other.execute("CREATE TABLE never (size INTEGER PRIMARY KEY)")
        refuse = "CREATE TABLE kept (size INTEGER REFERENCES never DEFERRABLE INITIALLY DEFERRED)"
        other.execute(refuse)
        other.execute("CREATE TRIGGER doom AFTER INSERT ON latest BEGIN INSERT INTO kept VALUES (new.size); END")
    monkeypatch.setattr(store, "_SETTINGS", (*store._SETTINGS, "PRAGMA foreign_keys = ON"))
    answer = ask(log.request(0, 7))
    assert (answer.status_code, "— " in answer.text) == (503, False)
    assert latest(witness) == 0


def test_what_is_answered_is_on_the_disk(ask: Ask, log: ToyLog, witness: Witness) -> None:
    """Another reader of the file sees what was co-signed as soon as the answer is there, with the cosignature."""
    answer = ask(log.request(0, 7))
    with closing(sqlite3.connect(witness.file)) as other:
        (note,) = other.execute("SELECT note FROM latest").fetchone()
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert note.decode().endswith(answer.text)


def test_anybody_may_look(ask: Ask, log: ToyLog, client: FlaskClient) -> None:
    """`GET /` shows the key, and size, root and time per origin: lines for people, JSON for programs."""
    assert "not seen yet" in client.get("/").text
    ask(log.request(0, 7))
    shown = client.get("/", headers={"Accept": "application/json"}).get_json()
    (one,) = shown["logs"]
    assert (one["origin"], one["size"], one["keys"]) == (ORIGIN, 7, [log.vkey])
    assert Note.parse(one["checkpoint"].encode()).signed_by([log.key.verifier])
    for word in (ORIGIN, "size  7", one["root"], one["time"], shown["witness"]):
        assert word in client.get("/").text


def test_a_witness_that_lost_its_memory_does_not_begin_anew(witness: Witness, log: ToyLog, ask: Ask) -> None:
    """A key without the file of what it knew would co-sign a rewritten log: refused. Nor the reverse."""
    ask(log.request(0, 7))
    here = witness.file.parent
    key = (here / folder.KEY).read_bytes()
    (here / folder.KEY).unlink()
    with pytest.raises(NoWitness, match="bring it back"):
        folder.begin(here, "agency.example/w1", [])
    (here / folder.KEY).write_bytes(key)
    witness.file.unlink()
    with pytest.raises(NoWitness, match="a copy"):
        folder.there(here)
    with pytest.raises(NoWitness, match="a copy"):
        folder.begin(here, "agency.example/w1", [])


def test_init_twice_is_init_once(witness: Witness, log: ToyLog) -> None:
    """The key stays and another log is added; under another name there is another witness."""
    here = witness.file.parent
    other = SigningKey.generate("example.com/second", ED25519)
    assert folder.begin(here, "agency.example/w1", [str(other.verifier)]).vkey == witness.vkey
    with store.opened(witness.file) as tx:
        assert [origin for origin, _ in store.logs(tx)] == [ORIGIN, "example.com/second"]
    assert (here / folder.KEY).stat().st_mode & 0o777 == 0o600
    with pytest.raises(NoWitness, match="another folder"):
        folder.begin(here, "agency.example/w2", [log.vkey])


def test_a_key_that_was_made_elsewhere_is_the_witness_s_own(witness: Witness, tmp_path: Path) -> None:
    """It is taken once, and given again it changes nothing; a witness that has another keeps it, and says so."""
    made = SigningKey.generate("agency.example/w1", COSIGNATURE)
    for _ in range(2):
        assert folder.begin(tmp_path / "new", made.name, [], made.to_pem()).vkey == str(made.verifier)
    with pytest.raises(NoWitness, match="has a key already"):
        folder.begin(witness.file.parent, made.name, [], made.to_pem())
    assert folder.there(witness.file.parent).vkey == witness.vkey


def _quorum(policy: Policy, note: bytes) -> bool:
    try:
        policy.check(note)
    except Unproven:
        return False
    return True


@pytest.mark.parametrize("first_to", list(itertools.product("ab", repeat=3)), ids="".join)
def test_two_forks_for_two_auditors_never_both_have_a_quorum(
    log: ToyLog, tmp_path: Path, first_to: tuple[str, ...]
) -> None:
    """Of three witnesses two are needed: in whatever order each is asked, one fork at most is co-signed by two."""
    forks = {"a": log, "b": log.forked(12)}
    witnesses = [folder.begin(tmp_path / name, f"{name}.example/w", [log.vkey]) for name in ("w1", "w2", "w3")]
    lines = [f"witness w{n} {witness.vkey}\n" for n, witness in enumerate(witnesses)]
    policy = Policy.parse(f"log {log.vkey}\n{''.join(lines)}group two 2 w0 w1 w2\nquorum two\n".encode())
    for witness in witnesses:
        assert add_checkpoint(witness, log.request(0, 10)).status == 200
    notes = {name: Note.parse(fork.checkpoint(30)) for name, fork in forks.items()}
    for witness, first in zip(witnesses, first_to, strict=True):
        for name in (first, "ab".replace(first, "")):
            answer = add_checkpoint(witness, forks[name].request(10, 30))
            if answer.status == 200:
                notes[name] = answered(notes[name], answer.body.encode(), [witness.key.verifier])
            # nor does it help to go on from what the witness has
            assert name == first or add_checkpoint(witness, forks[name].request(30, 31)).status == 422
    assert sorted(_quorum(policy, note.encode()) for note in notes.values()) == [False, True]
