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
-- The relay's three questions: what has no position yet, what is to be sent, what may be deleted.
CREATE INDEX outbox_unstamped ON outbox (id) WHERE position IS NULL;
CREATE INDEX outbox_unsent ON outbox (position) WHERE sent_at IS NULL;
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

-- The last sequence an in-order handler has behind it, per stream. The row is locked while an event of it is handled.
CREATE TABLE heard (
    handler  text NOT NULL,
    source   text NOT NULL,
    subject  text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (handler, source, subject)
);

-- A message whose handler failed waits here for its next try, outside the queue; nothing in the queue is held up by it.
-- So does an event that came before its predecessor to an in-order handler: `attempt` is 0 then, and no try was made.
-- `id` is the message's own: it keeps it when it is parked, redriven and parked again.
CREATE TABLE waiting (
    id        uuid PRIMARY KEY,
    handler   text NOT NULL,
    event_id  uuid NOT NULL,
    source    text NOT NULL,
    subject   text NOT NULL,
    sequence  bigint NOT NULL,
    type      text NOT NULL,
    body      bytea NOT NULL,
    private   jsonb NOT NULL DEFAULT '[]',
    attempt   integer NOT NULL,
    due       timestamptz NOT NULL,
    reason    text NOT NULL,
    at        timestamptz NOT NULL,
    UNIQUE (event_id, handler)
);
CREATE INDEX waiting_due ON waiting (due);
CREATE INDEX waiting_subject ON waiting (handler, subject, sequence);

-- What an operator has to look at: poison after its last try, and what could not be read (then event_id may be NULL).
CREATE TABLE parked (
    id         uuid PRIMARY KEY,
    handler    text NOT NULL,
    event_id   uuid,
    type       text,
    body       bytea NOT NULL,
    private    jsonb NOT NULL DEFAULT '[]',
    headers    jsonb NOT NULL DEFAULT '{}',
    attempts   integer NOT NULL DEFAULT 0,
    reason     text NOT NULL,
    at         timestamptz NOT NULL
);
-- An event that is delivered twice is parked once; two messages that only claim the same id are both kept.
CREATE UNIQUE INDEX parked_once ON parked (handler, event_id, sha256(body));

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
