-- Names that were removed and stay reserved for the bytes they had, until somebody lifts it or the same bytes come back.
CREATE TABLE tombstone (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    kind {text} NOT NULL,
    package_key {text} NOT NULL,
    package {text} NOT NULL,
    name_key {text} NOT NULL,
    name {text} NOT NULL,
    sort_key {text} NOT NULL,
    sha256 {bytes} NOT NULL,
    removed_by {int} NOT NULL,
    removed_at {int} NOT NULL,
    PRIMARY KEY (repository, kind, package_key, name_key)
) {strict};

-- How many of them a repository has.
ALTER TABLE repository ADD COLUMN tombstones {int} NOT NULL DEFAULT 0;
-- What becomes of a digest with several tags that is deleted by digest.
ALTER TABLE repository ADD COLUMN delete_by_digest {text} NOT NULL DEFAULT 'all-tags';
