-- Who vouches for machines: issuers of identity tokens (OpenID Connect). `audiences` are one a line; `jwks` are keys that are not fetched.
CREATE TABLE issuer (
    id {id},
    name {text} NOT NULL UNIQUE,
    url {text} NOT NULL UNIQUE,
    kind {text} NOT NULL,
    audiences {text} NOT NULL,
    private {int} NOT NULL,
    jwks {text},
    created_by {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Which machine gets a token of an application, and what for. `claims` is a document; `lookup` is the claim that finds it, folded.
-- `pins` are ids that the first success named; without one before `pin_until` the rule lapses. `revision` rises with every change.
CREATE TABLE publisher (
    id {id},
    project {int} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    name {text} NOT NULL,
    issuer {int} NOT NULL REFERENCES issuer (id),
    application {int} NOT NULL REFERENCES principal (subject),
    own_application {int} NOT NULL,
    claims {text} NOT NULL,
    lookup {text} NOT NULL,
    permissions {int} NOT NULL,
    minutes {int} NOT NULL,
    pins {text},
    pin_until {int},
    last_used_at {int},
    revision {int} NOT NULL,
    created_by {int} NOT NULL,
    created_at {int} NOT NULL,
    UNIQUE (project, name)
) {strict};
CREATE INDEX publisher_lookup ON publisher (issuer, lookup);
CREATE INDEX publisher_application ON publisher (application);

-- Where the tokens of a rule are good: the project itself, or repositories of it.
CREATE TABLE publisher_node (
    publisher {int} NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
    node {int} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    PRIMARY KEY (publisher, node)
) {strict};
CREATE INDEX publisher_node_node ON publisher_node (node);

-- Identity tokens that were exchanged, so that none is twice: a hash of what tells one apart. Rows outlive their rule.
CREATE TABLE exchanged (
    token {bytes} NOT NULL PRIMARY KEY,
    publisher {int} NOT NULL,
    at {int} NOT NULL,
    kept_until {int} NOT NULL
) {strict};
CREATE INDEX exchanged_publisher ON exchanged (publisher, at);
CREATE INDEX exchanged_kept ON exchanged (kept_until);

-- The rule that a short-lived token (kind `s`) was made by.
ALTER TABLE token ADD COLUMN publisher {int};
CREATE INDEX token_short_lived ON token (expires_at) WHERE kind = 's';
CREATE INDEX token_publisher ON token (publisher) WHERE publisher IS NOT NULL;
