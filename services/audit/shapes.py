"""What the record answers: the shapes of its REST doors, with what each member means."""

from typing import Any

from marshmallow import fields

from services.audit.domain.withholding import GROUNDS
from services.kernel.http import Listing, Schema

HASH = "c3bc9d3e1c2ed5c0bd9a5a2b6f5e3a2f6b8a1c0d7e9f4b3a2c1d0e9f8a7b6c5d"
ID = "019b5a52-7f4e-7c6e-9d2f-3f5a3c1d2e4b"


def means(description: str, **more: Any) -> dict[str, Any]:
    """Return what the OpenAPI document says of a member."""
    return {"description": description, **more}


class CheckpointLine(Schema):
    """A checkpoint that the quorum of the policy's witnesses has co-signed."""

    size = fields.Integer(metadata=means("How many entries its tree has.", example=128))
    root = fields.String(metadata=means("The root of its RFC 6962 tree, in hexadecimal.", example=HASH))
    at = fields.DateTime(metadata=means("Since when it has its quorum.", example="2026-03-01T09:30:00+00:00"))
    note = fields.String(
        metadata=means("The signed note (C2SP tlog-checkpoint): our signature on three lines, and the witnesses'.")
    )


class Checkpoints(Listing):
    """A page of what was published."""

    items = fields.List(fields.Nested(CheckpointLine), metadata=means("Checkpoints, the largest first."))


class HeadAnswer(Schema):
    """The record as it is now."""

    size = fields.Integer(metadata=means("How many entries it has.", example=131))
    root = fields.String(metadata=means("Root of the RFC 6962 tree over them, in hexadecimal.", example=HASH))
    published = fields.Nested(
        CheckpointLine, allow_none=True, metadata=means("The newest checkpoint with its quorum; null before the first.")
    )


class ProofAnswer(Schema):
    """That an entry is in a tree (RFC 6962, 2.1.1): hash the leaf with the path, and the root must come out."""

    index = fields.Integer(attribute="idx", metadata=means("The number of the entry, from 0.", example=57))
    size = fields.Integer(metadata=means("How many entries the tree has.", example=128))
    leaf = fields.String(metadata=means("SHA-256 of 0x00 and the entry's bytes, in hexadecimal.", example=HASH))
    path = fields.List(
        fields.String(metadata={"example": HASH}), metadata=means("The siblings from the leaf up, in hexadecimal.")
    )
    root = fields.String(metadata=means("The root of the tree, in hexadecimal.", example=HASH))
    checkpoint = fields.Nested(
        CheckpointLine, allow_none=True, metadata=means("That tree's checkpoint; null where you asked for a size.")
    )


class ConsistencyAnswer(Schema):
    """That one tree continues another (RFC 6962, 2.1.2)."""

    old = fields.Integer(data_key="from", metadata=means("The size of the earlier tree.", example=64))
    new = fields.Integer(data_key="to", metadata=means("The size of the later tree.", example=128))
    path = fields.List(fields.String(metadata={"example": HASH}), metadata=means("The proof, in hexadecimal."))
    old_root = fields.String(data_key="from_root", metadata=means("The root of the earlier tree.", example=HASH))
    new_root = fields.String(data_key="to_root", metadata=means("The root of the later tree.", example=HASH))


class ReceiptAnswer(Schema):
    """How far the proof of an act is."""

    event = fields.String(metadata=means("The id of its event, as the command answered it.", example=ID))
    state = fields.String(
        metadata=means(
            "waiting: it is being entered and witnessed; ready: its .tlog-proof is there.", enum=["waiting", "ready"]
        )
    )
    entry = fields.Integer(allow_none=True, metadata=means("Its entry; null until it has one.", example=57))
    proof = fields.String(
        allow_none=True, metadata=means("Where its .tlog-proof is; null while it waits.", example="/audit/api/v1/...")
    )


class EntryLine(Schema):
    """One entry of the timeline."""

    idx = fields.Integer(metadata=means("Its number in the record, from 0.", example=57))
    event = fields.String(metadata=means("The id of its event.", example=ID))
    type = fields.String(metadata=means("What kind of act it tells of.", example="codesign.comment.submitted.v1"))
    source = fields.String(metadata=means("The service that says so.", example="/codesign"))
    subject = fields.String(metadata=means("The aggregate it is about.", example=ID))
    sequence = fields.Integer(metadata=means("Its place among the events of that aggregate, from 1.", example=4))
    organisation = fields.String(allow_none=True, metadata=means("The organisation that was acted for."))
    actor = fields.String(metadata=means("The person who acted, by a pseudonymous id, or `system`."))
    time = fields.DateTime(metadata=means("When it happened, by the clock of the service that says so."))
    said = fields.String(
        metadata=means("The entry in words.", example="Nordhafen Logistik commented on outcome lo-store (concern).")
    )
    words = fields.String(allow_none=True, metadata=means("What was said with it, where you may read it."))
    erased = fields.Boolean(metadata=means("Whether what was said with it was erased."))
    design = fields.String(allow_none=True, metadata=means("The design whose story it is a part of."))


