"""What things are called in the sentences about entries."""

from services.kernel.language import say

SERVICES = {
    "accounts": say("The platform"),
    "catalogue": say("The catalogue"),
    "codesign": say("The platform"),
    "notifications": say("The platform"),
    "audit": say("The record itself"),
}
CALLED = {
    "accounts": say("Accounts"),
    "catalogue": say("The catalogue"),
    "codesign": say("Co-design"),
    "notifications": say("Notices"),
    "audit": say("The record"),
}
STANDINGS = {
    "provider": say("a provider"),
    "employer": say("an employer"),
    "professional_body": say("a professional body"),
    "employer_association": say("an employer association"),
    "trade_union": say("a trade union"),
    "quality_agency": say("a quality-assurance agency"),
    "learner_representative": say("a representative of learners"),
    "public_authority": say("a public authority"),
}
GROUNDS = {
    "register_number": say("register number"),
    "web_domain": say("web domain"),
    "proof_by_mail": say("proof by mail"),
}
DISPOSITIONS = {
    "accepted": say("accepted"),
    "accepted_with_changes": say("accepted with changes"),
    "rejected": say("not accepted"),
    "out_of_scope": say("outside this design"),
    "duplicate": say("said already by another comment"),
    "deferred": say("kept for later"),
    "withdrawn": say("withdrawn by its author"),
}
KINDS = {
    "question": say("question"),
    "concern": say("concern"),
    "praise": say("praise"),
    "error": say("mistake"),
    "demand": say("need"),
}
INTERESTS = {
    "none": say("no interest declared"),
    "customer_or_supplier": say("customer or supplier of the provider"),
    "owner_or_group": say("owner or group of the provider"),
    "paid": say("paid for it"),
}
VISIBILITIES = {
    "nothing_until_closed": say("nothing until it closes"),
    "words_without_organisation": say("the words, but never whose they are"),
    "everything": say("everything at once"),
}
MISSING = {
    "open_comments": say("comments without an answer"),
    "no_employer_endorsement": say("an endorsement by a confirmed employer"),
    "no_professional_body_endorsement": say("an endorsement by a confirmed professional body"),
    "unknown_version": say("the version itself, which had not arrived whole"),
}
NOT_TOLD = {
    "no_address": say("there is no address"),
    "expired": say("the link had run out"),
    "refused": say("the address was refused"),
    "unreachable": say("it could not be reached"),
}


ABOUT = {
    "accounts.token.issued.v1": say("of a link to sign in"),
    "catalogue.credential.published.v1": say("of a publication"),
    "catalogue.draft.submitted.v1": say("of a submission"),
    "catalogue.draft.recalled.v1": say("of a recall"),
    "catalogue.draft.revised.v1": say("of a new version"),
    "codesign.comment.submitted.v1": say("of a comment"),
    "codesign.consultation.opened.v1": say("of a consultation"),
    "codesign.consultation.sealed.v1": say("of a seal"),
    "codesign.consultation.unready.v1": say("of what the seal waits for"),
    "codesign.disposition.recorded.v1": say("of an answer"),
    "codesign.endorsement.given.v1": say("of an endorsement"),
    "codesign.participant.invited.v1": say("of an invitation"),
}

WITHHELD = {
    "third_party": say("because it tells of somebody who did not agree"),
    "unlawful": say("because it is unlawful"),
    "confidential": say("because it is confidential"),
    "order": say("because a court or an authority ordered it"),
}

# What became of a private value that is gone, where an entry says so.
UNDER = {
    "erased": say("Erased at the wish of the person"),
    "withheld": say("Withheld"),
    "lost": say("Lost, and no copy had it"),
}

# What goes along with what people do, and is gathered in a line: one of it, and many.
QUIET = {
    "notifications.notice.delivered.v1": (say("notice was delivered"), say("notices were delivered")),
    "accounts.token.issued.v1": (say("link to sign in was sent"), say("links to sign in were sent")),
    "accounts.token.revoked.v1": (say("link to sign in was made invalid"), say("links to sign in were made invalid")),
    "accounts.session.revoked.v1": (say("session ended"), say("sessions ended")),
}

# What one can ask the record for, and the types of entries that are meant.
TOPICS = {
    "designs": (say("Designs and their versions"), ("catalogue.draft.opened.v1", "catalogue.draft.revised.v1")),
    "consultations": (
        say("Consultations and who was asked"),
        ("codesign.consultation.opened.v1", "codesign.participant.invited.v1"),
    ),
    "comments": (say("Comments"), ("codesign.comment.submitted.v1",)),
    "answers": (say("Answers to comments"), ("codesign.disposition.recorded.v1",)),
    "endorsements": (say("Endorsements"), ("codesign.endorsement.given.v1",)),
    "seals": (
        say("Submissions, seals and publications"),
        (
            "catalogue.draft.submitted.v1",
            "catalogue.draft.recalled.v1",
            "codesign.consultation.sealed.v1",
            "codesign.consultation.unready.v1",
            "catalogue.credential.published.v1",
        ),
    ),
    "organisations": (
        say("Organisations and their standing"),
        (
            "accounts.organisation.registered.v1",
            "accounts.organisation.changed.v1",
            "accounts.organisation.confirmed.v1",
        ),
    ),
    "people": (
        say("People and their roles"),
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
        say("Links and sessions"),
        ("accounts.token.issued.v1", "accounts.token.revoked.v1", "accounts.session.revoked.v1"),
    ),
    "notices": (say("Who was told"), ("notifications.notice.delivered.v1", "notifications.notice.failed.v1")),
    "erasures": (
        say("What was erased or withheld"),
        ("accounts.person.erased.v1", "audit.text.withheld.v1", "audit.values.lost.v1"),
    ),
    "gaps": (
        say("Gaps in the record"),
        ("audit.gap.found.v1", "audit.gap.closed.v1", "audit.values.lost.v1", "audit.log.succeeded.v1"),
    ),
}

# What people do, of which they have receipts.
ACTS = [
    type
    for topic in ("designs", "consultations", "comments", "answers", "endorsements", "seals")
    for type in TOPICS[topic][1]
]
