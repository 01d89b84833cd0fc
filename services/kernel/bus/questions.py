"""Questions to another service over nameko's RPC, with an end to the waiting: nameko itself waits for ever."""

from typing import Any

import eventlet
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError
from nameko.exceptions import UnknownService

from services.kernel.errors import Unavailable


class _NoAnswer(Exception):
    """The time was up."""


def call_with_limit(method: Any, *arguments: Any, seconds: float = 5.0, **named: Any) -> Any:
    """Ask `method` (such as `self.accounts.address_of`, of a nameko ServiceRpc) and return its answer.

    Raise Unavailable where none comes within the time, or nobody is there to be asked; never on the path of a command.
    What the other side raises is raised here.
    """
    call = None
    try:
        with eventlet.Timeout(seconds, _NoAnswer):
            call = method.call_async(*arguments, **named)
            return call.result()
    except (_NoAnswer, UnknownService, AMQPError, KombuError, OSError) as problem:
        raise Unavailable(f"{method.service_name} does not answer just now; ask again later.") from problem
    finally:
        if call is not None:
            # an answer nobody waits for any more; nameko would remember it, and fail when its queue is gone
            method.register_for_reply.__self__.pending.pop(call.correlation_id, None)
