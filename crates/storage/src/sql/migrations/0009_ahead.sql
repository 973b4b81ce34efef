-- How far a silent request has got that is to be all or nothing: beyond what the session has; 0 if there is none.
ALTER TABLE upload ADD COLUMN ahead_bytes {int} NOT NULL DEFAULT 0;
