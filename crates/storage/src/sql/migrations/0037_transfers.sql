-- How often an event happened that was gathered with others like it; not of those that are told one by one.
ALTER TABLE audit ADD COLUMN times {int};
-- Transfers are many: whoever reads the events of another class walks past none of them.
CREATE INDEX audit_class_id ON audit (class, id);
