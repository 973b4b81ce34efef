-- What happened (access.md 7) and how much is used.

CREATE TABLE audit (
    id {id},
    at {int} NOT NULL,
    action {text} NOT NULL,
    actor {int},
    actor_kind {text} NOT NULL,
    actor_name {text} NOT NULL,
    token {int},
    request {text},
    address {text},
    agent {text},
    node {int},
    object_kind {text} NOT NULL,
    object {int},
    object_name {text} NOT NULL,
    before {text},
    after {text},
    policy_version {int} NOT NULL
) {strict};
CREATE INDEX audit_node ON audit (node, id);
CREATE INDEX audit_at ON audit (at);

-- Package events that wait for delivery, written in the transaction that did the thing.
CREATE TABLE outbox (
    id {id},
    at {int} NOT NULL,
    repository {int} NOT NULL,
    event {text} NOT NULL,
    entry_kind {text} NOT NULL,
    package {text} NOT NULL,
    name {text} NOT NULL,
    actor {int} NOT NULL
) {strict};
CREATE INDEX outbox_repository ON outbox (repository, id);

-- `entry` 0 stands for the whole repository. Written in batches, never on the way of a request.
CREATE TABLE usage (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    entry {int} NOT NULL,
    downloads {int} NOT NULL,
    last_pulled_at {int},
    logical_bytes {int} NOT NULL,
    PRIMARY KEY (repository, entry)
) {strict};
