-- The log. `entry` and what follows from it stand in `audit`; what has not become an entry stands in `audit_own`.

-- One row per entry: the bytes exactly as hashed, their leaf hash, and columns derived from the bytes for reading
-- (`countersign audit verify` derives them again). `position` and `entered_at` stand beside the bytes, not in them.
CREATE TABLE entry (
    idx          bigint PRIMARY KEY,
    event_id     uuid NOT NULL UNIQUE,
    body         bytea NOT NULL,
    leaf         bytea NOT NULL CHECK (length(leaf) = 32),
    source       text NOT NULL,
    type         text NOT NULL,
    subject      text NOT NULL,
    sequence     bigint NOT NULL,
    organisation text,
    actor        text NOT NULL,
    "time"       timestamptz NOT NULL,
    position     bigint,
    entered_at   timestamptz NOT NULL
);
CREATE INDEX entry_subject ON entry (subject, idx);
CREATE INDEX entry_type ON entry (type, idx);
CREATE INDEX entry_organisation ON entry (organisation, idx);
CREATE INDEX entry_actor ON entry (actor, idx);
CREATE INDEX entry_time ON entry ("time", idx);

-- Roots of complete subtrees, at every eighth level only (8, 16, 24 ...): what a hash tile of C2SP tlog-tiles is made of.
-- The levels between are hashed again when asked for, 255 hashes at most. A cache: it can be made anew from `entry`.
CREATE TABLE node (
    level smallint NOT NULL CHECK (level > 0 AND level % 8 = 0),
    index bigint NOT NULL,
    hash  bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, index)
);

-- One row, the fence: who appends locks it, and stops where it is not what that process wrote last.
CREATE TABLE head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32)
);
INSERT INTO head (size, root) VALUES (0, sha256(''));

-- Private values beside the entries: the canonical JSON that the commitment in the bytes was made of. Deletable.
CREATE TABLE private (
    event_id uuid NOT NULL,
    pointer  text NOT NULL,
    value    text NOT NULL,
    salt     bytea NOT NULL CHECK (length(salt) = 32),
    person   text NOT NULL,
    PRIMARY KEY (event_id, pointer)
);
CREATE INDEX private_person ON private (person);

-- Completeness at entry: the last position per producer, the last sequence per aggregate of a producer.
CREATE TABLE producer (
    source   text PRIMARY KEY,
    position bigint NOT NULL
);
CREATE TABLE aggregate (
    source   text NOT NULL,
    subject  text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (source, subject)
);

-- Sequences that `audit.gap.found` declared missing; one that comes late still enters.
CREATE TABLE missing (
    source  text NOT NULL,
    subject text NOT NULL,
    first   bigint NOT NULL,
    last    bigint NOT NULL CHECK (last >= first),
    PRIMARY KEY (source, subject, first)
);

-- What came before its predecessor and waits for it. `alarmed` and `announced` name the first sequence of the hole that
-- was told of in the process's log after a minute, and in this log after ten.
CREATE TABLE audit_own.early (
    source    text NOT NULL,
    subject   text NOT NULL,
    sequence  bigint NOT NULL,
    event_id  uuid NOT NULL UNIQUE,
    body      bytea NOT NULL,
    private   text NOT NULL,
    position  bigint,
    at        timestamptz NOT NULL,
    alarmed   bigint,
    announced bigint,
    PRIMARY KEY (source, subject, sequence)
);

-- Append only. A superuser can still change an entry: that is detected, not prevented.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING HINT = 'To erase personal data, delete private values; entries and their proofs stay.';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON entry FROM countersign_audit;
