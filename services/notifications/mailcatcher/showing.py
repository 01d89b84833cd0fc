"""The catcher's pages: the list, one mail as its reader sees it, and the list as JSON for tests and scripts."""

import json
import re
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from services.notifications.mailcatcher import kept

ON_A_PAGE = 50
OWN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A mail's HTML is a stranger's: no script, no form, nothing fetched from outside; its links open beside it.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def pages(folder: Path) -> type[BaseHTTPRequestHandler]:
    """Return the handler of the pages over a folder of caught mails."""
    return type("Pages", (_Pages,), {"folder": folder})


class _Pages(BaseHTTPRequestHandler):
    folder: Path
    protocol_version = "HTTP/1.1"
    server_version = "Countersign-mail"
    timeout = 30

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        match unquote(place.path).split("/")[1:]:
            case [""]:
                self._list(_start(place.query))
            case ["messages.json"]:
                self._json()
            case ["healthz"]:
                self._answer("text/plain", "ok\n")
            case ["look.css"]:
                self._answer("text/css", _file("services.notifications.mailcatcher", "pages/look.css"))
            case ["mark.svg"]:
                self._answer("image/svg+xml", _file("services.kernel.http", "static/mark.svg"))
            case ["messages", id, *part] if mail := kept.one(self.folder, id.removesuffix(".eml")):
                self._mail(mail, raw=id.endswith(".eml"), part=part)
            case _:
                self._answer("text/html", _page("missing.html"), HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _list(self, start: int) -> None:
        caught = kept.mails(self.folder)
        shown = caught[start : start + ON_A_PAGE]
        further = start + ON_A_PAGE if len(caught) > start + ON_A_PAGE else None
        page = _page("list.html", mails=shown, total=len(caught), doubles=kept.doubles(caught), further=further)
        self._answer("text/html", page)

    def _mail(self, mail: kept.Mail, *, raw: bool, part: list[str]) -> None:
        if raw:
            self._answer("message/rfc822", (self.folder / f"{mail.id}.eml").read_bytes())
        elif part == ["html"] and mail.html:
            self._answer("text/html", _opening_beside(mail.html), policy=MAIL_POLICY)
        else:
            self._answer("text/html", _page("mail.html", mail=mail, as_text=part == ["text"] or not mail.html))

    def _json(self) -> None:
        caught = kept.mails(self.folder)
        found = {
            "total": len(caught),
            "doubles": kept.doubles(caught),
            "messages": [
                {
                    "id": mail.id,
                    "message_id": mail.message_id,
                    "from": mail.sender,
                    "to": list(mail.to),
                    "subject": mail.subject,
                    "received": mail.received.isoformat(),
                    "text": mail.text,
                    "links": _ADDRESS.findall(mail.text),
                }
                for mail in caught
            ],
        }
        self._answer("application/json", json.dumps(found, ensure_ascii=False))

    def _answer(
        self, kind: str, body: str | bytes, status: HTTPStatus = HTTPStatus.OK, *, policy: str = OWN_POLICY
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind if kind == "message/rfc822" else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing of requests: addresses of mails stand in them."""


def _start(query: str) -> int:
    given = parse_qs(query).get("from", ["0"])[0]
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0


def linked(text: str) -> Markup:
    """Return text with its addresses as links, everything else escaped."""
    found, end = [], 0
    for match in _ADDRESS.finditer(text):
        found += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(match[0])]
        end = match.end()
    return Markup("").join([*found, escape(text[end:])])


def _opening_beside(html: str) -> str:
    return re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', html, count=1)


def _page(name: str, **values: object) -> str:
    return _templates().get_template(name).render(values)


@cache
def _file(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text()


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("services.notifications.mailcatcher", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["linked"] = linked
    return made
