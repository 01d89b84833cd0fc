"""A front for services that run apart on one machine: one port, each request to the service whose prefix it bears.

It reads the head of a request, asks for the connection to end with the answer, and passes bytes both ways. So it never
has to know where a body ends, live streams pass as they come, and nobody's second request can slip in behind a first.
"""

import asyncio
import json
import signal
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping

LARGEST_HEAD = 64 * 1024  # bytes
HEAD_WITHIN = 30  # seconds
CONNECT_WITHIN = 5
LAST_ANSWERS_WITHIN = 10  # after the word to stop
HOP_BY_HOP = (b"connection:", b"keep-alive:", b"proxy-connection:", b"upgrade:")

ABSENT = "This part of the platform does not answer just now. The other parts go on; please try again in a moment."
UNREADABLE = "The request could not be read."


def run(host: str, port: int, routes: Mapping[str, int]) -> None:
    """Serve until SIGTERM or SIGINT. `routes` maps path prefixes to ports on loopback; the longest that fits wins."""
    asyncio.run(_serve(host, port, dict(sorted(routes.items(), key=lambda route: -len(route[0])))))


async def _serve(host: str, port: int, routes: Mapping[str, int]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    open_now: set[asyncio.Task[None]] = set()

    async def take(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        open_now.add(task)
        try:
            await _pass(routes, reader, writer)
        finally:
            open_now.discard(task)
            writer.close()

    server = await asyncio.start_server(take, host, port, limit=LARGEST_HEAD)
    await stop.wait()
    server.close()
    if open_now:
        await asyncio.wait(open_now, timeout=LAST_ANSWERS_WITHIN)


async def _pass(routes: Mapping[str, int], reader: StreamReader, writer: StreamWriter) -> None:
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_WITHIN)
    except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
        return
    except asyncio.LimitOverrunError:
        await _answer(writer, 431, "Request Header Fields Too Large", UNREADABLE, html=False)
        return
    port = _port(routes, head)
    try:
        back, forth = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), CONNECT_WITHIN)
    except (OSError, TimeoutError):
        await _answer(writer, 503, "Service Unavailable", ABSENT, html=b"text/html" in head)
        return
    forth.write(_passed_on(head, writer.get_extra_info("peername")[0]))
    body = asyncio.create_task(_copy(reader, forth))
    try:
        await _copy(back, writer)
    finally:
        body.cancel()
        forth.close()


def _port(routes: Mapping[str, int], head: bytes) -> int:
    """The port of the longest prefix of the request's path; of `/` for anything else."""
    words = head.split(b"\r\n", 1)[0].split()
    path = words[1].decode("latin-1") if len(words) == 3 else "/"
    return next((port for prefix, port in routes.items() if path.startswith(prefix)), routes["/"])


def _passed_on(head: bytes, client: str) -> bytes:
    """The head as the last on its connection, with who sent it noted behind what others noted before."""
    lines = head[:-4].split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(HOP_BY_HOP)]
    return b"\r\n".join([*kept, b"X-Forwarded-For: " + client.encode(), b"Connection: close", b"", b""])


async def _copy(source: StreamReader, sink: StreamWriter) -> None:
    try:
        while block := await source.read(64 * 1024):
            sink.write(block)
            await sink.drain()
    except ConnectionError:
        return


async def _answer(writer: StreamWriter, status: int, title: str, sentence: str, html: bool) -> None:
    if html:
        kind, body = "text/html", f"<!doctype html><html lang=en><title>{title}</title><p>{sentence}</p>"
    else:
        kind, body = "application/problem+json", json.dumps({"title": title, "status": status, "detail": sentence})
    head = f"HTTP/1.1 {status} {title}\r\nContent-Type: {kind}; charset=utf-8\r\nRetry-After: 5\r\n"
    writer.write(f"{head}Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode())
    try:
        await writer.drain()
    except ConnectionError:
        return
