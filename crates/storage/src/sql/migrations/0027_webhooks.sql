-- Who is told of what happens at a node and below it. The secrets are sealed by the gateway's key ring, and read by nothing else.
CREATE TABLE webhook (
    id {id},
    node {int} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    name {text} NOT NULL,
    url {text} NOT NULL,
    events {text} NOT NULL,
    active {int} NOT NULL,
    secret {text} NOT NULL,
    fingerprint {text} NOT NULL,
    previous_secret {text},
    previous_until {int},
    -- Deliveries that failed since one arrived, and since when; not tried again before `retry_at`.
    failures {int} NOT NULL,
    failing_since {int},
    retry_at {int} NOT NULL,
    -- Set by the gateway, where a receiver failed for long.
    disabled_at {int},
    disabled_reason {text},
    -- Events that found no place in its queue, or waited in it for too long.
    lost {int} NOT NULL,
    created_by {int} NOT NULL,
    created_at {int} NOT NULL,
    UNIQUE (node, name)
) {strict};

-- What a receiver is told, and how that went. `due_at` is null once it ended.
CREATE TABLE delivery (
    id {id},
    webhook {int} NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    message {text} NOT NULL,
    event {text} NOT NULL,
    body {text} NOT NULL,
    made_at {int} NOT NULL,
    due_at {int},
    tries {int} NOT NULL,
    tried_at {int},
    outcome {text} NOT NULL,
    status {int},
    error {text},
    millis {int}
) {strict};
CREATE INDEX delivery_webhook ON delivery (webhook, id);
CREATE INDEX delivery_due ON delivery (webhook, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_made ON delivery (made_at);

-- Up to which administrative event webhooks were told; what was before is nobody's news.
CREATE TABLE audit_told (
    id {int} PRIMARY KEY CHECK (id = 1),
    sequence {int} NOT NULL
) {strict};
INSERT INTO audit_told (id, sequence) SELECT 1, sequence FROM audit_head WHERE id = 1;
