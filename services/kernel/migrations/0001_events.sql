-- What every service needs to send and to hear events. Stands in <service>_own: none of it is the fold of events.

-- One row per event this service produced. `id` keeps the order within an aggregate (its stream row is locked first).
-- `position` is dense per producer and stamped by the relay's leader; `private` alone may be blanked later.
CREATE TABLE outbox (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id  uuid NOT NULL UNIQUE,
    type      text NOT NULL,
    body      bytea NOT NULL,
    private   jsonb NOT NULL DEFAULT '[]',
    position  bigint UNIQUE,
    at        timestamptz NOT NULL DEFAULT now(),
    sent_at   timestamptz
);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- The last `sequence` given per aggregate. Updating the row locks the aggregate until the transaction ends.
CREATE TABLE stream (
    subject  text PRIMARY KEY,
    sequence bigint NOT NULL
);

-- An event handled by a handler is claimed here in the handler's own transaction: twice is normal, acting twice is not.
CREATE TABLE inbox (
    event_id uuid NOT NULL,
    handler  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, handler)
);

-- The last sequence seen per subject by an in-order handler.
CREATE TABLE heard (
    handler  text NOT NULL,
    subject  text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (handler, subject)
);

-- A message whose handler failed waits here for its next try, outside the queue; nothing in the queue is held up by it.
CREATE TABLE waiting (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler   text NOT NULL,
    event_id  uuid NOT NULL,
    subject   text NOT NULL,
    sequence  bigint NOT NULL,
    type      text NOT NULL,
    body      bytea NOT NULL,
    private   jsonb NOT NULL DEFAULT '[]',
    attempt   integer NOT NULL,
    due       timestamptz NOT NULL,
    reason    text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (event_id, handler)
);
CREATE INDEX waiting_due ON waiting (due);
CREATE INDEX waiting_subject ON waiting (handler, subject, sequence);

-- What an operator has to look at: poison after its last try, and what could not be read (then event_id is NULL).
CREATE TABLE parked (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler    text NOT NULL,
    event_id   uuid,
    type       text,
    body       bytea NOT NULL,
    private    jsonb NOT NULL DEFAULT '[]',
    headers    jsonb NOT NULL DEFAULT '{}',
    attempts   integer NOT NULL DEFAULT 0,
    reason     text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

-- One holder at a time, by the database's clock: relays and timers. `position` is the last one the relay stamped.
CREATE TABLE lease (
    name     text PRIMARY KEY,
    holder   text NOT NULL,
    until    timestamptz NOT NULL,
    position bigint NOT NULL DEFAULT 0
);

-- A request with an Idempotency-Key is remembered by what it asked and what it was answered.
CREATE TABLE idempotency (
    person       text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    event_id     uuid,
    status       integer,
    headers      jsonb,
    body         bytea,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person, key)
);

-- Sessions that ended before their token did: by session, or by person (then every token issued before `at`).
CREATE TABLE revoked (
    kind  text NOT NULL CHECK (kind IN ('session', 'person')),
    id    text NOT NULL,
    at    timestamptz NOT NULL,
    PRIMARY KEY (kind, id)
);
