-- The token (kind `s`, whose text nobody has) that stands for identity tokens of a rule which are shown as they are; NULL where they
-- are exchanged alone.
ALTER TABLE publisher ADD COLUMN direct {int};
