-- What an event says besides who, what and when. `class` is admin, access or transfer; `outcome` done, refused or failed.
ALTER TABLE audit ADD COLUMN class {text} NOT NULL DEFAULT 'admin';
ALTER TABLE audit ADD COLUMN outcome {text} NOT NULL DEFAULT 'done';
-- Names at that time, so that neither a rename nor a removal changes what the past says.
ALTER TABLE audit ADD COLUMN actor_title {text};
ALTER TABLE audit ADD COLUMN token_name {text};
ALTER TABLE audit ADD COLUMN token_made_by {text};
ALTER TABLE audit ADD COLUMN node_path {text};
-- The project of the node, for who may see it: of the project itself, and of its repositories.
ALTER TABLE audit ADD COLUMN project {int};
-- What tells an object from others of its name: the role of a grant, the owner of a token.
ALTER TABLE audit ADD COLUMN object_of {text};
ALTER TABLE audit ADD COLUMN reason {text};
ALTER TABLE audit ADD COLUMN bytes {int};
ALTER TABLE audit ADD COLUMN digest {text};
-- The operation of the management API.
ALTER TABLE audit ADD COLUMN operation {text};
-- What was gathered before it came here is written once, however often it is brought.
ALTER TABLE audit ADD COLUMN uid {text};
-- The place in the chain of administrative events, and the hash over everything up to there; not of those before this migration.
ALTER TABLE audit ADD COLUMN sequence {int};
ALTER TABLE audit ADD COLUMN chain {text};

UPDATE audit SET object_kind = 'organisation' WHERE action = 'organisation.update';
UPDATE audit SET project = node WHERE node IN (SELECT node FROM project WHERE node <> 2);
UPDATE audit SET project = (SELECT project FROM repository WHERE repository.node = audit.node)
    WHERE node IN (SELECT node FROM repository WHERE project <> 2);

CREATE UNIQUE INDEX audit_sequence ON audit (sequence);
CREATE UNIQUE INDEX audit_uid ON audit (uid);
CREATE INDEX audit_project ON audit (project, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_class ON audit (class, at);

-- Where the chain stands. It begins with nothing before its first event.
CREATE TABLE audit_head (
    id {int} PRIMARY KEY,
    sequence {int} NOT NULL,
    chain {text} NOT NULL,
    at {int} NOT NULL
) {strict};
INSERT INTO audit_head (id, sequence, chain, at)
    VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

-- How long events are kept, by class: of administration, of transfers, of log-ins and refusals.
ALTER TABLE organisation ADD COLUMN audit_admin_days {int} NOT NULL DEFAULT 730;
ALTER TABLE organisation ADD COLUMN audit_transfer_days {int} NOT NULL DEFAULT 90;
ALTER TABLE organisation ADD COLUMN audit_denial_days {int} NOT NULL DEFAULT 30;
