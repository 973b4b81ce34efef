-- What every installation has: built-in teams, the anonymous principal, the organisation, its role templates, its administrators.
-- The ids are constants of the domain; a test compares the permissions below with the domain's table.

INSERT INTO subject (id, kind) VALUES (1, 'team'), (2, 'team'), (3, 'team'), (4, 'team'), (5, 'principal');
INSERT INTO team (subject, name, name_key, title, builtin, project, created_at) VALUES
    (1, 'anyone', 'anyone', 'Anyone', 1, NULL, 0),
    (2, 'everyone', 'everyone', 'Everyone', 1, NULL, 0),
    (3, 'org-members', 'org-members', 'Organisation members', 1, NULL, 0),
    (4, 'org-admins', 'org-admins', 'Organisation administrators', 1, NULL, 0);
INSERT INTO principal (subject, kind, name, name_key, title, suspended, generation, created_at) VALUES
    (5, 'anonymous', 'anonymous', 'anonymous', 'Anonymous', 0, 0, 0);

INSERT INTO node (id, kind) VALUES (1, 'organisation');
INSERT INTO organisation (node, name, title, new_projects, members_make_projects, token_days_max, password_log_in, created_at)
    VALUES (1, 'wharfinger', 'Wharfinger', 'closed', 0, NULL, 1, 0);

INSERT INTO role (id, project, name, builtin, permissions, created_at) VALUES
    (1, NULL, 'project-admin', 1, 255, 0),
    (2, NULL, 'project-member', 1, 31, 0),
    (3, NULL, 'organisation-member', 1, 0, 0),
    (4, NULL, 'collaborator', 1, 0, 0),
    (5, NULL, 'guest', 1, 0, 0),
    (6, NULL, 'automation', 1, 7, 0),
    (7, NULL, 'viewer', 1, 1, 0),
    (8, NULL, 'writer', 1, 7, 0),
    (9, NULL, 'manager', 1, 111, 0),
    (10, NULL, 'package-manager', 1, 15, 0),
    (11, NULL, 'organisation-admin', 1, 16383, 0);

INSERT INTO "grant" (id, subject, node, role, permissions, expires_at, created_by, created_at)
    VALUES (1, 4, 1, 11, NULL, NULL, 4, 0);

-- The next ids that the database assigns.
--sqlite: UPDATE sqlite_sequence SET seq = 15 WHERE name IN ('subject', 'node');
--postgres: ALTER TABLE subject ALTER COLUMN id RESTART WITH 16;
--postgres: ALTER TABLE node ALTER COLUMN id RESTART WITH 16;
--postgres: ALTER TABLE role ALTER COLUMN id RESTART WITH 12;
--postgres: ALTER TABLE "grant" ALTER COLUMN id RESTART WITH 2;
