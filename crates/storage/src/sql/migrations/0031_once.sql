-- What was asked with an `Idempotency-Key`, so that a client that never saw the answer makes nothing twice. Neither the key nor the
-- request stands here, and no secret: hashes, and what was made.
CREATE TABLE once (
    key {bytes} NOT NULL PRIMARY KEY,
    request {bytes} NOT NULL,
    object_kind {text} NOT NULL,
    object {int} NOT NULL,
    at {int} NOT NULL
) {strict};

CREATE INDEX once_at ON once (at);
