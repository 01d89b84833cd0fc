"""Somebody who takes part: signed in, asking over HTTP, and asking again where the platform is away for a moment."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from services.kernel import ids
from services.kernel.errors import Unavailable

PATIENCE = 90.0  # seconds in which a platform whose parts are being restarted has to answer
PAUSE = 0.3


class Unanswered(Exception):
    """The platform did not do what was asked; the message says what it answered."""


@dataclass(slots=True)
class Person:
    """One person at the REST doors. `sign_in_link` makes a fresh link whenever a session has ended."""

    name: str
    address: str
    title: str
    id: str
    organisation: str
    base: str
    sign_in_link: Callable[[], str]
    _token: str = field(default="", repr=False)

    def get(self, path: str, until: Callable[[Any], bool] = bool) -> Any:
        """Read something, again and again until it is as expected: what other services tell takes a moment."""
        return self._ask("GET", path, None, {}, until)

    def post(self, path: str, body: dict[str, Any] | None = None, *, version: int | None = None) -> dict[str, Any]:
        """Do something, once: the same key is sent with each try, so it is done once however often it is asked."""
        return self._act("POST", path, body, version)

    def make(self, what: str, path: str, body: dict[str, Any]) -> tuple[str, str]:
        """Make something, once, and return its id and its event.

        Where the platform died with the answer, a repetition gets a receipt, which has the id in the event's data.
        """
        done = self.post(path, body)
        return done.get("id") or done["data"][what], done["event"]

    def patch(self, path: str, body: dict[str, Any], *, version: int) -> dict[str, Any]:
        """Change something of which one saw this version."""
        return self._act("PATCH", path, body, version)

    def _act(self, verb: str, path: str, body: dict[str, Any] | None, version: int | None) -> dict[str, Any]:
        headers = {"Idempotency-Key": ids.new_id()} | ({} if version is None else {"If-Match": f'"{version}"'})
        done: dict[str, Any] = self._ask(verb, path, body or {}, headers, lambda _: True)
        return done

    def _ask(self, verb: str, path: str, body: Any, headers: dict[str, str], enough: Callable[[Any], bool]) -> Any:
        last, ends = "no answer", time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                answer = self._send(verb, path, body, headers)
                if answer.ok and enough(content := answer.json()):
                    return content
                last = f"{answer.status_code}: {answer.text[:400]}"
                if answer.status_code == 401:
                    self._token = ""
                elif not answer.ok and answer.status_code < 500 and not _may_come(verb, answer):
                    break
            except (requests.RequestException, Unavailable) as problem:
                last = str(problem)
            time.sleep(PAUSE)
        raise Unanswered(f"{self.name} asked {verb} {path}, and was answered {last}")

    def _send(self, verb: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        if not self._token:
            self._sign_in()
        headers = headers | {"Authorization": f"Bearer {self._token}"}
        return requests.request(verb, self.base + path, json=body, headers=headers, timeout=15)

    def _sign_in(self) -> None:
        answer = requests.post(f"{self.base}/accounts/api/v1/sessions", json={"link": self.sign_in_link()}, timeout=15)
        answer.raise_for_status()
        self._token = answer.json()["token"]


def _may_come(verb: str, answer: requests.Response) -> bool:
    """Say whether what was not found, or is not known yet to the service asked, may come with the next event."""
    return verb == "GET" or answer.status_code in (404, 429) or answer.json().get("code") in NOT_HEARD_YET


# what one service says of another's news that is still on its way, and of a twin of this request
NOT_HEARD_YET = ("organisation-unknown", "unheard", "not-sealed", "not-invited", "in-progress")
