-- What is said of versions after they were published.

-- A version that should no longer be used, and what its protocol says of it; goes with the version.
CREATE TABLE deprecation (
    entry {int} PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    document {text} NOT NULL,
    changed_by {int} NOT NULL,
    changed_at {int} NOT NULL
) {strict};

-- Weaknesses, each as the document (OSV) that its protocol reads.
CREATE TABLE advisory (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    id {text} NOT NULL,
    document {text} NOT NULL,
    changed_by {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (repository, id)
) {strict};

-- Which packages an advisory is about; they need not be there.
CREATE TABLE advisory_package (
    repository {int} NOT NULL,
    package_key {text} NOT NULL,
    advisory {text} NOT NULL,
    PRIMARY KEY (repository, package_key, advisory),
    FOREIGN KEY (repository, advisory) REFERENCES advisory (repository, id) ON DELETE CASCADE
) {strict};
CREATE INDEX advisory_package_advisory ON advisory_package (repository, advisory);

-- When an advisory was last put or taken away; 0 for never.
ALTER TABLE repository ADD COLUMN advisories_changed_at {int} NOT NULL DEFAULT 0;
