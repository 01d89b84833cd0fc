"""The bare chain: the same bytes published with confirms, taken from a quorum queue, hashed and copied."""

import threading
import time
from hashlib import sha256
from typing import Any

import pika
import psycopg

from benchmarks.house import fact, house
from services.kernel import config, db, topology
from services.kernel.ids import new_id
from services.kernel.outbox import emit

COUNT = 20_000
BATCH = 500
SINGLES = 500


def sustained() -> float:
    """Return rows per second from the first publish to the last commit."""
    with house():
        with db.of("catalogue").transaction() as tx:
            body = emit(tx, fact(new_id())).body
        done = threading.Event()
        taker = threading.Thread(target=_take, args=[done])
        taker.start()
        begun = time.monotonic()
        _publish(body)
        done.wait(90)
        taker.join()
        return COUNT / (time.monotonic() - begun)


def singles() -> list[float]:
    """Return the seconds of one publish with confirm and one insert, many times, sorted."""
    with house():
        with db.of("catalogue").transaction() as tx:
            body = emit(tx, fact(new_id())).body
        with (
            psycopg.connect(config.admin_database_url(), autocommit=True) as database,
            pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as broker,
        ):
            database.execute("CREATE TABLE floor (body bytea, leaf bytea)")
            channel = broker.channel()
            channel.confirm_delivery()
            return sorted(_single(channel, database, body) for _ in range(SINGLES))


def _single(channel: Any, database: "psycopg.Connection[Any]", body: bytes) -> float:
    begun = time.monotonic()
    channel.basic_publish("events", "bench", body, pika.BasicProperties(delivery_mode=2))
    database.execute("INSERT INTO floor VALUES (%s, %s)", [body, sha256(b"\x00" + body).digest()])
    return time.monotonic() - begun


def _publish(body: bytes) -> None:
    confirmed, sent = [0], [0]

    def opened(connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=ready)

    def ready(channel: pika.channel.Channel) -> None:
        channel.confirm_delivery(lambda frame: more(channel, frame))
        send(channel)

    def send(channel: pika.channel.Channel) -> None:
        while sent[0] < COUNT and sent[0] - confirmed[0] < 2000:
            sent[0] += 1
            channel.basic_publish("events", "bench", body, pika.BasicProperties(delivery_mode=2))

    def more(channel: pika.channel.Channel, frame: pika.frame.Method) -> None:
        confirmed[0] = frame.method.delivery_tag
        if confirmed[0] >= COUNT:
            channel.connection.close()
        elif sent[0] - confirmed[0] < 1000:
            send(channel)

    connection = pika.SelectConnection(
        pika.URLParameters(config.amqp_url()),
        on_open_callback=opened,
        on_close_callback=lambda closed, _: closed.ioloop.stop(),
    )
    connection.ioloop.start()


def _take(done: threading.Event) -> None:
    with (
        psycopg.connect(config.admin_database_url()) as database,
        pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as broker,
    ):
        database.execute("CREATE TABLE floor (body bytea, leaf bytea)")
        database.commit()
        channel, rows = broker.channel(), []
        channel.basic_qos(prefetch_count=1000)
        for taken, (method, _, body) in enumerate(channel.consume(topology.recorder_queue().name), 1):
            rows.append((body, sha256(b"\x00" + body).digest()))
            if len(rows) == BATCH or taken == COUNT:
                with database.cursor().copy("COPY floor FROM STDIN (FORMAT BINARY)") as copy:
                    for row in rows:
                        copy.write_row(row)
                database.commit()
                channel.basic_ack(method.delivery_tag, multiple=True)
                rows = []
            if taken == COUNT:
                break
        done.set()
