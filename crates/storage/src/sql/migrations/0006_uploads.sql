-- The sessions of one principal, by age: they are bounded in number.
CREATE INDEX upload_owner ON upload (owner, discarded, touched_at);
