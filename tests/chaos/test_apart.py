"""With --apart a service may be away, and the others do their work."""

from collections.abc import Callable
from itertools import islice

from services.cli.round.cast import assemble
from services.cli.round.play import play, script
from tests import told
from tests.facts import eventually
from tests.local import Local, mails

OPENED, COMMENTED = 2, 3  # steps of a round: the consultation is open; the reviewers have commented


def test_notifications_may_be_away_and_mail_follows(start: Callable[..., Local]) -> None:
    """Its worker is stopped, a whole round goes on; when it is back, just those are told whom it concerns, once."""
    local = start("--apart")
    cast = assemble(script(), local.settings["COUNTERSIGN_PUBLIC_URL"])
    local.run("hold", "worker-notifications")
    list(play(script(), cast))
    assert mails()["messages"] == []
    local.run("release", "worker-notifications")
    eventually(lambda: told.holds(cast), within=60, every=1)


def test_the_catalogue_may_be_away_and_employers_still_comment(start: Callable[..., Local]) -> None:
    """Its web and worker are stopped: reviewers comment all the same, and the round ends once it is back."""
    local = start("--apart")
    round = play(script(), assemble(script(), local.settings["COUNTERSIGN_PUBLIC_URL"]))
    list(islice(round, OPENED))
    local.run("hold", "web-catalogue", "worker-catalogue")
    assert len(list(islice(round, COMMENTED))) == COMMENTED
    local.run("release", "web-catalogue", "worker-catalogue")
    assert "publishes" in list(round)[-1].sentence
