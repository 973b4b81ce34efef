-- A token that is not good before a moment, or not from everywhere: networks as `ADDRESS/BITS`, with spaces between them.
ALTER TABLE token ADD COLUMN not_before {int};
ALTER TABLE token ADD COLUMN cidrs {text};
-- Which token a rotation made in its place, for as long as that one lives. Both have the name of the first.
ALTER TABLE token ADD COLUMN successor {int};
CREATE INDEX token_successor ON token (successor);
