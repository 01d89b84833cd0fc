"""A signer that dies at each point of its work: nothing signed is ahead of the folder, and the next one heals it."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from services.audit.signing.identity import Identity
from services.audit.signing.log_folder import LogFolder, of_settings
from services.audit.signing.signer import Signer
from services.audit.tlog import proofs, tiles, tree
from services.audit.tlog.checkpoints import Checkpoint, opened
from services.audit.tlog.notes import ED25519, SigningKey
from services.audit.tlog.policies import Policy
from services.kernel import config, db
from tests.log_house import ORIGIN, Hands, LogHouse, empty_log
from tests.small_witness import SmallWitness, serving

pytestmark = pytest.mark.usefixtures("module_database")

DIED = 42
OLD, NEW = 250, 270  # entries before and after the crash; a tile is completed in between

STEPS = (
    "signing:check_identity",
    "signing:check_heads",
    "log_folder:LogFolder.keep_policy",
    "signing:prove",
    "signing:keep",
    "signing:keep_head",
    "log_folder:LogFolder.tidy",
    "signing:sign",
    "checkpoints:add_signed",
    "witnesses:Witnesses.begin",
    "checkpoints:add_published",
    "log_folder:LogFolder.keep_checkpoint",
)
# What a step is before, the one before it is after, but for these: before their transaction or their file is whole.
ENDS = ("signing:keep_head", "signing:sign", "checkpoints:add_signed", "checkpoints:add_published")
# Five files and seven folders, the head file with its folder, the checkpoint with its own: each is written, synced and
# renamed, so before each call what was written before is there under its name, and of this one at most a draft.
SYNCS = [f"before os:fsync#{call}" for call in range(1, 17)]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["services.audit.signing.signer", __name__])


def crashing(where: str, settings: dict[str, str], key: bytes, policy: bytes) -> None:
    """Be a signer that dies before or after a step, and sign until then, or until all is published."""
    os.environ.update(settings)
    config.reset()
    when, _, step = where.partition(" ")
    _patch(step, before=when == "before")
    identity = Identity(SigningKey.from_pem(ORIGIN, ED25519, key), Policy.parse(policy), policy)
    signer = Signer(identity, of_settings())
    while _served() != NEW:
        signer.tick(0.01)
    os._exit(0)


def _patch(step: str, *, before: bool) -> None:
    """Let a function end this process, at its first call or at the one that is numbered: `os:fsync#3`."""
    name, _, number = step.partition("#")
    module, _, path = name.partition(":")
    *owners, last = path.split(".")
    owner: Any = importlib.import_module(module if module == "os" else f"services.audit.signing.{module}")
    for part in owners:
        owner = getattr(owner, part)
    really: Callable[..., Any] = getattr(owner, last)
    left = int(number or 1)

    def die() -> NoReturn:
        os._exit(DIED)

    def dying(*args: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and before:
            die()
        answer = really(*args, **named)
        if left == 0:
            die()
        return answer

    setattr(owner, last, dying)


def _served() -> int:
    note = of_settings().checkpoint()
    return Checkpoint.parse(note.partition(b"\n\n")[0] + b"\n").size if note else 0


@pytest.fixture
def witness() -> Iterator[SmallWitness]:
    with serving(SmallWitness("w1")) as witness:
        yield witness


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, witness: SmallWitness) -> Iterator[LogHouse]:
    """A log of which all but the last entries are published."""
    empty_log()
    house = LogHouse(Hands(monkeypatch), [witness], "quorum w1\n")
    house.record(OLD)
    house.publish()
    house.record(NEW - OLD)
    house.close()
    yield house
    house.close()


@pytest.mark.parametrize("where", [*(f"before {s}" for s in STEPS), *(f"after {s}" for s in ENDS), *SYNCS])
def test_a_crash_at_any_point_is_healed_by_doing_it_again(house: LogHouse, witness: SmallWitness, where: str) -> None:
    """What was promised by then can be kept, and the next signer ends where an undisturbed one would have."""
    with db.of("audit").transaction() as tx:
        tx.execute("DELETE FROM audit_own.lease")
    settings = {name: value for name, value in os.environ.items() if name.startswith("COUNTERSIGN_")}
    arguments = (where, settings, house.key.to_pem(), house.identity.policy_text)
    process = processes.Process(target=crashing, args=arguments)
    process.start()
    process.join(30)
    process.kill()
    assert process.exitcode == DIED
    check_promises(house, witness)
    assert house.publish().size == NEW
    check_promises(house, witness)
    check_folder(house.folder, house.head)
    assert house.count("checkpoint") == house.count("published") == 2
    assert house.folder.alarms() == []


def check_promises(house: LogHouse, witness: SmallWitness) -> None:
    """Whatever left the process with a signature: the head file is not behind it, and the folder can prove it."""
    noted, served = house.folder.head(), house.served
    assert noted is not None
    assert served is not None
    asked = [opened(request.checkpoint, house.key.verifier)[0] for request in witness.asked]
    signed = house.signed
    assert signed is not None
    promised = {(one.size, one.root) for one in [noted, served, *asked] if one.size} | {(signed.size, signed.root)}
    nodes = house.folder.nodes(noted.size)
    for size, root in promised:
        assert size <= noted.size
        assert proofs.root(size, nodes) == root
    leaves = [tree.leaf(entry) for entry in house.folder.entries(0, noted.size)]
    assert tree.root(tree.append(0, (), leaves)[0]) == noted.root
    assert house.published is not None
    assert served.size >= house.published.size - (NEW - OLD)  # kept first, served at once after that


def check_folder(folder: LogFolder, head: Checkpoint) -> None:
    """The files are those of a log that nobody disturbed."""
    assert folder.head() == head
    expected = {tiles.path(level, n, width) for level, n, width in tiles.tiles(head.size)}
    kept = {str(path.relative_to(folder.public)) for path in folder.public.rglob("tile/**/*") if path.is_file()}
    assert {name for name in kept if "/." not in name} == expected
    bundles = {str(path.relative_to(folder.private)) for path in folder.private.rglob("*") if path.is_file()}
    assert {name for name in bundles if "/." not in name} == {"tile/entries/000", "tile/entries/001.p/14"}
    nodes = folder.nodes(head.size)
    for level, n, width in tiles.tiles(head.size):
        assert folder.tile(level, n, width) == tiles.tile(level, n, width, nodes)
