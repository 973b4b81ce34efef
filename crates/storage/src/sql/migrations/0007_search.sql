-- What packages are found by: one row for each package with a version that lists have and that is to be found.

-- The conditions a version meets, from its words; part of the key of an index.
ALTER TABLE entry ADD COLUMN facets {text} NOT NULL DEFAULT '';
CREATE INDEX entry_found ON entry (repository, package_key, facets, sort_key)
    WHERE kind = 'version' AND state = 'live' AND facets <> '';

-- `facets` are those of all its versions, each between blanks; `digest` is that of the terms in the index.
CREATE TABLE findable (
    id {id},
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    package_key {text} NOT NULL,
    facets {text} NOT NULL,
    digest {bytes} NOT NULL,
    UNIQUE (repository, package_key)
) {strict};

-- The terms come split and spelt in letters, digits and `_`, and are kept in the index alone.
--sqlite: CREATE VIRTUAL TABLE findable_terms USING fts5 (
--sqlite:     terms, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
--sqlite: );
--sqlite: CREATE TRIGGER findable_gone AFTER DELETE ON findable BEGIN
--sqlite:     DELETE FROM findable_terms WHERE rowid = old.id;
--sqlite: END;
--postgres: ALTER TABLE findable ADD COLUMN terms tsvector NOT NULL DEFAULT '';
--postgres: CREATE INDEX findable_terms ON findable USING gin (terms);
