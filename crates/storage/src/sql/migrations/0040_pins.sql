-- Versions that somebody pinned: neither removed nor replaced until that is taken back. It stays with the name, whatever row has it.
CREATE TABLE pin (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    kind {text} NOT NULL,
    package_key {text} NOT NULL,
    package {text} NOT NULL,
    name_key {text} NOT NULL,
    name {text} NOT NULL,
    sort_key {text} NOT NULL,
    -- What its files are parts of; of a version that is its own file nothing.
    parts {text},
    reason {text} NOT NULL,
    pinned_by {int} NOT NULL,
    pinned_at {int} NOT NULL,
    PRIMARY KEY (repository, kind, package_key, name_key)
) {strict};
CREATE INDEX pin_parts ON pin (repository, parts) WHERE parts IS NOT NULL;
