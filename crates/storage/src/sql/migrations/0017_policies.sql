-- What the policy of a repository says besides what all formats have: a JSON document of its format. Filled by the program from
-- the columns of the three formats there were, which stay as long as a program that reads them may run.
ALTER TABLE repository ADD COLUMN policy {text} NOT NULL DEFAULT '{}';
