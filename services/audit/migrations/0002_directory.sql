-- Who is who in the log, and who may read which entry: folded from the entries, a little behind them, for the pages.
-- It holds no private value: of a person's name only the event that has it beside.

-- How many entries are folded already.
CREATE TABLE followed (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL
);
INSERT INTO followed (size) VALUES (0);

CREATE TABLE organisation (
    id   text PRIMARY KEY,
    name text NOT NULL
);

-- `named_in` is the event whose private value `/data/display_name` is the person's name.
CREATE TABLE person (
    id       text PRIMARY KEY,
    named_in uuid NOT NULL
);

CREATE TABLE design (
    id           text PRIMARY KEY,
    organisation text NOT NULL,
    title        text NOT NULL
);

CREATE TABLE consultation (
    id           text PRIMARY KEY,
    design       text NOT NULL,
    organisation text NOT NULL,
    visibility   text NOT NULL,
    closes_at    timestamptz
);
CREATE INDEX consultation_design ON consultation (design);

CREATE TABLE participant (
    organisation text NOT NULL,
    consultation text NOT NULL,
    PRIMARY KEY (organisation, consultation)
);

-- `public`: it may be shown with its organisation's name to everybody, once the design is published.
CREATE TABLE comment (
    id           text PRIMARY KEY,
    consultation text NOT NULL,
    organisation text NOT NULL,
    design       text NOT NULL,
    version      bigint NOT NULL,
    element      text NOT NULL,
    public       boolean NOT NULL
);

-- For whom an entry is, by the name of an audience (audiences.py); an auditor needs none.
CREATE TABLE audience (
    idx  bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (idx, name)
);
CREATE INDEX audience_name ON audience (name, idx);
