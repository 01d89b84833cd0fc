"""A draft out of a file of another system."""

from hashlib import sha256

from services.catalogue import elm
from services.catalogue.commands.drafting import open_draft
from services.catalogue.domain.acts import Opening
from services.kernel.events import Actor, Event


def import_elm(actor: Actor, body: bytes) -> tuple[Event, list[elm.Note]]:
    """Open a draft from a file of the European Learning Model; return with it what was taken and what not."""
    document, notes = elm.read(body)
    return open_draft(actor, Opening(document, imported=sha256(body).hexdigest())), notes
