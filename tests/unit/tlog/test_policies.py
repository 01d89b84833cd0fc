"""Policy files, rule by rule of C2SP's page tlog-policy."""

from itertools import combinations

import pytest

from services.audit.tlog import cosignatures
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, Signature, VerifierKey
from services.audit.tlog.policies import MAX_BYTES, Group, Log, Policy, Witness
from tests.unit.tlog.small_log import AT, EAST, LOG, NORTH, POLICY, SOUTH, checkpoint, key, signed, witnessed

W = [f"witness w{i} {key(i, f'w{i}.example', COSIGNATURE).verifier}\n" for i in range(10, 20)]
ML_DSA = VerifierKey("pq.example", 0x06, bytes(range(256)) * 5 + bytes(32))


def parsed(*lines: str) -> Policy:
    return Policy.parse("".join(lines).encode("utf-8", "surrogateescape"))


def test_a_policy_names_logs_witnesses_groups_and_a_quorum() -> None:
    """tlog-policy, Structure: the four kinds of line, and addresses where they are given."""
    assert Policy.parse(POLICY) == Policy(
        (Log(LOG.verifier, "https://log.example/"),),
        (
            Witness("north", NORTH.verifier, "https://north.example/"),
            Witness("south", SOUTH.verifier),
            Witness("east", EAST.verifier),
        ),
        (Group("most", 2, ("north", "south", "east")),),
        "most",
    )


def test_white_space_empty_lines_and_comments_mean_nothing() -> None:
    """tlog-policy, Structure: blanks and tabs part the items and may stand around them; lines of # are skipped."""
    spaced = b"# ours\n\n \t \n\t#quorum none\n" + POLICY.replace(b" ", b" \t  ").replace(b"\nw", b"\t\n  w")
    assert Policy.parse(spaced) == Policy.parse(POLICY)


def test_a_comment_has_a_line_of_its_own() -> None:
    """tlog-policy, Structure: behind other items a # is an item."""
    with pytest.raises(Unreadable, match="the quorum is one name"):
        parsed("quorum none # for now\n")


def test_every_line_ends_with_a_newline() -> None:
    """tlog-policy, Structure: the last one too, so that a policy cut short is found."""
    with pytest.raises(Unreadable, match="does not end with a newline"):
        parsed("quorum none")


@pytest.mark.parametrize("code", [*(c for c in range(0x20) if c not in (0x09, 0x0A)), 0x7F])
def test_the_only_control_characters_are_tab_and_newline(code: int) -> None:
    """tlog-policy, Character set: any other is refused, in a comment too, and the line is named."""
    with pytest.raises(Unreadable, match="Line 2 of the policy contains a control character"):
        Policy.parse(b"quorum none\n# a" + bytes([code]) + b"\n")


def test_names_are_octets() -> None:
    """tlog-policy, Character set: no name is taken for another, however Unicode sees them; not even UTF-8 is needed."""
    first, second, third = (line.split(" ", 2)[2] for line in W[:3])
    policy = Policy.parse(
        f"witness K {first}witness \u212a {second}".encode()
        + b"witness \xff\xfe "
        + third.encode()
        + b"quorum \xff\xfe\n"
    )
    assert [witness.name for witness in policy.witnesses] == ["K", "\u212a", "\udcff\udcfe"]
    assert not policy.quorum_of(["K", "\u212a"])
    assert policy.quorum_of(["\udcff\udcfe"])
    no_break_space = parsed(f"witness a\u00a0b {first}", "quorum a\u00a0b\n")  # not one of the two blanks
    assert no_break_space.quorum_of(["a\u00a0b"])
    with pytest.raises(Unreadable, match="no line before defines"):
        parsed("quorum none\u00a0\n")


def test_a_message_about_such_a_name_can_be_printed() -> None:
    """tlog-policy, Character set: octets that are no text are shown escaped."""
    with pytest.raises(Unreadable) as problem:
        Policy.parse(b"quorum \xff\n")
    assert "udcff" in str(problem.value)
    str(problem.value).encode()


