"""The bus: how a service hears events, keeps time and asks questions, on nameko."""

# ruff: noqa: E402 -- eventlet warns when it is imported
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")  # docs/decisions/0001 tells why we know and stay

from services.kernel.bus.bells import Bell, when_rung
from services.kernel.bus.hearing import on_event
from services.kernel.bus.questions import EXPIRES, Ask, asking, asking_from_outside, call_with_limit
from services.kernel.bus.times import every

__all__ = [
    "EXPIRES",
    "Ask",
    "Bell",
    "asking",
    "asking_from_outside",
    "call_with_limit",
    "every",
    "on_event",
    "when_rung",
]
