-- How often a session could not be thrown away, when it is tried again, and why not the last time.
ALTER TABLE upload ADD COLUMN tries {int} NOT NULL DEFAULT 0;
ALTER TABLE upload ADD COLUMN due_at {int} NOT NULL DEFAULT 0;
ALTER TABLE upload ADD COLUMN failure {text};
CREATE INDEX upload_tries ON upload (tries) WHERE tries > 0;
