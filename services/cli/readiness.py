"""Is every part of the local platform at work? Asked by `countersign up` before it says so."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from services import SERVICES
from services.cli.health import is_led, signer_lacks
from services.kernel import children, config, topology
from services.kernel.errors import Unavailable

SETTLED = 1.0  # seconds; a child that has lived so long did not die of its start


def what_lacks(folder: Path, wanted: Sequence[str]) -> str:
    """The first thing that is not as it should be, in a sentence; empty when all is well."""
    settled = {child.name for child in children.living(folder) if child.process.age > SETTLED}
    if missing := [name for name in wanted if name not in settled]:
        return f"{', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not run."
    if (answer := web_answer()) != "answers":
        return f"The web {answer}."
    try:
        unread = topology.unread(
            config.amqp_url(), [*(h.queue for h in topology.handlers()), topology.recorder_queue()]
        )
        unled = [service for service in SERVICES if not is_led(service)]
        unsigned = signer_lacks()
    except (OSError, Unavailable) as problem:
        return f"{problem}."
    if unread:
        return f"Nobody reads {', '.join(unread)}."
    return f"No relay holds the outbox of {', '.join(unled)}." if unled else unsigned


def web_answer() -> str:
    """What the web says of itself: "answers" when it is ready."""
    port = config.env().int("WEB_PORT", 8080)
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3).close()
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except OSError:
        return "does not answer"
    return "answers"