class Entries(Listing):
    """A page of the timeline."""

    items = fields.List(fields.Nested(EntryLine), metadata=means("The entries, in the order asked for."))


class PrivateLine(Schema):
    """A private value that an entry commits to."""

    pointer = fields.String(metadata=means("Where it belongs in the event.", example="/data/text"))
    commitment = fields.String(metadata=means("What stands in the bytes in its place.", example=f"sha256:{HASH}"))
    state = fields.String(
        metadata=means(
            "Whether it is kept; excused by an entry: erased, withheld, lost; or tampered with: missing, changed.",
            enum=["kept", "erased", "withheld", "lost", "missing", "changed"],
        )
    )
    under = fields.Integer(allow_none=True, metadata=means("The entry that excuses that it is gone.", example=61))
    value = fields.Raw(allow_none=True, metadata=means("The value, where it is kept and you may read it."))


class EntryDetail(EntryLine):
    """One entry with all that is kept of it."""

    body = fields.String(metadata=means("The very bytes: leaf is SHA-256 of 0x00 and these, in UTF-8."))
    leaf = fields.String(metadata=means("The leaf hash, in hexadecimal.", example=HASH))
    fits = fields.Boolean(metadata=means("Whether the bytes make that leaf hash."))
    entered_at = fields.DateTime(metadata=means("When it was entered."))
    position = fields.Integer(allow_none=True, metadata=means("Its place among all events of its service."))
    private = fields.List(fields.Nested(PrivateLine), metadata=means("The private values it commits to."))


class AsOf(Schema):
    """What a moment in time means: the tree under the largest checkpoint that had been co-signed by then."""

    asked = fields.DateTime(metadata=means("The moment that was asked for."))
    size = fields.Integer(metadata=means("The size of the checkpoint's tree.", example=128))
    at = fields.DateTime(metadata=means("Since when it had its quorum."))


class StateAnswer(Schema):
    """A state at a point of the record."""

    at = fields.Integer(metadata=means("The entry up to which the record was read.", example=57))
    as_of = fields.Nested(
        AsOf, allow_none=True, metadata=means("The checkpoint that a moment means; null for an entry.")
    )


class VersionLine(Schema):
    """One version of a design."""

    number = fields.Integer(metadata=means("Its number, from 1.", example=2))
    entry = fields.Integer(metadata=means("The entry that made it.", example=41))
    time = fields.DateTime(metadata=means("When it was made."))
    stated_hash = fields.String(metadata=means("The hash of its document that the entry states.", example=HASH))
    found_hash = fields.String(allow_none=True, metadata=means("The hash of the document made again from the entries."))
    whole = fields.Boolean(metadata=means("Whether the document made again has the hash its entry states."))
    problem = fields.String(allow_none=True, metadata=means("Why it cannot be made again, where it cannot."))


class CommentLine(Schema):
    """One comment, and what became of it."""

    id = fields.String(metadata=means("The comment.", example=ID))
    entry = fields.Integer(metadata=means("Its entry.", example=37))
    organisation = fields.String(allow_none=True, metadata=means("The organisation that made it."))
    element = fields.String(metadata=means("The element it is on.", example="/outcomes/lo-store"))
    version = fields.Integer(metadata=means("The version it was made on.", example=1))
    kind = fields.String(metadata=means("question, concern, praise, error or demand.", example="demand"))
    text = fields.String(allow_none=True, metadata=means("Its words, where they are kept and you may read them."))
    disposition = fields.String(allow_none=True, metadata=means("What became of it.", example="accepted"))
    reason = fields.String(allow_none=True, metadata=means("Why, where it is kept and you may read it."))


class EndorsementLine(Schema):
    """One endorsement."""

    id = fields.String(metadata=means("The endorsement.", example=ID))
    entry = fields.Integer(metadata=means("Its entry.", example=49))
    organisation = fields.String(metadata=means("The organisation that endorses."))
    version = fields.Integer(metadata=means("The version it was given on.", example=2))
    interest = fields.String(metadata=means("The interest it declares.", example="none"))
    elements = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=means("What it covers: elements and their hashes.")
    )
    stands = fields.Boolean(
        metadata=means("Whether all it covers is unchanged in the newest version that you may see.")
    )


class ConsultationLine(Schema):
    """One consultation."""

    id = fields.String(metadata=means("The consultation.", example=ID))
    version = fields.Integer(metadata=means("The version it was opened on.", example=1))
    visibility = fields.String(metadata=means("What reviewers see of each other.", example="nothing_until_closed"))
    closes_at = fields.DateTime(allow_none=True, metadata=means("Until when comments are taken."))
    participants = fields.List(fields.String(), metadata=means("The organisations asked to take part."))
    comments = fields.List(fields.Nested(CommentLine), metadata=means("What was said in it."))
    endorsements = fields.List(fields.Nested(EndorsementLine), metadata=means("Who endorsed what."))
    sealed = fields.Boolean(metadata=means("Whether a seal stands."))


class ConsultationAnswer(StateAnswer, ConsultationLine):
    """A consultation as it was at a point of the record, as far as you may read it."""

    draft = fields.String(metadata=means("The design it is on.", example=ID))


