-- Which event a name is from: withholding that one text finds it by its sequence. And who was erased, and when.
ALTER TABLE person ADD COLUMN name_sequence bigint, ADD COLUMN erased_at timestamptz;
UPDATE person p SET name_sequence = o.sequence
FROM (SELECT event->>'subject' AS subject, max((event->>'sequence')::bigint) AS sequence
      FROM (SELECT convert_from(body, 'UTF8')::json AS event FROM accounts_own.outbox
            WHERE type IN ('accounts.person.joined.v1', 'accounts.person.changed.v1')) e GROUP BY 1) o
WHERE o.subject = p.person_id::text;
