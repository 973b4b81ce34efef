-- Bytes, names and what connects them (design 7).

CREATE TABLE blob (
    id {id},
    size_bytes {int} NOT NULL,
    object_key {text} NOT NULL UNIQUE,
    created_at {int} NOT NULL
) {strict};

-- Content is found by sha256 and sha512 only; the others are facts about it, and two contents may share them.
CREATE TABLE blob_digest (
    blob {int} NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
    algorithm {text} NOT NULL,
    value {bytes} NOT NULL,
    PRIMARY KEY (blob, algorithm)
) {strict};
CREATE UNIQUE INDEX blob_digest_value ON blob_digest (algorithm, value) WHERE algorithm IN ('sha256', 'sha512');

-- The only thing that makes a blob readable.
CREATE TABLE link (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    blob {int} NOT NULL REFERENCES blob (id),
    touched_at {int} NOT NULL,
    PRIMARY KEY (repository, blob)
) {strict};
CREATE INDEX link_blob ON link (blob);

-- A name. Equal keys are the same name, whatever is shown; lists follow the sort key.
CREATE TABLE entry (
    id {id},
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    kind {text} NOT NULL,
    package_key {text} NOT NULL,
    package {text} NOT NULL,
    name_key {text} NOT NULL,
    name {text} NOT NULL,
    sort_key {text} NOT NULL,
    state {text} NOT NULL,
    -- The content, and which of its digests is the one to show.
    blob {int} REFERENCES blob (id),
    algorithm {text},
    media_type {text},
    attributes {text} NOT NULL,
    created_by {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    revision {int} NOT NULL,
    UNIQUE (repository, kind, package_key, name_key)
) {strict};
CREATE INDEX entry_sort ON entry (repository, kind, package_key, sort_key, name_key);
CREATE INDEX entry_blob ON entry (blob, repository);

-- What an entry points at: referrers, members of an index, symbol keys, facts of a POM.
CREATE TABLE edge (
    entry {int} NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    kind {text} NOT NULL,
    target {text} NOT NULL,
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    PRIMARY KEY (entry, kind, target)
) {strict};
CREATE INDEX edge_target ON edge (repository, kind, target, entry);

-- An upload session. `revision` decides between two writers; `discarded` rows wait for their bytes to be removed.
CREATE TABLE upload (
    id {text} PRIMARY KEY,
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    owner {int} NOT NULL,
    object_key {text} NOT NULL UNIQUE,
    offset_bytes {int} NOT NULL,
    tail_bytes {int} NOT NULL,
    multipart {text},
    parts {text} NOT NULL,
    hash_state {bytes} NOT NULL,
    revision {int} NOT NULL,
    discarded {int} NOT NULL,
    created_at {int} NOT NULL,
    touched_at {int} NOT NULL
) {strict};
CREATE INDEX upload_touched ON upload (touched_at);
