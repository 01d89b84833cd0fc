"""The words of this service that people read, beside those that travel."""

STANDINGS = {
    "provider": "Provider of education or training",
    "employer": "Employer",
    "professional_body": "Professional body",
    "employer_association": "Employer association",
    "trade_union": "Trade union",
    "quality_agency": "Quality-assurance agency",
    "learner_representative": "Representative of learners",
    "public_authority": "Public authority",
}
ROLES = {
    "administrator": "Administrator",
    "designer": "Designer",
    "lead": "Lead",
    "reviewer": "Reviewer",
    "auditor": "Auditor",
}
WHAT_ROLES_DO = {
    "administrator": "registers organisations, confirms their standing, invites anybody",
    "designer": "writes drafts and answers comments",
    "lead": "opens consultations, publishes, invites colleagues",
    "reviewer": "comments and endorses",
    "auditor": "reads and verifies the whole record",
}
GROUNDS = {
    "register_number": "Register number",
    "web_domain": "Web domain",
    "proof_by_mail": "Proof by mail",
}
