"""Works of others that travel with ours: byte for byte as they were published, and named in NOTICE."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAMED = re.findall(
    r"^(?P<path>\S+)\n  (?P<origin>.+)\n  Licence: (?P<licence>.+)\n  SHA-256: (?P<digest>[0-9a-f]{64})$",
    (ROOT / "NOTICE").read_text(),
    re.MULTILINE,
)
STATIC = ROOT / "services/kernel/http/static"
OURS = {"countersign.css", "countersign.js", "keep.js", "live.js", "mark.svg", "walk.js"}


@pytest.mark.parametrize(("path", "origin", "licence", "digest"), NAMED)
def test_a_vendored_file_is_the_one_that_was_published(path: str, origin: str, licence: str, digest: str) -> None:
    """Nobody edits a vendored file: its bytes have the hash in NOTICE, beside its name, version and licence."""
    assert re.search(r"\d+\.\d+\.\d+", origin)
    assert licence
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest


def test_every_file_of_others_is_named() -> None:
    """What browsers load and is not ours stands in NOTICE."""
    foreign = {str(path.relative_to(ROOT)) for path in STATIC.iterdir() if path.name not in OURS}
    assert foreign
    assert foreign <= {path for path, *_ in NAMED}