class StoryAnswer(StateAnswer):
    """A design and its consultations as they were at a point of the record."""

    id = fields.String(metadata=means("The design.", example=ID))
    previous = fields.Integer(allow_none=True, metadata=means("The entry before the last of its story up to there."))
    next = fields.Integer(allow_none=True, metadata=means("The entry that comes next in its story."))
    title = fields.String(metadata=means("Its title.", example="Safe handling of lithium batteries"))
    provider = fields.String(allow_none=True, metadata=means("The organisation that designs it."))
    version = fields.Integer(allow_none=True, metadata=means("The number of its newest version.", example=2))
    document = fields.Dict(allow_none=True, metadata=means("That version's document, made again from the entries."))
    published = fields.Boolean(metadata=means("Whether it was published."))
    versions = fields.List(fields.Nested(VersionLine), metadata=means("Its versions."))
    consultations = fields.List(fields.Nested(ConsultationLine), metadata=means("Its consultations."))
    entries = fields.List(fields.Integer(), metadata=means("The entries it was read from."))


class EdgeLine(Schema):
    """That one entry follows from another."""

    kind = fields.String(metadata=means("How.", enum=["answered", "changed", "endorsed", "sealed", "published"]))
    source = fields.Integer(metadata=means("The earlier entry.", example=37))
    target = fields.Integer(metadata=means("The entry that follows from it.", example=45))
    said_by = fields.Integer(metadata=means("The entry that says so.", example=45))


class ChangeLine(Schema):
    """What a version changed of one element."""

    element = fields.String(metadata=means("The element.", example="/outcomes/lo-store"))
    version = fields.Integer(metadata=means("The version.", example=2))
    entry = fields.Integer(metadata=means("The entry that made it.", example=41))
    before = fields.String(allow_none=True, metadata=means("Its hash before; null where it was not there."))
    after = fields.String(allow_none=True, metadata=means("Its hash after; null where it was removed."))


class RowLine(Schema):
    """From a comment to all that followed from it; or a change that no comment asked for."""

    element = fields.String(metadata=means("The element.", example="/outcomes/lo-store"))
    label = fields.String(metadata=means("How one calls it.", example="outcome “Store damaged cells safely”"))
    comment = fields.Nested(CommentLine, allow_none=True, metadata=means("The comment; null where none asked for it."))
    became = fields.String(metadata=means("The disposition; open without any, unasked without a comment."))
    answered_in = fields.List(fields.Integer(), metadata=means("The versions that are said to answer it."))
    changes = fields.List(fields.Nested(ChangeLine), metadata=means("What changed because of it."))
    endorsements = fields.List(fields.Integer(), metadata=means("Entries of endorsements of the words it led to."))
    publications = fields.List(fields.Integer(), metadata=means("Entries of publications that have these words."))
    stands = fields.Boolean(metadata=means("Whether the newest version has them still."))
    edges = fields.List(fields.Nested(EdgeLine), metadata=means("What follows from what in this row."))


class TraceAnswer(StateAnswer):
    """The trace of a design, both ways."""

    id = fields.String(metadata=means("The design.", example=ID))
    rows = fields.List(fields.Nested(RowLine), metadata=means("One for each comment, and for each change unasked for."))
    edges = fields.List(fields.Nested(EdgeLine), metadata=means("All edges of these rows, each once."))


class WhatIfAnswer(StateAnswer):
    """A suggestion applied to the version it was made for; nothing is simulated beyond that."""

    comment = fields.Nested(CommentLine, metadata=means("The comment that suggests it."))
    version = fields.Integer(metadata=means("The version it was made for.", example=1))
    entry = fields.Integer(metadata=means("The entry that made that version.", example=12))
    document = fields.Dict(metadata=means("The document of that version."))
    suggested = fields.Dict(metadata=means("The document as it was suggested."))


class Made(Schema):
    """What was made."""

    id = fields.String(metadata=means("Its id.", example=ID))


class ProposalLine(Schema):
    """That a text be withheld: proposed by one person, decided by another."""

    id = fields.String(metadata=means("Its id.", example=ID))
    entry = fields.Integer(metadata=means("The entry the text stands beside.", example=57))
    event = fields.String(metadata=means("The event of that entry.", example=ID))
    pointer = fields.String(metadata=means("The place of the text in it.", example="/data/text"))
    ground = fields.String(metadata=means("Why.", enum=list(GROUNDS)))
    value = fields.Raw(allow_none=True, metadata=means("The text; null once it is gone."))
    proposed_by = fields.String(metadata=means("The person who proposed it.", example=ID))
    proposed_at = fields.DateTime(metadata=means("When."))
    decision = fields.String(allow_none=True, metadata=means("Null while it is open.", enum=["withheld", "left", None]))
    decided_by = fields.String(allow_none=True, metadata=means("The second person, or who took it back.", example=ID))
    decided_at = fields.DateTime(allow_none=True, metadata=means("When."))


class Proposals(Schema):
    """What was proposed to be withheld."""

    items = fields.List(fields.Nested(ProposalLine), metadata=means("The open ones first."))
