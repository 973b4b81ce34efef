-- Folded text of a name that searches look through; empty for names that are found by name only.
ALTER TABLE entry ADD COLUMN words {text} NOT NULL DEFAULT '';
