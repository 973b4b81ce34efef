-- How often something was taken away from a repository: while it stays the same, what was there is there.
ALTER TABLE repository ADD COLUMN removals {int} NOT NULL DEFAULT 0;
-- Rows that no name leads to: edges that come before their name is made, or are left of one that is gone.
CREATE INDEX entry_hidden ON entry (id) WHERE kind = 'hidden';
