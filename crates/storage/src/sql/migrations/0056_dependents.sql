-- What packages need: a row for each that a version names, as long as the version has its name. `ordinal` is 0 for the first of those that
-- name one package, `wanted` the sort key of the version that is asked for by number, empty for none.
CREATE TABLE needed (
    entry {int} NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    target {text} NOT NULL,
    wanted {text} NOT NULL,
    ordinal {int} NOT NULL,
    repository {int} NOT NULL,
    package_key {text} NOT NULL,
    sort_key {text} NOT NULL,
    range_said {text} NOT NULL,
    scope {text} NOT NULL,
    place {text} NOT NULL,
    optional {int} NOT NULL,
    PRIMARY KEY (entry, target, wanted)
) {strict};
CREATE INDEX needed_target ON needed (repository, target, package_key, sort_key, entry) WHERE ordinal = 0;
CREATE INDEX needed_wanted ON needed (repository, target, wanted, package_key, sort_key, entry);

-- Whether that was read of a version; it was not of those that were made before.
ALTER TABLE entry ADD COLUMN needs_read {int} NOT NULL DEFAULT 0;
CREATE INDEX entry_needs_unread ON entry (id) WHERE kind = 'version' AND needs_read = 0;
