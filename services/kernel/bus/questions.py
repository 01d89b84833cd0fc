"""Questions to another service over nameko's RPC, with an end to the waiting: nameko itself waits for ever."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import nameko
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError
from nameko.exceptions import BadRequest, RemoteError, RpcTimeout, UnknownService
from nameko.standalone.rpc import ClusterRpcClient

from services.kernel import config
from services.kernel.errors import Unavailable

PATIENCE = 10.0  # seconds for one answer
EXPIRES = 30.0  # seconds; a question that nobody took by then is not worth an answer


closing = threading.Event()
"""Set when the process is told to end: services that end with it answer no more, and a long round of questions must not
hold it up."""


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


Ask = Callable[..., Any]
"""`ask(service, question, *arguments)`: asks a service, by name, one of the questions of `doors.py` and returns its
answer; raises Unavailable where no good answer comes."""


def asking(services: Any) -> Ask:
    """Return how a nameko service asks others, given its ClusterRpc."""

    def ask(service: str, question: str, *arguments: Any) -> Any:
        if closing.is_set():
            raise Unavailable("This process ends; the next one asks.")
        with _good_answer(service):
            return call_with_limit(getattr(services[service], question), *arguments, seconds=PATIENCE)

    return ask


@contextmanager
def asking_from_outside() -> Iterator[Ask]:
    """Yield how a process that is no nameko service asks, such as a command."""
    uri = config.amqp_url()
    with (
        nameko.config.patch({"AMQP_URI": uri, "serializer": "json"}),
        ClusterRpcClient(timeout=PATIENCE, uri=uri, expiration=EXPIRES) as services,
    ):

        def ask(service: str, question: str, *arguments: Any) -> Any:
            with _good_answer(service):
                return getattr(services[service], question)(*arguments)

        yield ask


@contextmanager
def _good_answer(service: str) -> Iterator[None]:
    try:
        yield
    except (RemoteError, BadRequest) as problem:
        raise Unavailable(f"{service} cannot answer: {problem}") from problem
    except (RpcTimeout, UnknownService, AMQPError, KombuError, OSError) as problem:
        raise Unavailable(f"{service} does not answer just now; ask again later.") from problem