@pytest.mark.parametrize(
    "line",
    ["logs x\n", "Quorum none\n", "witness\n", "log\n", "group g any\n", "quorum\n", "quorum none none\n", "x\n"],
)
def test_a_line_of_another_form_is_refused(line: str) -> None:
    """tlog-policy, Structure: an unknown word, a missing or a superfluous item makes the policy unreadable."""
    with pytest.raises(Unreadable, match="Line 1 of the policy"):
        parsed(line, "quorum none\n")


def test_too_many_items_are_refused() -> None:
    """tlog-policy, Defining a log, a witness: after the address nothing comes."""
    with pytest.raises(Unreadable, match="perhaps an address"):
        parsed(f"log {LOG.verifier} https://log.example/ more\n", "quorum none\n")
    with pytest.raises(Unreadable, match="perhaps an address"):
        parsed(f"witness w {NORTH.verifier} https://w.example/ more\n", "quorum none\n")


@pytest.mark.parametrize("lines", ["", "# nothing\n", W[0], "quorum none\nquorum none\n"])
def test_there_must_be_exactly_one_quorum_line(lines: str) -> None:
    """tlog-policy, Defining the quorum: none, or two, make no policy."""
    with pytest.raises(Unreadable, match="quorum"):
        parsed(lines)


def test_a_policy_may_do_without_logs_and_without_witnesses() -> None:
    """tlog-policy, What is a policy: only the quorum is mandatory."""
    assert parsed("quorum none\n") == Policy((), (), (), "none")


def test_a_name_must_be_defined_before_it_is_used() -> None:
    """tlog-policy, Defining the quorum, a group: only names of lines above; so no group can contain itself."""
    for lines in (
        ["quorum w10\n", W[0]],
        ["group g any w10\n", W[0], "quorum g\n"],
        [W[0], "group g any g w10\n", "quorum g\n"],
        ["quorum w10\n"],
    ):
        with pytest.raises(Unreadable, match="no line before defines"):
            parsed(*lines)


def test_witnesses_and_groups_share_their_names() -> None:
    """tlog-policy, What is a policy: a name is defined once, and `none` is defined already."""
    key_of_w11 = W[1].split(" ", 2)[2]
    for lines in (
        [W[0], f"witness w10 {key_of_w11}"],
        [W[0], "group w10 any w10\n"],
        [W[0], W[1], "group g any w10\n", "group g any w11\n"],
        [f"witness none {key_of_w11}"],
        [W[0], "group none any w10\n"],
    ):
        with pytest.raises(Unreadable, match="is taken"):
            parsed(*lines, "quorum none\n")


def test_none_is_no_member() -> None:
    """tlog-policy, What is a policy: the predefined name stands for a quorum only."""
    with pytest.raises(Unreadable, match="'none'"):
        parsed(W[0], "group g any w10 none\n", "quorum g\n")


def test_a_name_is_a_member_once_at_most() -> None:
    """tlog-policy, Defining a witness group: neither twice in a group nor in two, so that no witness counts twice."""
    with pytest.raises(Unreadable, match="belongs to a group already"):
        parsed(W[0], "group g 2 w10 w10\n", "quorum g\n")
    with pytest.raises(Unreadable, match="belongs to a group already"):
        parsed(W[0], W[1], "group g any w10\n", "group h any w11 w10\n", "quorum h\n")


@pytest.mark.parametrize("needed", ["0", "3", "-1", "01", "1.5", "ANY", "", "99999999999999999999"])
def test_at_least_one_and_at_most_all_members_are_needed(needed: str) -> None:
    """tlog-policy, Defining a witness group: a plain decimal from 1 to the number of members, `any` or `all`."""
    with pytest.raises(Unreadable):
        parsed(W[0], W[1], f"group g {needed} w10 w11\n", "quorum g\n")


