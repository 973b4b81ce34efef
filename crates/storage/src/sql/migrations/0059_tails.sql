-- Where the last bytes of a session wait that fill no part yet: another place each time they are written, so that what a row names stays
-- as it is. NULL if there are none.
ALTER TABLE upload ADD COLUMN tail_key {text};
