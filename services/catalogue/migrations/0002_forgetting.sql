-- Which events a summary and a reason stand beside: withholding one of them finds it by its sequence.
ALTER TABLE version ADD COLUMN sequence bigint;
UPDATE version v SET sequence = (o.event->>'sequence')::bigint
FROM (SELECT convert_from(body, 'UTF8')::json AS event FROM catalogue_own.outbox
      WHERE type IN ('catalogue.draft.opened.v1', 'catalogue.draft.revised.v1')) o
WHERE o.event->>'subject' = v.draft_id::text AND (o.event->'data'->>'version')::integer = v.version;

ALTER TABLE submission ADD COLUMN recall_sequence bigint;
UPDATE submission s SET recall_sequence = (o.event->>'sequence')::bigint
FROM (SELECT convert_from(body, 'UTF8')::json AS event FROM catalogue_own.outbox
      WHERE type = 'catalogue.draft.recalled.v1') o
WHERE o.event->'data'->>'submission' = s.submission_id::text;
