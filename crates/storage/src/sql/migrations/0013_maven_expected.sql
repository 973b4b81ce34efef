-- Hashes that were told before the content came that they are of, until it comes or their time is over.
CREATE TABLE expected_hash (
    principal {int} NOT NULL,
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    kind {text} NOT NULL,
    package_key {text} NOT NULL,
    name_key {text} NOT NULL,
    algorithm {text} NOT NULL,
    value {bytes} NOT NULL,
    told_at {int} NOT NULL,
    PRIMARY KEY (principal, repository, kind, package_key, name_key, algorithm)
) {strict};
CREATE INDEX expected_hash_told ON expected_hash (told_at);
CREATE INDEX expected_hash_repository ON expected_hash (repository);
