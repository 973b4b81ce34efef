-- What the organisation says about passwords and names; as before.
ALTER TABLE organisation ADD COLUMN password_on_packages {int} NOT NULL DEFAULT 1;
ALTER TABLE organisation ADD COLUMN strict_user_names {int} NOT NULL DEFAULT 1;
ALTER TABLE organisation ADD COLUMN password_chars_min {int} NOT NULL DEFAULT 12;