def test_a_group_has_a_member() -> None:
    """tlog-policy, Defining a witness group: one at least must be listed."""
    with pytest.raises(Unreadable, match="one member at least"):
        parsed("group g all\n", "quorum none\n")


def test_the_same_key_under_another_name_is_a_duplicate() -> None:
    """tlog-policy, Public key representation: what is compared is the public key, not its name or id."""
    again = key(1, "other.example/log").verifier
    with pytest.raises(Unreadable, match="this key of a log was given before"):
        parsed(f"log {LOG.verifier}\n", f"log {again}\n", "quorum none\n")
    again = key(2, "renamed.example", COSIGNATURE).verifier
    with pytest.raises(Unreadable, match="this key of a witness was given before"):
        parsed(f"witness a {NORTH.verifier}\n", f"witness b {again}\n", "quorum none\n")


def test_keys_must_be_of_a_kind_that_fits_their_owner() -> None:
    """tlog-policy, Public key representation: a log signs, a witness cosigns; ML-DSA-44 does either."""
    with pytest.raises(Unreadable, match="key of a witness"):
        parsed(f"log {NORTH.verifier}\n", "quorum none\n")
    with pytest.raises(Unreadable, match="no key that cosigns"):
        parsed(f"witness w {LOG.verifier}\n", "quorum none\n")
    policy = parsed(f"log {ML_DSA}\n", f"witness w {ML_DSA}\n", "quorum w\n")
    assert policy.logs[0].key == policy.witnesses[0].key == ML_DSA


def test_thirty_two_of_each_are_read_and_a_policy_beyond_all_measure_is_not() -> None:
    """tlog-policy, Implementation limits: 32 logs, witnesses and groups at least; but not any number of bytes."""
    many = [f"log {key(i, f'l{i}').verifier}\n" for i in range(32)]
    many += [f"witness w{i} {key(i, f'w{i}', COSIGNATURE).verifier}\n" for i in range(32)]
    many += [f"group g{i} any w{i}\n" for i in range(32)]
    policy = parsed(*many, "quorum g31\n")
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)
    with pytest.raises(Unreadable, match="1000001 bytes"):
        Policy.parse(b"#" * MAX_BYTES + b"\n")


def test_groups_count_their_members() -> None:
    """tlog-policy, Defining a witness group: a group has witnessed if so many members have, groups among them."""
    policy = parsed(
        *W[:6],
        "group x 2 w10 w11 w12\n",
        "group y any w13 w14 w15\n",
        "group both all x y\n",
        "quorum both\n",
    )
    names = [f"w{i}" for i in range(10, 16)]
    for count in range(7):
        for chosen in combinations(names, count):
            enough = len({"w10", "w11", "w12"} & set(chosen)) >= 2 and bool({"w13", "w14", "w15"} & set(chosen))
            assert policy.quorum_of(chosen) is enough
    assert not policy.quorum_of(["x", "y", "both"]), "names of groups are no witnesses"
    assert parsed("quorum none\n").quorum_of([])
    assert parsed(W[0], "quorum w10\n").quorum_of(["w10", "stranger"])


def test_groups_within_groups_without_end_are_counted_too() -> None:
    """tlog-policy, Implementation limits: a chain of thousands of groups neither breaks nor takes long."""
    chain = [W[0], "group g0 any w10\n", *(f"group g{i} all g{i - 1}\n" for i in range(1, 5000)), "quorum g4999\n"]
    policy = parsed(*chain)
    assert policy.quorum_of(["w10"])
    assert not policy.quorum_of([])


def test_a_checkpoint_of_the_log_with_the_quorum_is_good() -> None:
    """tlog-policy, What is a policy: signed by a listed log and cosigned as the quorum says, each with its time."""
    policy, note = Policy.parse(POLICY), witnessed(5, NORTH, EAST)
    found = policy.check(note.encode())
    assert found.checkpoint == checkpoint(5)
    assert found.note == note
    assert found.cosigned == {"north": AT, "east": AT}


