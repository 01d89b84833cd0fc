"""The bus: how a service hears events, keeps time and asks questions, on nameko."""

from services.kernel.bus.bells import Bell, when_rung
from services.kernel.bus.hearing import on_event
from services.kernel.bus.questions import Ask, asking, asking_from_outside, call_with_limit
from services.kernel.bus.times import every

__all__ = ["Ask", "Bell", "asking", "asking_from_outside", "call_with_limit", "every", "on_event", "when_rung"]
