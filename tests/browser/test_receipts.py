"""A receipt on a whole platform: an employer comments, looks on while it is witnessed, and checks it at home."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page, expect

from services.accounts.commands import mint_link
from services.audit.verifier import build
from services.cli.round.cast import assemble
from services.cli.round.play import play, script
from tests.browser.conftest import PageAt
from tests.local import Local

OPENED = 2  # steps of a round: the consultation is open
PICTURES = os.environ.get("COUNTERSIGN_TEST_PICTURES")  # a folder, to look at the pages


def test_an_employer_takes_the_proof_of_a_comment_home(
    start: Callable[..., Local], page_at: PageAt, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    """While the witness is away it says "being witnessed", and becomes a download by itself once the witness is back;
    the file is good by the verifier alone, and no longer when a letter of it is changed.
    """
    local = start()
    base = local.settings["COUNTERSIGN_PUBLIC_URL"]
    cast = assemble(script(), base)
    list(islice(play(script(), cast), OPENED))
    page = page_at(360)
    page.goto(mint_link(cast.people["employer"].id, 1))
    page.get_by_role("button").click()
    page.goto(f"{base}/codesign/")
    page.locator(".entries a").first.click()
    local.run("hold", "witness")

    page.get_by_text("Comment on learning outcome 1", exact=False).click()
    form = page.locator("details[open] form").first
    form.get_by_label("Your comment").fill("Our insurer asks for 2.5 metres.")
    form.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Being witnessed")).to_be_visible()
    axe(page)
    take(page, "receipt-waiting")
    local.run("release", "witness")
    download = page.get_by_role("link", name="Download your receipt")
    expect(download).to_be_visible(timeout=30_000)
    axe(page)
    take(page, "receipt-ready")
    with page.expect_download() as coming:
        download.click()
    receipt = tmp_path / coming.value.suggested_filename
    coming.value.save_as(receipt)

    for name in (build.NAME, "policy"):
        (tmp_path / name).write_bytes(fetched(f"{base}/audit/{name}"))
    good = verified(tmp_path, receipt)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "GOOD." in good.stdout
    assert "co-signed by 1 of 1 witness" in good.stdout
    text = receipt.read_text()
    receipt.write_text(text.replace("\nindex ", "\nindex 1", 1))
    assert verified(tmp_path, receipt).returncode in (1, 2)

    page.goto(f"{base}/audit/receipts")
    expect(page.get_by_text("Our insurer asks for 2.5 metres.")).to_be_visible()
    expect(page.get_by_role("link", name="Download the receipt")).to_be_visible()

    page.goto(f"{base}/audit/health")
    expect(page.get_by_text("Awake", exact=True).first).to_be_visible()
    axe(page)
    take(page, "health")


def fetched(address: str) -> bytes:
    """What somebody who is not signed in is given."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def verified(folder: Path, receipt: Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an auditor would: alone, in a folder with what was downloaded, without our code."""
    command = [sys.executable, "-I", build.NAME, "proof", receipt.name, "--policy", "policy"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def take(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=name == "health")
