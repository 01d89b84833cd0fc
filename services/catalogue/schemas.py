"""What may come in at the doors and what goes out. What a document may hold is a rule of the domain."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.catalogue import examples
from services.catalogue.domain.acts import Opening, Revision
from services.catalogue.domain.annex import SKILL
from services.catalogue.json_patch import Step
from services.kernel.http.schemas import Choice, Id, Listing, Moment, Schema, Text

DOCUMENT = {
    "description": "The design: keyed elements and their order; at most 48 KiB of canonical JSON (RFC 8785).",
    "example": {
        "title": {"en": "Safe handling of lithium batteries"},
        "outcomes": {"lo-1": {"text": {"en": "Store damaged cells safely."}}},
        "order": {"outcomes": ["lo-1"]},
    },
}
HASH = {"description": "SHA-256 of the document's canonical JSON, in hexadecimal."}


class OpenDraft(Schema):
    """From what a draft is opened: an example by its name, or a document (`{"title": {"en": "..."}}` is enough)."""

    example = Text(max=60, metadata={"description": "The name of an example.", "example": "lithium-batteries"})
    document = fields.Dict(metadata=DOCUMENT)

    @ma.validates_schema
    def one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse neither and both."""
        if ("example" in data) == ("document" in data):
            raise ma.ValidationError("Name an example or send a document: one of the two.", "document")

    @ma.post_load
    def opening(self, data: dict[str, Any], **_: Any) -> Opening:
        """Make the wish of it."""
        if "example" in data:
            return Opening(examples.named(data["example"]).document, example=data["example"])
        return Opening(data["document"])


class ReviseDraft(Schema):
    """The next version: a JSON Patch or the whole document, what changed in words, and the comments it answers."""

    patch = fields.List(
        Step(),
        metadata={
            "description": "RFC 6902. A `test` before a `replace` makes sure that you change what you saw.",
            "example": [{"op": "replace", "path": "/workload/hours", "value": "30"}],
        },
    )
    document = fields.Dict(metadata=DOCUMENT)
    summary = Text(max=500, lines=True, metadata={"description": "What changed, and why."})
    answers = fields.List(
        Id(),
        validate=ma.validate.Length(max=200, error="A version answers at most 200 comments."),
        metadata={"description": "Ids of the comments that this version answers."},
    )

    @ma.pre_load
    def bare_patch(self, data: Any, **_: Any) -> Any:
        """Take a bare JSON Patch (application/json-patch+json) as one without words."""
        return {"patch": data} if isinstance(data, list) else data

    @ma.validates_schema
    def one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse neither and both."""
        if ("patch" in data) == ("document" in data):
            raise ma.ValidationError("Send a patch or the whole document: one of the two.", "patch")

    @ma.post_load
    def revision(self, data: dict[str, Any], **_: Any) -> Revision:
        """Make the wish of it."""
        return Revision(**data)


class Restore(Schema):
    """Why an earlier version is put back."""

    summary = Text(max=500, lines=True, metadata={"description": "Why.", "example": "Readers liked it better."})


class Recall(Schema):
    """Why a submission is taken back."""

    reason = Text(max=1000, lines=True, metadata={"description": "Why; it is shown to those who were asked."})


class Place(Schema):
    """Something to look at, and where."""

    pointer = fields.String(required=True)
    sentence = fields.String(required=True)


class Submitted(Schema):
    """The submission that stands, and co-design's answer once it is there."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    by = fields.String(required=True, metadata={"description": "The person; a second one has to publish."})
    at = Moment(required=True)
    sealed = fields.Boolean(allow_none=True, metadata={"description": "null while there is no answer."})
    missing = fields.List(fields.Dict(), metadata={"description": "What keeps the version from the seal."})


class DraftLine(Schema):
    """A draft in a list."""

    id = fields.String(required=True)
    title = fields.Dict(required=True, metadata={"description": "By language; empty where there is none yet."})
    version = fields.Integer(required=True)
    status = Choice(["drafting", "in_consultation", "submitted", "unready", "sealed", "published"], required=True)
    changed_at = Moment(required=True)


