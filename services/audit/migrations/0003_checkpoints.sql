-- What the log has said of itself to the outside: kept for ever, for a checkpoint that somebody holds is a promise.

-- Signed by us: size and root of the tree, and the note with our signature and no other.
CREATE TABLE checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    note bytea NOT NULL,
    at   timestamptz NOT NULL
);

-- Those of them that the quorum of the policy has co-signed, with the cosignatures that made the quorum, and since when.
CREATE TABLE published (
    size bigint PRIMARY KEY REFERENCES checkpoint,
    note bytea NOT NULL,
    at   timestamptz NOT NULL
);
CREATE INDEX published_at ON published (at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON published EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON checkpoint, published FROM countersign_audit;

-- What a service may do to the log is what its work is: nodes are added, the head moves on, private values are added or
-- deleted. Nothing of it is changed in place, and the head is neither doubled nor lost.
REVOKE UPDATE, DELETE ON node FROM countersign_audit;
REVOKE INSERT, DELETE ON head FROM countersign_audit;
REVOKE UPDATE ON private FROM countersign_audit;
