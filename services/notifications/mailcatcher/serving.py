"""Two ports: SMTP takes mails in (aiosmtpd), HTTP shows them."""

import signal
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from services.notifications.mailcatcher.kept import keep
from services.notifications.mailcatcher.showing import pages

MOST = 2 * 1024 * 1024  # bytes of one mail


class Keeping:
    """What aiosmtpd asks: every address is known here, and every mail is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        keep(self._folder, envelope.content)
        return "250 Kept; it goes no further"


def serve(smtp_port: int, http_port: int, folder: Path, host: str = "127.0.0.1") -> None:
    """Catch mail into the folder and show it, until SIGTERM or SIGINT. Mails of earlier runs are still there.

    Where we are reached is printed once both answer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    smtp = Controller(Keeping(folder), hostname=host, port=smtp_port, data_size_limit=MOST, ready_timeout=10)
    web = ThreadingHTTPServer((host, http_port), pages(folder))
    smtp.start()
    threading.Thread(target=web.serve_forever, daemon=True, name="mail pages").start()
    print(f"mail is caught on smtp://{host}:{smtp_port} and shown on http://{host}:{http_port}", flush=True)
    _wait_for_signal()
    web.shutdown()
    smtp.stop()


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
