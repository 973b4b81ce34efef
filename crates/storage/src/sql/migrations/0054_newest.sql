-- What people look for across repositories: names by when they last changed, and content by a hash that is no name of it.
CREATE INDEX entry_newest ON entry (repository, kind, changed_at) WHERE state = 'live';
CREATE INDEX blob_digest_sha1 ON blob_digest (value) WHERE algorithm = 'sha1';

-- Whether who is nobody is shown what is public on the first page of the console; as before.
ALTER TABLE organisation ADD COLUMN public_landing {int} NOT NULL DEFAULT 1;
