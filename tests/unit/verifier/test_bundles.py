"""`countersign-verify bundle`: whatever is changed in a bundle is found, and the first bad entry is named."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit.tlog import tiles, tree
from services.audit.tlog.tiles import WIDTH
from services.kernel import ids
from services.kernel.events import Actor
from tests.evidence_house import Evidence, Verify
from tests.people import person

ANNA = person("lead", organisation=ids.new_id())
BERT = person("reviewer", organisation=ids.new_id())


def record(ticks: int = 300) -> Evidence:
    """A record of more than a tile, in which some things are said in confidence."""
    evidence = Evidence()
    evidence.recalls(ANNA)
    evidence.recalls(BERT)
    evidence.ticks(ticks)
    return evidence


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 302])
@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_whole_bundle_is_good(verify: Verify, tmp_path: Path, size: int, name: str) -> None:
    """Exit 0, and one sentence that says how many entries, who signed, and what private values there are."""
    place = record().bundle(tmp_path / name, size)
    code, said = verify("bundle", place)
    assert code == 0, said
    assert said.startswith("GOOD. The bundle is whole: ")
    assert "co-signed by 1 of 1 witness (north on " in said


def test_a_bundle_says_whose_keys_it_was_held_to(verify: Verify, tmp_path: Path) -> None:
    """Its own policy proves nothing by itself, and the tool says so; a policy from elsewhere is named instead."""
    evidence = record()
    place, policy = evidence.bundle(tmp_path / "bundle"), tmp_path / "mine"
    policy.write_bytes(evidence.policy)
    code, said = verify("bundle", place)
    assert code == 0
    assert "proves nothing by itself" in said
    assert str(evidence.key.verifier) in said
    code, said = verify("bundle", place, "--policy", policy)
    assert code == 0
    assert "proves nothing" not in said
    assert str(policy) in said


def test_another_log_of_the_same_name_is_not_taken_for_mine(verify: Verify, tmp_path: Path) -> None:
    """With the keys pinned, a bundle made with other keys cannot be used, however whole it is."""
    mine, place = Evidence(), record().bundle(tmp_path / "bundle")
    policy = tmp_path / "mine"
    policy.write_bytes(mine.policy)
    assert verify("bundle", place)[0] == 0
    code, said = verify("bundle", place, "--policy", policy)
    assert code == 2
    assert "no log of the policy has signed" in said
    code, said = verify("bundle", place, "--log", mine.key.verifier)
    assert code == 2
    assert "is not among the logs" in said


def changed_entry(place: Path, index: int, entry: bytes | None, *, tile: bool = False) -> None:
    """Put other bytes in the place of an entry, None to take it out, and if wanted its hash into the tile."""
    n, at = divmod(index, WIDTH)
    for file in sorted((place / "tile/entries").rglob("*")):
        _, number, _ = tiles.parse_path(str(file.relative_to(place))) if file.is_file() else (None, -1, 0)
        if number == n:
            held = tiles.entries(file.read_bytes())
            file.write_bytes(tiles.bundle([*held[:at], *([entry] if entry is not None else []), *held[at + 1 :]]))
    for file in sorted((place / "tile/0").rglob("*")) if tile else ():
        if entry is not None and file.is_file() and tiles.parse_path(str(file.relative_to(place)))[1] == n:
            hashes = file.read_bytes()
            file.write_bytes(hashes[: 32 * at] + tree.leaf(entry) + hashes[32 * at + 32 :])


@pytest.mark.parametrize("index", [0, 1, 5, 255, 256, 301])
def test_a_changed_entry_is_named(verify: Verify, tmp_path: Path, index: int) -> None:
    """Other bytes, one bit of them, or none: exit 1, with the number of the entry."""
    evidence = record()
    for number, other in enumerate((b"{}", evidence.entries[index][:-2] + b" }", None)):
        place = evidence.bundle(tmp_path / str(number))
        changed_entry(place, index, other)
        code, said = verify("bundle", place)
        assert code == 1
        assert said.startswith(f"TAMPERED. Entry {index:,}: ")


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/entries/001.p/46", "tile/0/000", "tile/0/001.p/46"])
def test_what_is_more_than_the_checkpoint_counts_is_found(verify: Verify, tmp_path: Path, path: str) -> None:
    """Bytes behind the last entry or the last hash of a file: it is said which entry would be too many."""
    place = record().bundle(tmp_path / "bundle")
    with (place / path).open("ab") as file:
        file.write(tiles.bundle([b"{}"]) if "entries" in path else bytes(32))
    code, said = verify("bundle", place)
    assert code == (2 if path.endswith("/0/000") else 1), said  # a tile that is longer than any tile is none
    if code == 1:
        assert said.startswith(f"TAMPERED. Entry {302 if path.endswith('46') else 256}: ")


def test_entries_in_another_order_are_found(verify: Verify, tmp_path: Path) -> None:
    """Two entries changed places: the first of them is named."""
    evidence = record()
    place = evidence.bundle(tmp_path / "bundle")
    changed_entry(place, 7, evidence.entries[8])
    changed_entry(place, 8, evidence.entries[7])
    code, said = verify("bundle", place)
    assert (code, said.partition(" is ")[0][:24]) == (1, said[:24])
    assert "Entry 7: its bytes are not those that were entered." in said


def test_a_changed_hash_is_told_from_a_changed_entry(verify: Verify, tmp_path: Path) -> None:
    """Where the entry is right and its hash in the tile is not, that is what is said."""
    place = record().bundle(tmp_path / "bundle")
    tile = place / tiles.path(0, 0)
    data = bytearray(tile.read_bytes())
    data[32 * 9] ^= 1
    tile.write_bytes(bytes(data))
    code, said = verify("bundle", place)
    assert code == 1
    assert "Entry 9: its hash in the tile was changed" in said


def test_an_entry_changed_with_its_hash_is_found_by_the_hash_above(verify: Verify, tmp_path: Path) -> None:
    """The tile above still has the hash over 256 entries: the first of them is named."""
    place = record().bundle(tmp_path / "bundle")
    changed_entry(place, 9, b"{}", tile=True)
    code, said = verify("bundle", place)
    assert code == 1
    assert "Entry 0: from here to entry 255, the hash over them in the tiles of level 1 is not what they make." in said


def test_a_record_rewritten_as_a_whole_does_not_lead_to_its_checkpoint(verify: Verify, tmp_path: Path) -> None:
    """Entries and all hashes agree, and what was signed is another tree: no entry can be named, and it is found."""
    evidence = record(20)
    place = evidence.bundle(tmp_path / "bundle")
    changed_entry(place, 9, b"{}", tile=True)
    code, said = verify("bundle", place)
    assert code == 1
    assert "make another tree than the one that the checkpoint signs" in said


def test_a_kept_checkpoint_finds_what_an_insider_with_all_keys_rewrote(verify: Verify, tmp_path: Path) -> None:
    """Whoever has the keys of log and witnesses can make any bundle whole, except for who kept three lines."""
    evidence = record(20)
    kept = tmp_path / "kept"
    kept.write_bytes(evidence.three().text())
    evidence.ticks(5)
    code, said = verify("bundle", evidence.bundle(tmp_path / "grown"), "--checkpoint", kept)
    assert code == 0
    assert "It begins with the 22 entries of the checkpoint you kept, unchanged." in said
    evidence.entries[9] = evidence.entries[9].replace(b"ticked", b"tocked")
    place = evidence.bundle(tmp_path / "rewritten")
    assert verify("bundle", place)[0] == 0
    code, said = verify("bundle", place, "--checkpoint", kept)
    assert code == 1
    assert "The first 22 entries are not those of the checkpoint you kept" in said


def test_a_record_that_was_cut_short_is_found_by_a_kept_checkpoint(verify: Verify, tmp_path: Path) -> None:
    """The first entry that is missing is named, and that an older bundle looks the same."""
    evidence = record(20)
    kept = tmp_path / "kept"
    kept.write_bytes(evidence.checkpoint())  # with its signatures, as it is served
    code, said = verify("bundle", evidence.bundle(tmp_path / "cut", 15), "--checkpoint", kept)
    assert code == 1
    assert "Entry 15: it is missing: you kept a checkpoint of 22 entries" in said


@pytest.mark.parametrize("content", [b"", b"x", b"a\nb\nc\n", b"\n\n", b"o\n1\nAAAA\n", "o\n1\né\n".encode("latin-1")])
def test_a_kept_checkpoint_that_is_none_cannot_be_used(verify: Verify, tmp_path: Path, content: bytes) -> None:
    """Exit 2, in a sentence."""
    kept = tmp_path / "kept"
    kept.write_bytes(content)
    code, said = verify("bundle", record(5).bundle(tmp_path / "bundle"), "--checkpoint", kept)
    assert (code, said[:9]) == (2, "UNUSABLE.")


def test_the_checkpoint_of_another_record_cannot_be_compared(verify: Verify, tmp_path: Path) -> None:
    """It says which two records they are."""
    kept = tmp_path / "kept"
    other = Evidence("another.example/log")
    other.ticks(2)
    kept.write_bytes(other.three().text())
    code, said = verify("bundle", record(5).bundle(tmp_path / "bundle"), "--checkpoint", kept)
    assert code == 2
    assert "another.example/log" in said
    assert "countersign.test/log" in said


# private values


def values_of(place: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((place / "private.json").read_text())
    return found


def write_values(place: Path, values: list[dict[str, object]]) -> None:
    rows = ",".join(f"\n{json.dumps(value)}" for value in values)
    (place / "private.json").write_text(f"[{rows}\n]\n")


def test_a_changed_private_value_is_found(verify: Verify, tmp_path: Path) -> None:
    """The commitment in the entry is of other words."""
    place = record(3).bundle(tmp_path / "bundle")
    first, second = values_of(place)
    write_values(place, [first, second | {"value": '"Never said"'}])
    code, said = verify("bundle", place)
    assert code == 1
    assert "Entry 1: the private value at /data/reason is not the one that the entry commits to." in said


@pytest.mark.parametrize("change", [{"entry": True}, {"pointer": None}, {"value": 7}, {"value": "\ud800"}])
def test_a_private_value_has_one_spelling(verify: Verify, tmp_path: Path, change: dict[str, object]) -> None:
    """What is no number or no text is not read as one."""
    place = record(3).bundle(tmp_path / "bundle")
    first, second = values_of(place)
    write_values(place, [first, second | change])
    code, said = verify("bundle", place)
    assert code == 2
    assert "private.json" in said


def test_a_missing_private_value_is_tampering(verify: Verify, tmp_path: Path) -> None:
    """Where no entry of the record says that it is gone."""
    place = record(3).bundle(tmp_path / "bundle")
    write_values(place, values_of(place)[1:])
    code, said = verify("bundle", place)
    assert code == 1
    assert "Entry 0: its private value at /data/reason is missing, and no entry erases or withholds it." in said


def test_a_value_beside_an_entry_that_commits_to_none_is_found(verify: Verify, tmp_path: Path) -> None:
    """At another place of the same entry, beside another entry, or beyond the last."""
    for number, (entry, pointer) in enumerate([(1, "/data/extra"), (3, "/data/reason"), (99, "/data/reason")]):
        place = record(3).bundle(tmp_path / str(number))
        values = values_of(place)
        write_values(place, [*values, values[0] | {"entry": entry, "pointer": pointer}][: 3 if entry != 1 else None])
        if entry == 1:
            write_values(place, [values[0], values[1] | {"pointer": pointer}, values[1]])
        code, said = verify("bundle", place)
        assert code == 1
        assert f"Entry {entry}: a private value is given for {pointer}" in said


def erased(evidence: Evidence, who: Actor) -> int:
    data = {"person": who.person, "organisation": who.organisation}
    evidence.says("accounts.person.erased.v1", who.person, data, checked=False)
    return len(evidence.entries) - 1


def withheld(evidence: Evidence, event: str, pointer: str) -> int:
    data = {"event": event, "pointer": pointer, "ground": "order", "proposed_by": ids.new_id()}
    evidence.says("audit.text.withheld.v1", f"text:{event}", data, checked=False)
    return len(evidence.entries) - 1


def test_what_was_erased_withheld_or_lost_is_no_tampering(verify: Verify, tmp_path: Path) -> None:
    """Each is counted under the entry that says so."""
    evidence = Evidence()
    said = [evidence.recalls(ANNA), evidence.recalls(ANNA), evidence.recalls(BERT), evidence.recalls(BERT)]
    evidence.recalls(BERT)
    assert erased(evidence, ANNA) == 5
    assert withheld(evidence, said[2].id, "/data/reason") == 6
    lost = {"values": [{"event": said[3].id, "pointer": "/data/reason"}]}
    evidence.says("audit.values.lost.v1", "recovery:7", lost)
    for event in said:
        evidence.forgets(event)
    code, found = verify("bundle", evidence.bundle(tmp_path / "bundle"))
    assert code == 0
    assert "1 private value matches its commitment, erased are 2 under entry 5, withheld are 1 under entry 6" in found
    assert "lost are 1 with entry 7" in found


def test_an_erasure_may_come_before_what_it_erases(verify: Verify, tmp_path: Path) -> None:
    """An event that was under way when its author was erased is entered without its words."""
    evidence = Evidence()
    erased(evidence, ANNA)
    evidence.forgets(evidence.recalls(ANNA))
    assert verify("bundle", evidence.bundle(tmp_path / "bundle"))[0] == 0


@pytest.mark.parametrize("what", ["another person", "another text", "another service"])
def test_an_entry_excuses_only_what_it_names(verify: Verify, tmp_path: Path, what: str) -> None:
    """Erasing one person explains nothing about another's words, and only accounts may say who is erased."""
    evidence = Evidence()
    said = evidence.recalls(ANNA)
    evidence.forgets(said)
    if what == "another person":
        erased(evidence, BERT)
    elif what == "another text":
        withheld(evidence, said.id, "/data/other")
    else:
        body = {"person": ANNA.person, "organisation": ANNA.organisation}
        event = evidence.speaker.say("accounts.person.erased.v1", ANNA.person, body, checked=False)
        evidence.entries.append(event.body.replace(b'"source":"/accounts"', b'"source":"/codesign"'))
    code, found = verify("bundle", evidence.bundle(tmp_path / "bundle"))
    assert code == 1
    assert "Entry 0: its private value at /data/reason is missing" in found


