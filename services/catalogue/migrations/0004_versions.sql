-- Which earlier version a version puts back, and the comments whose suggestions it applies (a JSON list of ids).
ALTER TABLE version ADD COLUMN restores integer;
ALTER TABLE version ADD COLUMN applies text NOT NULL DEFAULT '[]';

-- What a comment of co-design suggests: `patch` is canonical JSON, NULL where it was erased. Whether the comment was
-- withdrawn is kept even where that is heard first.
CREATE TABLE suggestion (
    comment_id uuid PRIMARY KEY,
    draft_id   uuid,
    version    integer,
    pointer    text,
    patch      text,
    author     text,
    stream     uuid NOT NULL,
    sequence   bigint,
    withdrawn  boolean NOT NULL DEFAULT false
);
CREATE INDEX suggestion_of_author ON suggestion (author);
