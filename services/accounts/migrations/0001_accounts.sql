-- The fold of events: who is here, as what, and which links were given. No address and no secret.

CREATE TABLE organisation (
    organisation_id uuid PRIMARY KEY,
    name            text NOT NULL,
    standing        text NOT NULL,  -- a claim until confirmed_at is set
    country         text,
    register_number text,
    website         text,
    registered_at   timestamptz NOT NULL,
    registered_by   text NOT NULL,
    confirmed_at    timestamptz,
    confirmed_by    text,
    ground          text,
    evidence        text
);

CREATE TABLE person (
    person_id               uuid PRIMARY KEY,
    organisation_id         uuid NOT NULL,
    display_name            text,  -- NULL before joining, and once erased
    invited_at              timestamptz,
    invited_by              text,
    invited_by_organisation uuid,
    joined_at               timestamptz,
    left_at                 timestamptz
);
CREATE INDEX person_organisation ON person (organisation_id);

CREATE TABLE role (
    person_id       uuid NOT NULL,
    organisation_id uuid NOT NULL,
    role            text NOT NULL,
    granted_at      timestamptz NOT NULL,
    granted_by      text NOT NULL,
    PRIMARY KEY (person_id, organisation_id, role)
);

CREATE TABLE token (
    token_id               uuid PRIMARY KEY,
    person_id              uuid NOT NULL,
    purpose                text NOT NULL,
    consultation_id        uuid,
    expires_at             timestamptz NOT NULL,
    issued_at              timestamptz NOT NULL,
    issued_by              text NOT NULL,
    issued_by_organisation uuid,
    revoked_at             timestamptz
);
CREATE INDEX token_person ON token (person_id);

-- What co-design tells of its consultations: an invitation to one ends when it does.
CREATE TABLE consultation (
    consultation_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    closes_at       timestamptz NOT NULL
);

-- What is no fold: addresses, secrets (their SHA-256 only), sessions, counters. Moments are those of the service's clock.

CREATE TABLE accounts_own.address (
    person_id      uuid PRIMARY KEY,
    address        text NOT NULL UNIQUE,
    suggested_name text  -- what the inviter called the person, until they say themselves
);

CREATE TABLE accounts_own.link (
    token_id uuid PRIMARY KEY,
    next     text,         -- the page to show after signing in
    used_at  timestamptz
);

CREATE TABLE accounts_own.secret (
    hash     bytea PRIMARY KEY,
    token_id uuid NOT NULL,
    made_at  timestamptz NOT NULL
);
CREATE INDEX secret_token ON accounts_own.secret (token_id);

CREATE TABLE accounts_own.session (
    session_id      uuid PRIMARY KEY,
    person_id       uuid NOT NULL,
    token_id        uuid,
    consultation_id uuid,
    device          text,
    started_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    renewed_at      timestamptz,
    ended_at        timestamptz
);
CREATE INDEX session_person ON accounts_own.session (person_id);

-- Each renewal makes a new secret; the numbers tell an old one, shown again after a later one was in use, for what it is.
CREATE TABLE accounts_own.renewal (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES accounts_own.session ON DELETE CASCADE,
    number     integer NOT NULL,
    first_used timestamptz,
    UNIQUE (session_id, number)
);

-- How often something was asked for within a window; the key is a hash, so that no address stands here.
CREATE TABLE accounts_own.rate (
    what  text NOT NULL,
    key   bytea NOT NULL,
    since timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (what, key, since)
);