@pytest.mark.parametrize(
    "content", ["", "[", "{}\n", "[\n{}\n]\n", "[\n1\n]\n", '[\n{"entry":"x"}\n]\n', "[\n\n]\n", "null"]
)
def test_private_values_that_cannot_be_read_are_no_verdict(verify: Verify, tmp_path: Path, content: str) -> None:
    """Exit 2: nothing is said about the record."""
    place = record(3).bundle(tmp_path / "bundle")
    (place / "private.json").write_text(content)
    code, said = verify("bundle", place)
    assert code == 2
    assert "private.json" in said


# what entries have to be


def test_an_entry_that_is_no_event_is_named(verify: Verify, tmp_path: Path) -> None:
    """The record holds nothing else, whoever signed it."""
    good = record(1).entries[2].decode()
    wrong = ["[]", "x", "null", '{"a":1,"a":2}', "NaN", "\ud800", good.replace('"sequence":1', '"sequence":0')]
    wrong += [good.replace('"data":{', '"data":[{').replace("}}", "}]}"), good.replace('"id":"', '"id":"x')]
    for number, entry in enumerate(wrong):
        evidence = record(1)
        evidence.entries[2] = entry.encode(errors="surrogatepass")
        code, said = verify("bundle", evidence.bundle(tmp_path / str(number)))
        assert code == 1, entry
        assert "Entry 2: it is no event" in said