class DraftWhole(DraftLine):
    """A draft at its newest version."""

    organisation = fields.String(required=True)
    document = fields.Dict(required=True, metadata=DOCUMENT)
    document_hash = fields.String(required=True, metadata=HASH)
    consultation = fields.String(allow_none=True)
    credential = fields.String(allow_none=True)
    submission = fields.Nested(Submitted, allow_none=True)
    gaps = fields.List(fields.Nested(Place), metadata={"description": "What keeps it from being submitted."})


class Drafts(Listing):
    """A page of drafts."""

    items = fields.List(fields.Nested(DraftLine), required=True)


class VersionLine(Schema):
    """A version in a list."""

    version = fields.Integer(required=True)
    document_hash = fields.String(required=True, metadata=HASH)
    summary = fields.String(allow_none=True)
    answers = fields.List(fields.String())
    applies = fields.List(fields.String(), metadata={"description": "Comments whose suggestions it applies."})
    restores = fields.Integer(allow_none=True, metadata={"description": "The earlier version that it puts back."})
    author = fields.String(required=True)
    author_name = fields.String(allow_none=True)
    at = Moment(required=True)


class VersionWhole(VersionLine):
    """A version with its document, and the patch that led to it (null for the first)."""

    document = fields.Dict(required=True, metadata=DOCUMENT)
    patch = fields.List(fields.Dict(), allow_none=True)
    elements = fields.Dict(required=True, metadata={"description": "The SHA-256 of each element, by its pointer."})


class Versions(Listing):
    """A page of versions."""

    items = fields.List(fields.Nested(VersionLine), required=True)


class CredentialLine(Schema):
    """A published credential in a list."""

    id = fields.String(required=True)
    title = fields.Function(lambda row: row["document"].get("title", {}))
    organisation = fields.String(required=True)
    organisation_name = fields.String(allow_none=True)
    version = fields.Integer(required=True)
    document_hash = fields.String(required=True, metadata=HASH)
    published_at = Moment(required=True)


class CredentialWhole(CredentialLine):
    """A published credential with its document and what the publication rests on."""

    document = fields.Dict(required=True, metadata=DOCUMENT)
    consultation = fields.String(required=True)
    seal = fields.String(required=True, metadata={"description": "The event that sealed this very version."})
    endorsements = fields.Integer(allow_none=True, metadata={"description": "How many endorsements the seal rests on."})


class Credentials(Listing):
    """A page of credentials."""

    items = fields.List(fields.Nested(CredentialLine), required=True)


class SkillQuery(Schema):
    """What skill is sought, and in which language its label is wanted."""

    q = Text(max=200, required=True, metadata={"description": "The beginnings of words.", "example": "back-up"})
    language = Choice(["en", "de"], load_default="en", metadata={"description": "The language of `label`."})
    limit = fields.Integer(load_default=20, validate=ma.validate.Range(1, 100, error="Ask for 1 to 100 skills."))


class SkillLine(Schema):
    """A skill of ESCO, by its address."""

    uri = fields.String(required=True, metadata={"example": SKILL.example + "82de2df7-0d6c-42b1-94ac-b3e9a029e917"})
    label = fields.String(required=True, metadata={"example": "use back-up and recovery tools"})
    labels = fields.Dict(required=True, metadata={"description": "By language."})
    kind = fields.String(allow_none=True, metadata={"description": "knowledge or skill."})
    reuse_level = fields.String(allow_none=True)


class Skills(Schema):
    """The skills that were found, the best first."""

    items = fields.List(fields.Nested(SkillLine), required=True)


class ExampleWhole(Schema):
    """An example to begin from."""

    name = fields.String(required=True)
    document = fields.Dict(required=True, metadata=DOCUMENT)


class Examples(Schema):
    """Every example."""

    items = fields.List(fields.Nested(ExampleWhole), required=True)
