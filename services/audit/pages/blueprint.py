"""The blueprint of the pages of the record, and what all its templates can say."""

from typing import Any

from services.audit.domain.withholding import ROLES
from services.audit.reading.outline import heading
from services.audit.words import vocabulary
from services.audit.words.phrases import ago, count
from services.kernel.events import ERASED
from services.kernel.http import PageBlueprint, current_actor

pages = PageBlueprint("audit", "services.audit")


@pages.context_processor
def words() -> dict[str, Any]:
    """Let every template of the record speak its words."""
    return {
        "words_of": vocabulary,
        "ERASED": ERASED,
        "heading_of": heading,
        "anchor_of": anchor_of,
        "ago": ago,
        "count": count,
        "may_withhold": may_withhold,
    }


def may_withhold() -> bool:
    """Say whether whoever looks has a part in withholding texts."""
    actor = current_actor()
    return actor is not None and actor.scope is None and actor.has(*ROLES)


def anchor_of(pointer: str) -> str:
    """Return the name of an element's place on a page."""
    return "-".join(pointer.split("/")[1:3])
