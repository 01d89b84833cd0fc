-- What is known to be missing, and what was done about it.

-- Positions of a producer up to its last that no event has brought. An open hole (`settled` is NULL) closes when the
-- late event comes; `asked_at` says when its producer was last asked to send it again. A settled one stays open to
-- nobody: its event is an entry whose position was not kept (`entered`), or lies in the parking lot (`parked`). So the
-- positions beside the entries, those that wait as early, and these spans are dense from 1 to the producer's last.
CREATE TABLE audit_own.hole (
    source   text NOT NULL,
    first    bigint NOT NULL,
    last     bigint NOT NULL CHECK (last >= first),
    since    timestamptz NOT NULL,
    asked_at timestamptz,
    settled  text CHECK (settled IN ('entered', 'parked')),
    PRIMARY KEY (source, first)
);

-- The last look of each leg of reconciliation at each service, in the second leg at each of its handlers; and when
-- something was last found to be missing there, how many events, and how many it were ever.
CREATE TABLE audit_own.reconciliation (
    leg        text NOT NULL CHECK (leg IN ('outbox', 'inbox')),
    service    text NOT NULL,
    handler    text NOT NULL DEFAULT '',
    state      text NOT NULL,
    missing    bigint NOT NULL,
    sent_again bigint NOT NULL,
    said       text NOT NULL,
    at         timestamptz NOT NULL,
    found      bigint NOT NULL DEFAULT 0,
    found_at   timestamptz,
    found_ever bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (leg, service, handler)
);