def test_a_hole_in_the_numbers_of_an_aggregate_is_found(verify: Verify, tmp_path: Path) -> None:
    """An act that was left out when it should have been entered: the next one names it."""
    evidence = record(0)
    evidence.speaker.ticks("a clock", 1)
    evidence.ticks(2)
    code, said = verify("bundle", evidence.bundle(tmp_path / "bundle"))
    assert code == 1
    assert "Entry 2: it is number 2 of a clock from /catalogue, where 1 was due." in said


def test_a_hole_that_the_record_declares_is_told_of(verify: Verify, tmp_path: Path) -> None:
    """It is no tampering, and neither is what comes late; twice the same number is."""
    evidence = record(0)
    late = evidence.speaker.ticks("a clock", 2)
    gap = {"about": "a clock", "producer": "catalogue", "first": 1, "last": 2}
    evidence.says("audit.gap.found.v1", "gap:a clock", gap)
    evidence.ticks(2)
    code, said = verify("bundle", evidence.bundle(tmp_path / "declared"))
    assert code == 0, said
    assert "The record itself declares events missing in 2; 2 events never came." in said
    evidence.enters(late[1])
    code, said = verify("bundle", evidence.bundle(tmp_path / "late"))
    assert code == 0
    assert "1 event never came" in said
    evidence.enters(late[1])
    code, said = verify("bundle", evidence.bundle(tmp_path / "twice"))
    assert code == 1
    assert "Entry 6: it is number 2 of a clock" in said


