"""The relay: carries events from the outboxes to the exchange, each at least once, in order, after its commit."""

import signal
import threading

from services.kernel import telemetry, topology
from services.kernel.relay.pump import Pump

log = telemetry.get_logger("countersign.relay")


def run(services: list[str]) -> None:
    """Relay the outboxes of these services until SIGTERM or SIGINT.

    Each service has a thread of its own, so that a locked table or a long backlog of one does not hold up the others.
    Several relays of one service may run: one leads, the others stand by. Broker and database may come and go.
    """
    telemetry.setup("relay")
    # Reading the handlers imports eventlet, which makes a second `threading` for itself; imported within a thread it
    # would take that thread's end away from whoever joins it.
    topology.handlers()
    pumps = [Pump(service) for service in services]
    telemetry.watch(
        "countersign.outbox.age",
        "Age of the oldest event that was not sent",
        "s",
        lambda: {pump.service: age for pump in pumps if (age := pump.oldest) is not None},
    )
    ended, failed = threading.Event(), threading.Event()

    def keep_pumping(pump: Pump) -> None:
        try:
            pump.run()
        except Exception:
            log.exception("The relay of one service failed; this process ends", service=pump.service)
            failed.set()
        finally:
            ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threads = [threading.Thread(target=keep_pumping, args=[pump], name=f"relay {pump.service}") for pump in pumps]
    for thread in threads:
        thread.start()
    ended.wait()
    for pump in pumps:
        pump.stop()
    for thread in threads:
        thread.join()
    if failed.is_set():
        raise SystemExit(1)
