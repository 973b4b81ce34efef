-- What the organisation says about passwords and names; as before.
ALTER TABLE organisation ADD COLUMN password_on_packages {int} NOT NULL DEFAULT 1;
ALTER TABLE organisation ADD COLUMN strict_user_names {int} NOT NULL DEFAULT 1;
ALTER TABLE organisation ADD COLUMN password_chars_min {int} NOT NULL DEFAULT 12;

-- Whether a password was chosen by somebody else, and its owner is to choose another before anything.
ALTER TABLE principal ADD COLUMN must_change_password {int} NOT NULL DEFAULT 0;

-- Links by which somebody sets a password of their own, once. The code is stored as SHA-256 of its text, and nowhere else.
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