# a log that took the place of another


def successor(old: Evidence, **more: object) -> Evidence:
    """A new log, which begins by naming the old and carries all its entries over."""
    new = Evidence("successor.test/log")
    three = old.three()
    data = {
        "successor": new.origin,
        "origin": old.origin,
        "size": three.size,
        "root": three.root.hex(),
        "carried": three.size,
        "ground": "The key was lost.",
    }
    new.says("audit.log.succeeded.v1", f"log:{new.origin}", data | more, checked=False)
    new.private = [one | {"entry": one["entry"] + 1} for one in old.private]
    new.entries += old.entries
    return new


def test_a_log_that_took_the_place_of_another_reports_both(verify: Verify, tmp_path: Path) -> None:
    """What was carried over is held against the root of the old one, and against who kept its checkpoint."""
    old = record(4)
    kept = tmp_path / "kept"
    kept.write_bytes(old.three(5).text())
    new = successor(old)
    code, said = verify("bundle", new.bundle(tmp_path / "bundle"), "--checkpoint", kept)
    assert code == 0, said
    assert "this record took the place of countersign.test/log (6 entries, all of which follow here, unchanged)" in said
    assert "The 5 entries of the checkpoint you kept follow here, unchanged." in said


@pytest.mark.parametrize("what", ["root", "size", "carried", "successor", "origin", "unreadable"])
def test_a_successor_that_does_not_say_the_truth_is_found(verify: Verify, tmp_path: Path, what: str) -> None:
    """Its first entry is held against all that is known of the log before."""
    old = record(4)
    kept = tmp_path / "kept"
    kept.write_bytes(old.three(5).text())
    lies: dict[str, dict[str, object]] = {
        "root": {"root": "0" * 64},
        "size": {"size": 4, "root": old.three(4).root.hex()},
        "carried": {"carried": 7},
        "successor": {"successor": "another.test/log"},
        "origin": {"origin": "another.test/log"},
        "unreadable": {"root": "x"},
    }
    place = successor(old, **lies[what]).bundle(tmp_path / "bundle")
    code, said = verify("bundle", place, "--checkpoint", kept)
    assert code == (2 if what == "origin" else 1), said
    if what != "origin":
        assert said.startswith("TAMPERED. Entry 0: ")


