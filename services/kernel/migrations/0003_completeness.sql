-- What a service needs to say whether it has heard everything.

-- How far a handler was found to have every event it hears. `through` is the mark of whoever compares, and means nothing
-- here; it stands beside the inbox so that a restored database goes back with it. `keys` are what the handler heard
-- then: where it hears more by now, it is looked at from the beginning.
CREATE TABLE reconciled (
    handler text PRIMARY KEY,
    keys    text[] NOT NULL,
    through text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);

-- What an operator gave up for a handler, so that it is not taken for missing.
CREATE TABLE discarded (
    event_id uuid NOT NULL,
    handler  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, handler)
);
