-- What the logs had promised that this one took the place of (`countersign audit succeed`): kept for ever like its own
-- checkpoints, for somebody may hold one. `published` is the note with the cosignatures of a quorum, where there was one.
CREATE TABLE former_checkpoint (
    origin    text NOT NULL,
    size      bigint NOT NULL CHECK (size > 0),
    root      bytea NOT NULL CHECK (length(root) = 32),
    note      bytea NOT NULL,
    published bytea,
    at        timestamptz NOT NULL,
    PRIMARY KEY (origin, size)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON former_checkpoint EXECUTE FUNCTION refuse_change();
REVOKE INSERT, UPDATE, DELETE ON former_checkpoint FROM countersign_audit;
