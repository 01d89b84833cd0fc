"""A real browser before the real pages: Chromium at a width, a served application, and axe-core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from services.kernel.events import Actor
from services.kernel.http import COOKIE
from tests.people import token

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (360, 1280)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

PageAt = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium, else Playwright's own; the test is skipped where there is neither."""
    with sync_playwright() as playwright:
        try:
            path = str(CHROMIUM) if CHROMIUM.exists() else None
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        except Exception as problem:
            pytest.skip(f"No Chromium here ({problem}): install the package chromium.")
        yield browser
        browser.close()


@pytest.fixture
def page_at(chromium: Browser) -> Iterator[PageAt]:
    """`page_at(360, actor, scheme="dark")`: a new browser of this width, signed in as that person.

    What the page's own code logs as an error, a refusal by the CSP above all, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        width: int = 1280, actor: Actor | None = None, *, scheme: Any = "light", scripts: bool = True
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        if actor is not None:
            cookie = {
                "name": COOKIE,
                "value": token(actor),
                "url": "https://localhost",
                "httpOnly": True,
                "sameSite": "Lax",
            }
            context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict in its stubs
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: fail with axe-core's report where the page breaks a rule of WCAG 2.2 AA."""
    core = Axe()

    def look(page: Page) -> None:
        page.wait_for_load_state("load")  # a page that a click led to may not have its style sheet yet
        found = core.run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()

    return look


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Flask], str]]:
    """`serve(app)`: serve an application on a free port of this machine; returns `http://localhost:<port>`."""
    servers: list[BaseWSGIServer] = []

    def begin(app: Flask) -> str:
        server = make_server("localhost", 0, app, threaded=True, request_handler=Silent)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://localhost:{server.server_port}"

    yield begin
    for server in servers:
        server.shutdown()


class Silent(WSGIRequestHandler):
    """Says nothing of each request: the application's own log does."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass
