"""A witness in this process, over HTTP, that can be made to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from services.audit.tlog.cosignatures import cosign
from services.audit.tlog.notes import COSIGNATURE, SigningKey, VerifierKey
from services.audit.tlog.witnessing import Known, Request, judge
from services.kernel import clock

Mood = Callable[[Request], "tuple[int, str, bytes] | None"]


class SmallWitness:
    """It judges as a witness does, by the clock of this process, unless its `mood` answers instead."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = SigningKey.generate(f"witness.example/{name}", COSIGNATURE)
        self.known: dict[str, Known] = {}
        self.asked: list[Request] = []
        self.mood: Mood = lambda _: None
        self.url = ""
        self._turn = threading.Lock()

    @property
    def line(self) -> str:
        """The line of a policy that names it."""
        return f"witness {self.name} {self.key.verifier} {self.url}\n"

    def trust(self, key: VerifierKey) -> None:
        """Witness this log."""
        self.known[key.name] = Known((key,))

    def answer(self, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        request = Request.parse(body)
        self.asked.append(request)
        if answer := self.mood(request):
            return answer
        checkpoint, note = request.opened()
        with self._turn:
            verdict = judge(request, self.known.get(checkpoint.origin))
            if verdict.checkpoint is None:
                return verdict.status, verdict.content_type, verdict.body.encode()
            known = self.known[checkpoint.origin]
            self.known[checkpoint.origin] = Known(known.keys, checkpoint.size, checkpoint.root)
        cosignature = cosign(note.text, self.key, int(clock.now().timestamp()))
        return 200, verdict.content_type, cosignature.line().encode()


@contextmanager
def serving(witness: SmallWitness) -> Iterator[SmallWitness]:
    """Serve a witness inside the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, said = witness.answer(body) if self.path == "/add-checkpoint" else (404, "text/plain", b"")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            if status // 100 == 3:
                self.send_header("Location", f"{witness.url}/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        witness.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield witness
        finally:
            server.shutdown()
