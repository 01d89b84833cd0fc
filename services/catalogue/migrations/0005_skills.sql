-- Skills of ESCO, to search in: reference data that an operator brings (`countersign skills import`), no facts of ours,
-- so it stands beside the fold and a rebuild leaves it alone. Labels are in English and German; alternative ones are
-- kept a line each. `words` finds by the beginnings of words: labels weigh A, alternative labels B. The configuration
-- `simple` takes words as they are: a stem of English would be none of German. `whole` is looked through for parts of
-- words, where nothing else is found; 14,000 rows of it need no index.
CREATE TABLE catalogue_own.skill (
    uri         text PRIMARY KEY,
    label_en    text,
    label_de    text,
    also_en     text NOT NULL DEFAULT '',
    also_de     text NOT NULL DEFAULT '',
    kind        text,
    reuse_level text,
    description text,
    words       tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', coalesce(label_en, '') || ' ' || coalesce(label_de, '')), 'A')
        || setweight(to_tsvector('simple', also_en || ' ' || also_de), 'B')) STORED,
    whole       text NOT NULL GENERATED ALWAYS AS (
        lower(coalesce(label_en, '') || ' ' || coalesce(label_de, '') || ' ' || also_en || ' ' || also_de)) STORED,
    CHECK (label_en IS NOT NULL OR label_de IS NOT NULL)
);
CREATE INDEX skill_words ON catalogue_own.skill USING gin (words);
