-- Sessions of people in browsers. The secret in the cookie is stored as SHA-256 of its text, and nowhere else; `id` is the public part of
-- it. `generation` is that of the password which was given; `provider` is for log-ins by others. One ends at `expires_at`, which moves on
-- while it is used, and at `ends_at` in any case.
CREATE TABLE session (
    id {int} PRIMARY KEY,
    sha256 {bytes} NOT NULL,
    principal {int} NOT NULL REFERENCES principal (subject) ON DELETE CASCADE,
    generation {int} NOT NULL,
    method {text} NOT NULL,
    provider {text},
    created_at {int} NOT NULL,
    fresh_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    address {text},
    agent {text}
) {strict};
CREATE INDEX session_principal ON session (principal, seen_at);
CREATE INDEX session_expires ON session (expires_at);

-- How long one lasts unused, and in all.
ALTER TABLE organisation ADD COLUMN session_idle_secs {int} NOT NULL DEFAULT 43200;
ALTER TABLE organisation ADD COLUMN session_total_secs {int} NOT NULL DEFAULT 604800;

-- In which session something was done.
ALTER TABLE audit ADD COLUMN session {text};
