"""What a relay does about missing queues: a rule from what it saw and when, to what it declares and sends again."""

import pytest

from services.kernel.relay.watch import LEFT_MISSING, MARGIN, NOTHING_TO_DO, UNKNOWN, WIPED, Watch


@pytest.fixture
def watch() -> Watch:
    return Watch("catalogue")


def test_all_in_place_is_nothing_to_do(watch: Watch) -> None:
    """The usual look."""
    assert watch.judge([], now=100) == NOTHING_TO_DO


def test_a_missing_epoch_is_a_wiped_broker(watch: Watch) -> None:
    """Everything is declared at once, the last day is sent again, and only then the epoch begins anew."""
    remedy = watch.judge([watch.epoch.name, "audit.recorder"], now=100)
    assert remedy is not None
    assert {queue.name for queue in remedy.declare} == set(watch.names()) - {watch.epoch.name}
    assert (remedy.send_again, remedy.begin_epoch) == (WIPED, True)


def test_a_missing_queue_is_left_missing_until_every_relay_has_seen_it(watch: Watch) -> None:
    """Declared too soon, it would hide from the others that they have to send again."""
    watch.judge([], now=100)
    assert watch.judge(["audit.recorder"], now=108) is None
    assert watch.judge(["audit.recorder"], now=108 + LEFT_MISSING - 1) is None
    remedy = watch.judge(["audit.recorder"], now=108 + LEFT_MISSING)
    assert remedy is not None
    assert [queue.name for queue in remedy.declare] == ["audit.recorder"]
    assert remedy.send_again == 8 + LEFT_MISSING + MARGIN  # since all were last seen in place


def test_a_queue_that_somebody_else_declared_again_is_made_good_too(watch: Watch) -> None:
    """It was missing between two looks; what was sent since the last good one may not be in it."""
    watch.judge([], now=100)
    watch.judge(["audit.recorder"], now=108)
    remedy = watch.judge([], now=116)
    assert remedy is not None
    assert (remedy.declare, remedy.send_again) == ((), 16 + MARGIN)
    watch.well(117)
    assert watch.judge([], now=125) == NOTHING_TO_DO


def test_at_its_first_look_a_relay_declares_at_once(watch: Watch) -> None:
    """A new handler's queue, at a deploy: nothing was published by this process that it could have missed."""
    remedy = watch.judge(["audit.recorder"], now=100)
    assert remedy is not None
    assert [queue.name for queue in remedy.declare] == ["audit.recorder"]
    assert remedy.send_again == UNKNOWN