def test_a_successor_of_another_past_is_found_by_who_kept_the_old_checkpoint(verify: Verify, tmp_path: Path) -> None:
    """It carries over what it says, and that is not the log whose three lines were kept."""
    old = record(4)
    kept = tmp_path / "kept"
    kept.write_bytes(old.three(5).text())
    old.entries[3] = old.entries[3].replace(b"ticked", b"tocked")
    place = successor(old).bundle(tmp_path / "bundle")
    assert verify("bundle", place)[0] == 0
    code, said = verify("bundle", place, "--checkpoint", kept)
    assert code == 1
    assert (
        "the first 5 entries that follow it from countersign.test/log are not those of the checkpoint you kept" in said
    )


# input that cannot be used


def test_a_missing_file_is_named(verify: Verify, tmp_path: Path) -> None:
    """A bundle with a file missing is not whole: exit 2, and which file it is."""
    whole = record().bundle(tmp_path / "whole")
    names = sorted(str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file())
    assert len(names) == 8
    for number, name in enumerate(names):
        place = record().bundle(tmp_path / str(number))
        (place / name).unlink()
        code, said = verify("bundle", place)
        assert (code, said[:9]) == (2, "UNUSABLE.")
        assert name in said


@pytest.mark.parametrize("wrong", ["nothing", "a folder", "a text", "an empty file", "an empty zip", "half a zip"])
def test_what_is_no_bundle_cannot_be_used(verify: Verify, tmp_path: Path, wrong: str) -> None:
    """Exit 2, in a sentence."""
    place = tmp_path / "bundle.zip"
    if wrong == "a folder":
        place.mkdir()
    elif wrong == "a text":
        place.write_text("Hello")
    elif wrong == "an empty file":
        place.touch()
    elif wrong == "an empty zip":
        zipfile.ZipFile(place, "w").close()
    elif wrong == "half a zip":
        whole = record().bundle(tmp_path / "whole.zip").read_bytes()
        place.write_bytes(whole[: len(whole) // 2])
    code, said = verify("bundle", place)
    assert (code, said[:9]) == (2, "UNUSABLE.")


@pytest.mark.parametrize("name", ["../checkpoint", "/etc/passwd", "a/../../b", "..\\x", "C:x"])
def test_a_zip_whose_names_lead_out_of_it_is_not_read(verify: Verify, tmp_path: Path, name: str) -> None:
    """Nothing is ever unpacked; but who unpacks it by hand should be warned."""
    place = record(3).bundle(tmp_path / "bundle.zip")
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr(name, b"x")
    code, said = verify("bundle", place)
    assert code == 2
    assert "leads out of it" in said


def test_a_zip_with_two_files_of_one_name_is_not_read(verify: Verify, tmp_path: Path) -> None:
    """Two readers could take two different ones."""
    place = record(3).bundle(tmp_path / "bundle.zip")
    with zipfile.ZipFile(place, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("checkpoint", b"x")
    code, said = verify("bundle", place)
    assert code == 2
    assert "twice" in said


@pytest.mark.parametrize("name", ["checkpoint", "policy", "private.json", "tile/0/000.p/5", "tile/entries/000.p/5"])
def test_a_zip_that_grows_without_end_is_read_no_further_than_it_may(verify: Verify, tmp_path: Path, name: str) -> None:
    """A file of 300 MB that was squeezed to nothing is refused after the most that its kind can have."""
    whole = record(3).bundle(tmp_path / "whole.zip")
    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        with new.open(name, "w") as file:
            for _ in range(300):
                file.write(bytes(1_000_000))
    assert place.stat().st_size < 3_000_000
    code, said = verify("bundle", place)
    assert code == 2
    assert "longer than" in said


def test_a_damaged_zip_cannot_be_used(verify: Verify, tmp_path: Path) -> None:
    """Whatever byte of it is another one: found, or never a trace."""
    place = record(3).bundle(tmp_path / "bundle.zip")
    whole = place.read_bytes()
    for at in range(0, len(whole), 13):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        code, said = verify("bundle", place)
        assert code in (0, 1, 2)
        assert "did not expect" not in said


def note_with(evidence: Evidence, place: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Write another list of signatures under the checkpoint."""
    text, _, lines = evidence.checkpoint().decode().partition("\n\n")
    (place / "checkpoint").write_text(f"{text}\n\n" + "".join(f"{line}\n" for line in change(lines.splitlines())))


def test_a_bad_signature_is_no_signature(verify: Verify, tmp_path: Path) -> None:
    """Of the log or of a witness: the checkpoint cannot be relied on, and the sentence says whose it is."""
    evidence = record(3)
    other = Evidence()
    other.key, other.keys = evidence.key, evidence.keys
    other.ticks(1)
    wrong = other.checkpoint().decode().partition("\n\n")[2].splitlines()
    for number, at in enumerate((0, 1)):
        place = evidence.bundle(tmp_path / str(number))
        note_with(evidence, place, lambda lines: [wrong[i] if i == at else line for i, line in enumerate(lines)])  # noqa: B023
        code, said = verify("bundle", place)
        assert code == 2
        assert "is not over this text" in said


def test_a_signature_that_is_missing_is_missed(verify: Verify, tmp_path: Path) -> None:
    """The log's, or a witness's whom the policy asks for."""
    evidence = record(3)
    place = evidence.bundle(tmp_path / "log")
    note_with(evidence, place, lambda lines: lines[1:])
    assert "no log of the policy has signed" in verify("bundle", place)[1]
    place = evidence.bundle(tmp_path / "witness")
    note_with(evidence, place, lambda lines: lines[:1])
    code, said = verify("bundle", place)
    assert code == 2
    assert "the quorum 'all' is missing" in said


def test_signatures_of_strangers_and_doubled_ones_change_nothing(verify: Verify, tmp_path: Path) -> None:
    """As C2SP signed-note has it: unknown ones are passed over, and one that stands twice counts once."""
    evidence, stranger = record(3), record(1)
    strange = stranger.checkpoint().decode().splitlines()[-1]
    place = evidence.bundle(tmp_path / "bundle")
    note_with(evidence, place, lambda lines: [strange, *lines, *lines])
    code, said = verify("bundle", place)
    assert code == 0, said
    assert "co-signed by 1 of 1 witness" in said


@pytest.mark.parametrize("content", [b"", b"x", b"\n\n\n", b"a\n1\nb\n\n\xff\n"])
@pytest.mark.parametrize("name", ["checkpoint", "policy"])
def test_a_checkpoint_or_policy_that_is_none_cannot_be_used(
    verify: Verify, tmp_path: Path, name: str, content: bytes
) -> None:
    """Exit 2, in a sentence."""
    place = record(3).bundle(tmp_path / "bundle")
    (place / name).write_bytes(content)
    code, said = verify("bundle", place)
    assert (code, said[:9]) == (2, "UNUSABLE.")
