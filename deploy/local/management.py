"""RabbitMQ's management interface, as far as vhosts for tests and a question after its health need it."""

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Management:
    """The interface at `url`, http://user:password@host:port."""

    url: str

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request (`/vhosts/x`); the answer's JSON, or None."""
        parts = urlsplit(self.url)
        token = base64.b64encode(f"{self._user}:{unquote(parts.password or '')}".encode()).decode()
        request = urllib.request.Request(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/api{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def new_vhost(self, name: str, amqp_url: str) -> str:
        """Make an empty vhost of the broker at `amqp_url` and answer the vhost's own address."""
        self.ask("PUT", f"/vhosts/{quote(name, safe='')}", {})
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self.ask("PUT", f"/permissions/{quote(name, safe='')}/{self._user}", rights)
        return urlunsplit(urlsplit(amqp_url)._replace(path=f"/{quote(name, safe='')}"))

    def drop_vhost(self, name: str) -> None:
        """Remove a vhost with all in it."""
        try:
            self.ask("DELETE", f"/vhosts/{quote(name, safe='')}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise

    def vhosts(self) -> list[str]:
        """The names of all vhosts."""
        return [vhost["name"] for vhost in self.ask("GET", "/vhosts?columns=name")]

    @property
    def _user(self) -> str:
        return unquote(urlsplit(self.url).username or "")
