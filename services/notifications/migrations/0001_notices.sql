-- The fold of events: what notifications must know of the others to say who is told what. Ids are text, as in the bytes.

CREATE TABLE organisation (
    organisation text PRIMARY KEY,
    name         text NOT NULL,
    sequence     bigint NOT NULL -- of the event that wrote the name; an older one never overwrites it
);

CREATE TABLE person (
    person       text PRIMARY KEY,
    display_name text, -- a private value: NULL once erased
    sequence     bigint NOT NULL
);

-- The last event with which a person joined and left. A member is who joined after having left.
CREATE TABLE membership (
    person       text NOT NULL,
    organisation text NOT NULL,
    joined_by    bigint NOT NULL DEFAULT 0,
    left_by      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (person, organisation)
);
CREATE INDEX membership_organisation ON membership (organisation);

-- A role counts where it is held and was given after the person last left.
CREATE TABLE role (
    person       text NOT NULL,
    organisation text NOT NULL,
    role         text NOT NULL,
    held         boolean NOT NULL,
    sequence     bigint NOT NULL,
    PRIMARY KEY (person, organisation, role)
);

-- The newest version of each draft. The whole document is kept because a revision is a patch of it, and a title may be
-- renamed by a patch in more ways than one.
CREATE TABLE draft (
    draft        text PRIMARY KEY,
    organisation text NOT NULL, -- the provider
    title        text NOT NULL,
    document     text NOT NULL -- canonical JSON
);

CREATE TABLE consultation (
    consultation text PRIMARY KEY,
    draft        text NOT NULL,
    organisation text NOT NULL, -- the provider
    closes_at    timestamptz NOT NULL
);

-- What people are told of. No words of a person stand here: a notice is put into words when it is read.
CREATE TABLE news (
    event        text PRIMARY KEY,
    type         text NOT NULL,
    time         timestamptz NOT NULL,
    actor        text NOT NULL,
    organisation text, -- the actor's
    consultation text,
    draft        text,
    details      jsonb NOT NULL
);
CREATE INDEX news_consultation ON news (consultation, type);
CREATE INDEX news_time ON news (time);
CREATE INDEX news_comment ON news ((details->>'comment')) WHERE type = 'codesign.comment.submitted.v1';
CREATE INDEX news_submission ON news ((details->>'submission')) WHERE type = 'catalogue.draft.submitted.v1';

-- What became of each notice: told, or given up with its ground. The inbox of a person is their rows of that channel.
CREATE TABLE notice (
    notice  text PRIMARY KEY,
    person  text NOT NULL,
    about   text NOT NULL,
    channel text NOT NULL,
    ground  text, -- NULL: delivered
    time    timestamptz NOT NULL
);
CREATE INDEX notice_inbox ON notice (person, notice) WHERE channel = 'inbox';

-- Not the fold of events. A person is told of an event once on each channel: whoever tells, claims it here first.
CREATE TABLE notifications_own.told (
    event   text NOT NULL,
    person  text NOT NULL,
    channel text NOT NULL,
    notice  text NOT NULL UNIQUE,
    PRIMARY KEY (event, person, channel)
);

-- Mail that is not sent yet; gone when it is sent or given up. `words` are a person's (`author`): they lie here for
-- that long and nowhere else in this service, so erasing them means setting them to NULL by author.
CREATE TABLE notifications_own.letter (
    notice  text PRIMARY KEY,
    event   text NOT NULL,
    person  text NOT NULL,
    words   text,
    author  text,
    attempt integer NOT NULL DEFAULT 0,
    due     timestamptz NOT NULL
);
CREATE INDEX letter_due ON notifications_own.letter (due);

CREATE TABLE notifications_own.read_mark (
    notice text PRIMARY KEY,
    at     timestamptz NOT NULL
);
