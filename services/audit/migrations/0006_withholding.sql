-- What somebody proposed to withhold. Only the decision of a second person is an event; a proposal is work in hand.
CREATE TABLE audit_own.proposal (
    id               uuid PRIMARY KEY,
    event_id         uuid NOT NULL,
    pointer          text NOT NULL,
    ground           text NOT NULL,
    proposed_by      text NOT NULL,
    by_administrator boolean NOT NULL,
    proposed_at      timestamptz NOT NULL,
    decision         text CHECK (decision IN ('withheld', 'left')), -- NULL: open
    decided_by       text,
    decided_at       timestamptz,
    CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL))
);
-- One at a time for a text: whoever proposes it again is shown the one that is open.
CREATE UNIQUE INDEX proposal_open ON audit_own.proposal (event_id, pointer) WHERE decision IS NULL;
