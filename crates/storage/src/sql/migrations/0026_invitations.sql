-- Links by which somebody sets a password of their own, once. The code is stored as SHA-256 of its text, and nowhere else; `id` is
-- the public part of it.
CREATE TABLE invitation (
    id {int} PRIMARY KEY,
    sha256 {bytes} NOT NULL,
    principal {int} NOT NULL REFERENCES principal (subject) ON DELETE CASCADE,
    purpose {text} NOT NULL,
    expires_at {int} NOT NULL,
    created_by {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX invitation_principal ON invitation (principal);
