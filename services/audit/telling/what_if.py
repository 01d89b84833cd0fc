"""What if: a suggestion that was made, applied to the version it was made for; nothing is simulated beyond that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.audit.reading.consultations import Comment, Consultation
from services.audit.reading.designs import Design, Version
from services.audit.reading.patching import Misfit, patched
from services.kernel.errors import Gone, NotFound, Refused
from services.kernel.events import ERASED
from services.kernel.language import say

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A suggestion, the version it was made for, that version's document, and the document as was suggested."""

    comment: Comment
    version: Version
    document: Document
    suggested: Document


def what_if(of: Design, consultations: Sequence[Consultation], comment_id: str) -> WhatIf:
    """Apply what a comment suggested to the version it was made for.

    Raise NotFound where there is no such comment or it suggests nothing (or not to this reader), Gone where its words
    were erased, Refused where its version cannot be made again or the suggestion does not fit it.
    """
    comment = next((one.comments[comment_id] for one in consultations if comment_id in one.comments), None)
    if comment is None:
        raise NotFound(say("There is no such comment on this design in the record, or it is not open to you."))
    patch, version = comment.entry.open("suggestion"), of.version(comment.version)
    if patch is ERASED:
        raise Gone(say("The words of this suggestion were erased, so nobody can see any more what it would have made."))
    if not isinstance(patch, list):
        raise NotFound(say("This comment suggests no other words, or they are not open to you."))
    if version is None or version.document is None:
        raise Refused(say("The version that this was suggested for cannot be made again from the entries."))
    try:
        return WhatIf(comment, version, version.document, patched(version.document, patch))
    except (Misfit, TypeError, AttributeError) as problem:
        raise Refused(
            say("The suggestion does not fit the version it was made for: {problem}.", problem=str(problem))
        ) from problem
