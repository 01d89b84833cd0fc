-- What co-design knows, folded from events alone. No row depends on the order in which events of different subjects came.

-- Heard from the catalogue ------------------------------------------------------------------------------------------

CREATE TABLE draft (
    draft_id        text PRIMARY KEY,
    organisation_id text NOT NULL,
    opened_at       timestamptz NOT NULL
);

-- Our own copy of every version: the document as canonical text, which jsonb would not keep.
CREATE TABLE version (
    draft_id      text NOT NULL,
    number        integer NOT NULL,
    document      text NOT NULL,
    document_hash text NOT NULL,
    answers       text[] NOT NULL,
    made_at       timestamptz NOT NULL,
    PRIMARY KEY (draft_id, number)
);

CREATE TABLE submission (
    submission_id text PRIMARY KEY,
    draft_id      text NOT NULL,
    version       integer NOT NULL,
    document_hash text NOT NULL,
    submitted_at  timestamptz NOT NULL,
    recalled_at   timestamptz
);
CREATE INDEX submission_draft ON submission (draft_id);

CREATE TABLE publication (
    draft_id      text PRIMARY KEY,
    credential_id text NOT NULL,
    version       integer NOT NULL,
    published_at  timestamptz NOT NULL
);

-- Heard from accounts. `*_sequence` is that of the event the value is from: an older one never overwrites it. -------------

CREATE TABLE organisation (
    organisation_id    text PRIMARY KEY,
    name               text,
    name_sequence      bigint NOT NULL,
    claimed            text,
    confirmed          text,
    confirmed_sequence bigint NOT NULL
);

CREATE TABLE person (
    person_id    text PRIMARY KEY,
    display_name text,
    sequence     bigint NOT NULL
);

-- Somebody was invited by address, for one consultation; the address is known to accounts alone.
CREATE TABLE invited_person (
    consultation_id text NOT NULL,
    person_id       text NOT NULL,
    organisation_id text NOT NULL,
    sequence        bigint NOT NULL,
    PRIMARY KEY (consultation_id, person_id)
);

-- Our own -------------------------------------------------------------------------------------------------------------

-- One per draft. Locking the row is what makes a comment and the seal wait for each other.
CREATE TABLE consultation (
    consultation_id text PRIMARY KEY,
    draft_id        text NOT NULL UNIQUE,
    organisation_id text NOT NULL,
    opened_on       integer NOT NULL,
    closes_at       timestamptz NOT NULL,
    visibility      text NOT NULL,
    question        text,
    opened_at       timestamptz NOT NULL,
    sequence        bigint NOT NULL
);
CREATE INDEX consultation_organisation ON consultation (organisation_id, consultation_id);

CREATE TABLE participant (
    consultation_id text NOT NULL,
    organisation_id text NOT NULL,
    event_id        text NOT NULL,
    sequence        bigint NOT NULL,
    invited_at      timestamptz NOT NULL,
    PRIMARY KEY (consultation_id, organisation_id)
);
CREATE INDEX participant_organisation ON participant (organisation_id, consultation_id);

CREATE TABLE comment (
    comment_id      text PRIMARY KEY,
    consultation_id text NOT NULL,
    version         integer NOT NULL,
    pointer         text NOT NULL,
    element         text NOT NULL,
    element_hash    text NOT NULL,
    kind            text NOT NULL,
    words           text,
    suggestion      text,
    public          boolean NOT NULL,
    organisation_id text NOT NULL,
    person_id       text NOT NULL,
    made_at         timestamptz NOT NULL,
    sequence        bigint NOT NULL
);
CREATE INDEX comment_consultation ON comment (consultation_id, sequence);

-- Every answer a comment was given; the one with the highest sequence holds.
CREATE TABLE disposition (
    comment_id      text NOT NULL,
    sequence        bigint NOT NULL,
    disposition     text NOT NULL,
    reason          text,
    answered_in     integer,
    person_id       text NOT NULL,
    made_at         timestamptz NOT NULL,
    PRIMARY KEY (comment_id, sequence)
);

CREATE TABLE endorsement (
    endorsement_id  text PRIMARY KEY,
    consultation_id text NOT NULL,
    organisation_id text NOT NULL,
    person_id       text NOT NULL,
    version         integer NOT NULL,
    elements        text NOT NULL,
    interest        text NOT NULL,
    statement       text,
    made_at         timestamptz NOT NULL,
    sequence        bigint NOT NULL
);
CREATE INDEX endorsement_consultation ON endorsement (consultation_id, sequence);

-- What a submission was answered: sealed (then `endorsements` it rests on), or not (then what was `missing`).
CREATE TABLE answer (
    submission_id   text PRIMARY KEY,
    consultation_id text NOT NULL,
    version         integer NOT NULL,
    endorsements    text[],
    missing         text,
    made_at         timestamptz NOT NULL
);
CREATE INDEX answer_consultation ON answer (consultation_id);
