-- The title under which a design was published: what those read in sentences who may not read its later drafts.
ALTER TABLE design ADD COLUMN published_title text;