def test_every_missing_signature_is_missed() -> None:
    """tlog-policy, What is a policy: without the log's, or with one witness of the two needed, it is not good."""
    policy = Policy.parse(POLICY)
    log, *witnesses = witnessed(5, NORTH, SOUTH, EAST).signatures
    text = checkpoint(5).text()
    with pytest.raises(Unproven, match="No log of the policy has signed"):
        policy.check(Note(text, tuple(witnesses)).encode())
    with pytest.raises(Unproven, match="quorum 'most' is missing: nobody"):
        policy.check(Note(text, (log,)).encode())
    for one in witnesses:
        with pytest.raises(Unproven, match=r"quorum 'most' is missing: '(north|south|east)'"):
            policy.check(Note(text, (log, one)).encode())


def test_any_of_the_listed_logs_will_do_under_its_own_origin() -> None:
    """tlog-policy, Defining a log: the name of the key MUST be the origin; another log's key does not sign for it."""
    second = key(7, "second.example/log")
    policy = parsed(f"log {LOG.verifier}\n", f"log {second.verifier}\n", "quorum none\n")
    text = checkpoint(5, "second.example/log").text()
    assert policy.check(Note(text, (second.sign(text),)).encode()).checkpoint.origin == "second.example/log"
    with pytest.raises(Unproven, match="No log"):
        policy.check(Note(text, (LOG.sign(text),)).encode())


def test_a_policy_without_logs_finds_nothing_good() -> None:
    """tlog-policy, What is a policy: where the log is known from elsewhere, its key must be checked there."""
    with pytest.raises(Unproven, match="No log"):
        parsed("quorum none\n").check(signed(5).encode())


def test_two_lines_of_one_witness_are_one_witness_at_its_latest() -> None:
    """tlog-policy, Defining a witness group: a witness contributes in one way, however often it cosigned."""
    policy, text = Policy.parse(POLICY), checkpoint(5).text()
    lines = [cosignatures.cosign(text, NORTH, AT + i) for i in (5, 9, 0)]
    with pytest.raises(Unproven, match="quorum"):
        policy.check(Note(text, (LOG.sign(text), *lines)).encode())
    both = Note(text, (LOG.sign(text), *lines, cosignatures.cosign(text, SOUTH, AT)))
    assert policy.check(both.encode()).cosigned == {"north": AT + 9, "south": AT}


def test_a_bad_signature_of_a_listed_witness_spoils_the_note() -> None:
    """signed-note, Signatures: also where the quorum would be reached without that witness."""
    note = witnessed(5, NORTH, SOUTH)
    bad = Signature(EAST.name, EAST.verifier.id, bytes(72))
    with pytest.raises(Unproven, match="east"):
        Policy.parse(POLICY).check(Note(note.text, (*note.signatures, bad)).encode())


def test_a_witness_of_a_kind_that_is_not_verified_here_never_counts() -> None:
    """tlog-policy, Public key representation: ML-DSA-44 is read, its lines spoil nothing, and it makes no quorum."""
    text = checkpoint(5).text()
    line = Signature(ML_DSA.name, ML_DSA.id, bytes(2428))
    lines = f"log {LOG.verifier}\n", f"witness pq {ML_DSA}\n", f"witness north {NORTH.verifier}\n"
    data = Note(text, (LOG.sign(text), line, cosignatures.cosign(text, NORTH, AT))).encode()
    assert parsed(*lines, "quorum north\n").check(data).cosigned == {"north": AT}
    with pytest.raises(Unproven, match="quorum 'pq' is missing"):
        parsed(*lines, "quorum pq\n").check(data)


def test_a_log_may_have_two_keys() -> None:
    """tlog-policy, Defining a log: while a log changes its key, either signs for the origin."""
    new = key(8, LOG.name, ED25519)
    policy = parsed(f"log {LOG.verifier}\n", f"log {new.verifier}\n", "quorum none\n")
    text = checkpoint(5).text()
    for signer in (LOG, new):
        assert policy.check(Note(text, (signer.sign(text),)).encode()).checkpoint == checkpoint(5)
