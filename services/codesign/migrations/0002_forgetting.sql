-- Who asked the question of a consultation: erasing that person finds it by this.
ALTER TABLE consultation ADD COLUMN opened_by text;
UPDATE consultation c SET opened_by = o.event->>'actor'
FROM (SELECT convert_from(body, 'UTF8')::json AS event FROM codesign_own.outbox
      WHERE type = 'codesign.consultation.opened.v1') o
WHERE o.event->>'subject' = c.consultation_id;
