-- What a source of whole documents, such as the bootstrap file, last applied: by name of the object and field. Neither a change
-- that somebody made since nor one in the file is taken for the other. Secrets stand here as their hashes only.
CREATE TABLE declared (
    source {text} NOT NULL,
    object {text} NOT NULL,
    field {text} NOT NULL,
    value {text} NOT NULL,
    applied_at {int} NOT NULL,
    PRIMARY KEY (source, object, field)
) {strict};

-- A database with a past that nothing remembers: the first file takes what there is as it is.
INSERT INTO declared (source, object, field, value, applied_at)
SELECT 'bootstrap', '', 'unremembered', '', 0 FROM policy_version WHERE version > 1;

-- Who changed an object last, by what it was called.
CREATE INDEX audit_object ON audit (object_kind, object_name, id);
