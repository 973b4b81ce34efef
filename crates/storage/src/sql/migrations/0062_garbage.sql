-- Collection of garbage (operations 2.2): where to look for it, and what waits to be removed. A candidate is never trusted.
CREATE TABLE link_review (
    repository {int} NOT NULL,
    blob {int} NOT NULL,
    due_at {int} NOT NULL,
    tries {int} NOT NULL,
    PRIMARY KEY (repository, blob)
) {strict};
CREATE INDEX link_review_due ON link_review (due_at);
CREATE INDEX link_review_tries ON link_review (tries) WHERE tries > 0;

-- `repository` is the one that let go of it last; with `hurried` nobody waits for the whole window.
CREATE TABLE blob_review (
    blob {int} PRIMARY KEY,
    repository {int},
    hurried {int} NOT NULL,
    due_at {int} NOT NULL,
    tries {int} NOT NULL
) {strict};
CREATE INDEX blob_review_due ON blob_review (due_at);
CREATE INDEX blob_review_tries ON blob_review (tries) WHERE tries > 0;

-- Bytes that no row names any more. They go when their time has come, and only through one of these.
CREATE TABLE condemned (
    object_key {text} PRIMARY KEY,
    blob {int} NOT NULL,
    repository {int},
    size_bytes {int} NOT NULL,
    -- By which it is found, and all of them.
    digest {text} NOT NULL,
    digests {text} NOT NULL,
    bytes {bytes},
    why {text} NOT NULL,
    condemned_at {int} NOT NULL,
    purge_at {int} NOT NULL,
    tries {int} NOT NULL,
    failure {text}
) {strict};
CREATE INDEX condemned_purge ON condemned (purge_at);
CREATE INDEX condemned_tries ON condemned (tries) WHERE tries > 0;
CREATE INDEX condemned_at ON condemned (condemned_at);
CREATE INDEX condemned_digest ON condemned (digest);
CREATE INDEX condemned_repository ON condemned (repository, purge_at, size_bytes);

-- What has been collected since the beginning, by the repository that let go of it; 0 where none is known.
CREATE TABLE collected (
    repository {int} PRIMARY KEY,
    removed {int} NOT NULL,
    removed_bytes {int} NOT NULL,
    freed {int} NOT NULL,
    freed_bytes {int} NOT NULL
) {strict};

-- How far the walks over everything have got and when they last ended, and until when an administrator ended the window.
CREATE TABLE collection (
    id {int} PRIMARY KEY,
    ended_until {int} NOT NULL,
    links_repository {int} NOT NULL,
    links_blob {int} NOT NULL,
    links_walked_at {int} NOT NULL,
    blobs_blob {int} NOT NULL,
    blobs_walked_at {int} NOT NULL
) {strict};
INSERT INTO collection (id, ended_until, links_repository, links_blob, links_walked_at, blobs_blob, blobs_walked_at)
    VALUES (1, 0, 0, 0, 0, 0, 0);

--postgres: ALTER TABLE link_review SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
--postgres: ALTER TABLE blob_review SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
