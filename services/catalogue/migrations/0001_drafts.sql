-- The fold of events: every value here comes from an event, so `countersign rebuild catalogue` makes the same rows again.
-- No row says how far a draft has come: that is read off the facts, for they arrive from two services in any order.

-- What the catalogue itself says (subject: the draft, so in order).

CREATE TABLE draft (
    draft_id        uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version         integer NOT NULL,
    origin_kind     text,
    origin_name     text,
    opened_by       text NOT NULL,
    opened_at       timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL
);
CREATE INDEX draft_of_organisation ON draft (organisation_id, draft_id DESC);

-- `document` is canonical JSON as text: jsonb would reorder keys and rewrite numbers. `answers` is a JSON list of comment ids.
CREATE TABLE version (
    draft_id      uuid NOT NULL,
    version       integer NOT NULL,
    document      text NOT NULL,
    document_hash text NOT NULL,
    patch         text,
    summary       text,
    answers       text NOT NULL,
    author        text NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (draft_id, version)
);

-- Every id an element of a draft ever had: it is never given to another.
CREATE TABLE used_element_id (
    draft_id      uuid NOT NULL,
    element_id    text NOT NULL,
    collection    text NOT NULL,
    first_version integer NOT NULL,
    PRIMARY KEY (draft_id, element_id)
);

CREATE TABLE submission (
    submission_id uuid PRIMARY KEY,
    draft_id      uuid NOT NULL,
    version       integer NOT NULL,
    document_hash text NOT NULL,
    sequence      bigint NOT NULL,
    submitted_by  text NOT NULL,
    submitted_at  timestamptz NOT NULL,
    recalled_by   text,
    recalled_at   timestamptz,
    recall_reason text
);
CREATE INDEX submission_of_draft ON submission (draft_id, sequence DESC);

CREATE TABLE credential (
    credential_id   uuid PRIMARY KEY,
    draft_id        uuid NOT NULL UNIQUE,
    organisation_id uuid NOT NULL,
    version         integer NOT NULL,
    document_hash   text NOT NULL,
    submission_id   uuid NOT NULL,
    seal_event_id   uuid NOT NULL,
    consultation_id uuid NOT NULL,
    published_by    text NOT NULL,
    published_at    timestamptz NOT NULL
);

-- What others say. Their rows hang on their own ids alone and never wait for ours.

CREATE TABLE consultation (
    consultation_id uuid PRIMARY KEY,
    draft_id        uuid NOT NULL,
    version         integer NOT NULL,
    closes_at       timestamptz NOT NULL,
    opened_at       timestamptz NOT NULL
);
CREATE INDEX consultation_of_draft ON consultation (draft_id, consultation_id DESC);

-- Co-design's answer to a submission: the first one its consultation gave. `missing` is the JSON list of what is missing.
CREATE TABLE answer (
    submission_id   uuid NOT NULL,
    consultation_id uuid NOT NULL,
    sequence        bigint NOT NULL,
    event_id        uuid NOT NULL,
    sealed          boolean NOT NULL,
    document_hash   text NOT NULL,
    endorsements    integer NOT NULL,
    missing         text NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (submission_id, consultation_id)
);

-- Each group of columns carries the sequence of the event that wrote it, so that an older event never overwrites a newer one.
CREATE TABLE organisation (
    organisation_id       uuid PRIMARY KEY,
    name                  text,
    name_sequence         bigint,
    standing              text,
    confirmed_standing    text,
    confirmed_sequence    bigint
);

CREATE TABLE person (
    person_id       text PRIMARY KEY,
    display_name    text,
    name_sequence   bigint NOT NULL
);
