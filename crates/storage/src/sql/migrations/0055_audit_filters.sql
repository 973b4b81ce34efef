-- What the audit is looked through for, in its order: kinds of events, who did them by name, what they were about.
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_actor_name ON audit ((actor_kind || ':' || actor_name), id);
CREATE INDEX audit_object_name ON audit (object_name, id);
