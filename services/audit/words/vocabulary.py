"""What things are called in the sentences about entries."""

SERVICES = {
    "accounts": "The platform",
    "catalogue": "The catalogue",
    "codesign": "The platform",
    "notifications": "The platform",
    "audit": "The record itself",
}
CALLED = {
    "accounts": "Accounts",
    "catalogue": "The catalogue",
    "codesign": "Co-design",
    "notifications": "Notices",
    "audit": "The record",
}
STANDINGS = {
    "provider": "a provider",
    "employer": "an employer",
    "professional_body": "a professional body",
    "employer_association": "an employer association",
    "trade_union": "a trade union",
    "quality_agency": "a quality-assurance agency",
    "learner_representative": "a representative of learners",
    "public_authority": "a public authority",
}
GROUNDS = {"register_number": "register number", "web_domain": "web domain", "proof_by_mail": "proof by mail"}
DISPOSITIONS = {
    "accepted": "accepted",
    "accepted_with_changes": "accepted with changes",
    "rejected": "not accepted",
    "out_of_scope": "outside this design",
    "duplicate": "said already by another comment",
    "deferred": "kept for later",
    "withdrawn": "withdrawn by its author",
}
KINDS = {"question": "question", "concern": "concern", "praise": "praise", "error": "mistake", "demand": "need"}
INTERESTS = {
    "none": "no interest declared",
    "customer_or_supplier": "customer or supplier of the provider",
    "owner_or_group": "owner or group of the provider",
    "paid": "paid for it",
}
VISIBILITIES = {
    "nothing_until_closed": "nothing until it closes",
    "words_without_organisation": "the words, but never whose they are",
    "everything": "everything at once",
}
MISSING = {
    "open_comments": "comments without an answer",
    "no_employer_endorsement": "an endorsement by a confirmed employer",
    "no_professional_body_endorsement": "an endorsement by a confirmed professional body",
    "unknown_version": "the version itself, which had not arrived whole",
}
NOT_TOLD = {
    "no_address": "there is no address",
    "expired": "the link had run out",
    "refused": "the address was refused",
    "unreachable": "it could not be reached",
}


ABOUT = {
    "accounts.token.issued.v1": "of a link to sign in",
    "catalogue.credential.published.v1": "of a publication",
    "catalogue.draft.submitted.v1": "of a submission",
    "catalogue.draft.recalled.v1": "of a recall",
    "catalogue.draft.revised.v1": "of a new version",
    "codesign.comment.submitted.v1": "of a comment",
    "codesign.consultation.opened.v1": "of a consultation",
    "codesign.consultation.sealed.v1": "of a seal",
    "codesign.consultation.unready.v1": "of what the seal waits for",
    "codesign.disposition.recorded.v1": "of an answer",
    "codesign.endorsement.given.v1": "of an endorsement",
    "codesign.participant.invited.v1": "of an invitation",
}

WITHHELD = {
    "third_party": "because it tells of somebody who did not agree",
    "unlawful": "because it is unlawful",
    "confidential": "because it is confidential",
    "order": "because a court or an authority ordered it",
}

# What became of a private value that is gone, where an entry says so.
UNDER = {
    "erased": "Erased at the wish of the person",
    "withheld": "Withheld",
    "lost": "Lost, and no copy had it",
}

# What goes along with what people do, and is gathered in a line: one of it, and many.
QUIET = {
    "notifications.notice.delivered.v1": ("notice was delivered", "notices were delivered"),
    "accounts.token.issued.v1": ("link to sign in was sent", "links to sign in were sent"),
    "accounts.token.revoked.v1": ("link to sign in was made invalid", "links to sign in were made invalid"),
    "accounts.session.revoked.v1": ("session ended", "sessions ended"),
}

# What one can ask the record for, and the types of entries that are meant.
TOPICS = {
    "designs": ("Designs and their versions", ("catalogue.draft.opened.v1", "catalogue.draft.revised.v1")),
    "consultations": (
        "Consultations and who was asked",
        ("codesign.consultation.opened.v1", "codesign.participant.invited.v1"),
    ),
    "comments": ("Comments", ("codesign.comment.submitted.v1",)),
    "answers": ("Answers to comments", ("codesign.disposition.recorded.v1",)),
    "endorsements": ("Endorsements", ("codesign.endorsement.given.v1",)),
    "seals": (
        "Submissions, seals and publications",
        (
            "catalogue.draft.submitted.v1",
            "catalogue.draft.recalled.v1",
            "codesign.consultation.sealed.v1",
            "codesign.consultation.unready.v1",
            "catalogue.credential.published.v1",
        ),
    ),
    "organisations": (
        "Organisations and their standing",
        (
            "accounts.organisation.registered.v1",
            "accounts.organisation.changed.v1",
            "accounts.organisation.confirmed.v1",
        ),
    ),
    "people": (
        "People and their roles",
        (
            "accounts.person.invited.v1",
            "accounts.person.joined.v1",
            "accounts.person.changed.v1",
            "accounts.person.left.v1",
            "accounts.role.granted.v1",
            "accounts.role.revoked.v1",
        ),
    ),
    "links": (
        "Links and sessions",
        ("accounts.token.issued.v1", "accounts.token.revoked.v1", "accounts.session.revoked.v1"),
    ),
    "notices": ("Who was told", ("notifications.notice.delivered.v1", "notifications.notice.failed.v1")),
    "erasures": (
        "What was erased or withheld",
        ("accounts.person.erased.v1", "audit.text.withheld.v1", "audit.values.lost.v1"),
    ),
    "gaps": (
        "Gaps in the record",
        ("audit.gap.found.v1", "audit.gap.closed.v1", "audit.values.lost.v1", "audit.log.succeeded.v1"),
    ),
}

# What people do, of which they have receipts.
ACTS = [
    type
    for topic in ("designs", "consultations", "comments", "answers", "endorsements", "seals")
    for type in TOPICS[topic][1]
]
