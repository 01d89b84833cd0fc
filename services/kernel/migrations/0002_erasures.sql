-- What is gone for good: every private value of a person, or the one at a pointer beside one event. A private value that
-- comes later is kept without its words. `event_id` is the event that says so.
CREATE TABLE erasure (
    event_id uuid PRIMARY KEY,
    person   text,
    about    uuid,
    pointer  text,
    CHECK ((person IS NULL) <> (about IS NULL)),
    CHECK ((about IS NULL) = (pointer IS NULL))
);
CREATE INDEX erasure_person ON erasure (person) WHERE person IS NOT NULL;
CREATE INDEX erasure_about ON erasure (about) WHERE about IS NOT NULL;
