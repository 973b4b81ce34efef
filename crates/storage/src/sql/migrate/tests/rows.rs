//! Rows as a program of the time would have written them, by the migration after which they are put.

/// A byte string is written `{bytes:HEX}`, the mark of the old words `{mark}`.
pub(super) const ROWS: &[(i64, &str)] = &[
    (4, DIRECTORY),
    (4, CONTENT),
    (5, WORDS),
    (8, TOMBSTONE),
    (11, REMARKS),
    (16, POLICIES),
    (21, CHAINED),
    (26, INVITATION),
    (40, PIN),
    (43, MACHINES),
    (48, DIRECT),
    (50, SESSION),
    (51, USAGE),
    (52, LOG_INS),
    (54, LANDING),
    (56, NEEDED),
    (58, DAMAGED),
    (59, TAIL),
    (60, STUCK),
    (62, GARBAGE),
];

const DIRECTORY: &str = "
INSERT INTO subject (id, kind) VALUES (16, 'principal'), (17, 'team');
INSERT INTO principal (subject, kind, name, name_key, title, suspended, generation, created_at)
    VALUES (16, 'member', 'Alice', 'alice', 'Alice', 0, 3, 1000);
INSERT INTO principal_login (login, principal, position) VALUES ('alice', 16, 0);
INSERT INTO team (subject, name, name_key, title, builtin, project, created_at)
    VALUES (17, 'releasers', 'releasers', 'Releasers', 0, NULL, 1000);
INSERT INTO membership (team, member, created_at) VALUES (17, 16, 1000), (4, 16, 1000);
INSERT INTO node (id, kind) VALUES (16, 'project'), (17, 'repository');
INSERT INTO project (node, key, title, description, access, created_at)
    VALUES (16, 'alpha', 'Alpha', '', 'closed', 1000);
INSERT INTO subject (id, kind) VALUES (18, 'team');
INSERT INTO team (subject, name, name_key, title, builtin, project, created_at)
    VALUES (18, 'project-team:alpha', 'project-team:alpha', '', 1, 16, 1000);
INSERT INTO repository (node, project, name, format, mode, description, immutable_tags, sparse_indexes, accept, releases,
    strict_layout, duplicates, delete_means, reserved_prefixes, revision, created_at)
    VALUES (17, 16, 'feed', 'nuget', 'hosted', '', '', 1, 'mixed', 'write-once', 1, 'never', 'unlist', '', 4, 1000);
INSERT INTO \"grant\" (id, subject, node, role, permissions, expires_at, created_by, created_at)
    VALUES (16, 17, 16, NULL, 3, 9000, 16, 1000);
INSERT INTO token (id, sha256, owner, name, kind, limited, state, created_by, created_at)
    VALUES (7, {bytes:0000000000000000000000000000000000000000000000000000000000000007}, 16, 'ci', 'p', 1, 0, 16, 1000);
INSERT INTO \"limit\" (id, token, node, permissions) VALUES (16, 7, 17, 1);
UPDATE policy_version SET version = 2 WHERE id = 1;
INSERT INTO policy_change (version, kind, object, changed_at) VALUES (2, 'grant', 16, 1000);
INSERT INTO audit (at, action, actor, actor_kind, actor_name, object_kind, object_name, policy_version)
    VALUES (1000, 'grant.put', 16, 'member', 'Alice', 'grant', 'team:releasers on alpha', 2);
";

const CONTENT: &str = "
INSERT INTO blob (id, size_bytes, object_key, created_at) VALUES (1, 5, 'blobs/00/00', 2000);
INSERT INTO blob_digest (blob, algorithm, value) VALUES
    (1, 'sha256', {bytes:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824}),
    (1, 'md5', {bytes:5d41402abc4b2a76b9719d911017c592});
INSERT INTO link (repository, blob, touched_at) VALUES (17, 1, 2000);
INSERT INTO entry (id, repository, kind, package_key, package, name_key, name, sort_key, state, blob, algorithm, media_type,
    attributes, created_by, created_at, changed_at, revision) VALUES
    (1, 17, 'version', 'json', 'Json', '1.0.0', '1.0.0', '1.0.0', 'live', 1, 'sha256', '', '{}', 16, 2000, 2001, 1),
    (2, 17, 'version', 'json', 'Json', '1.1.0', '1.1.0', '1.1.0', 'unlisted', 1, 'sha256', '', '{}', 16, 2000, 2002, 1);
INSERT INTO edge (entry, kind, target, repository) VALUES (1, 'part', 'json', 17);
INSERT INTO upload (id, repository, owner, object_key, offset_bytes, tail_bytes, parts, hash_state, revision, discarded,
    created_at, touched_at)
    VALUES ('0000000000000000000000000000002a', 17, 16, 'blobs/00/01', 5, 0, '', {bytes:00}, 1, 0, 3000, 3000);
INSERT INTO outbox (at, repository, event, entry_kind, package, name, actor)
    VALUES (2000, 17, 'published', 'version', 'Json', '1.0.0', 16);
";

const TAIL: &str = "
INSERT INTO upload (id, repository, owner, object_key, offset_bytes, tail_bytes, tail_key, parts, hash_state, revision, discarded,
    created_at, touched_at)
    VALUES ('0000000000000000000000000000003b', 17, 16, 'blobs/00/02', 7, 7, 'uploads/0000000000000000000000000000003b/0', '',
    {bytes:00}, 2, 0, 5900, 5900);
";

const STUCK: &str = "
INSERT INTO worker (name, holder, fence, lease_until, next_at, last_ok_at, failures) VALUES ('uploads', 0, 1, 0, 0, NULL, 0);
INSERT INTO upload (id, repository, owner, object_key, offset_bytes, tail_bytes, parts, hash_state, revision, discarded, created_at,
    touched_at, tries, due_at, failure)
    VALUES ('0000000000000000000000000000003c', 17, 16, 'blobs/00/03', 0, 0, '', {bytes:00}, 1, 1, 6000, 6000, 20, 7000, 'stuck');
";

const WORDS: &str = "
UPDATE entry SET words = 's1{mark}type=dependency{mark}tag=fast{mark}a json reader
the makers
reads documents' WHERE id = 1;
";

const TOMBSTONE: &str = "
INSERT INTO tombstone (repository, kind, package_key, package, name_key, name, sort_key, sha256, removed_by, removed_at)
    VALUES (17, 'version', 'json', 'Json', '0.9.0', '0.9.0', '0.9.0',
    {bytes:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824}, 16, 2500);
UPDATE repository SET tombstones = 1 WHERE node = 17;
";

const INVITATION: &str = "
INSERT INTO invitation (id, sha256, principal, purpose, expires_at, created_by, created_at)
    VALUES (9, {bytes:0000000000000000000000000000000000000000000000000000000000000009}, 16, 'reset', 9000, 16, 1000);
";

const REMARKS: &str = "
INSERT INTO deprecation (entry, document, changed_by, changed_at) VALUES (1, 'use another', 16, 2600);
INSERT INTO advisory (repository, id, document, changed_by, changed_at) VALUES (17, 'GHSA-1', '{}', 16, 2700);
INSERT INTO advisory_package (repository, package_key, advisory) VALUES (17, 'json', 'GHSA-1');
UPDATE repository SET advisories_changed_at = 2700 WHERE node = 17;
";

const POLICIES: &str = "
INSERT INTO node (id, kind) VALUES (18, 'repository'), (19, 'repository'), (20, 'repository'), (21, 'repository'),
    (22, 'repository');
INSERT INTO repository (node, project, name, format, mode, description, immutable_tags, sparse_indexes, accept, releases,
    strict_layout, snapshots_keep_newest, snapshots_keep_days, duplicates, delete_means, reserved_prefixes,
    delete_by_digest, revision, created_at) VALUES
    (18, 16, 'images', 'oci', 'hosted', '', 'v*
\\d\"?', 0, 'mixed', 'write-once', 1, NULL, NULL, 'never', 'unlist', 'acme
beta', 'only-if-one-tag', 0, 1000),
    (19, 16, 'jars', 'maven', 'hosted', '', '', 1, 'release', 'replace', 0, 10, 30, 'never', 'unlist', '', 'all-tags', 0, 1000),
    (20, 16, 'snapshots', 'maven', 'hosted', '', '', 1, 'snapshot', 'read-only', 1, NULL, 7, 'never', 'unlist', '', 'all-tags',
     0, 1000),
    (21, 16, 'hard', 'nuget', 'hosted', '', '', 1, 'mixed', 'write-once', 1, NULL, NULL, 'prerelease-only', 'hard', 'Acme.',
     'all-tags', 0, 1000),
    (22, 16, 'plain', 'oci', 'hosted', '', '', 1, 'mixed', 'write-once', 1, NULL, NULL, 'never', 'unlist', '', 'all-tags', 0,
     1000);
";

const CHAINED: &str = "
INSERT INTO audit (at, class, action, outcome, actor, actor_kind, actor_name, actor_title, node, node_path, project,
    object_kind, object, object_name, after, policy_version, sequence, chain)
    VALUES (3000, 'admin', 'project.create', 'done', 16, 'member', 'Alice', 'Alice', 16, 'alpha', 16, 'project', 16, 'alpha',
    '{}', 2, 1, 'ab');
UPDATE audit_head SET sequence = 1, chain = 'ab', at = 3000 WHERE id = 1;
";

const PIN: &str = "
INSERT INTO pin (repository, kind, package_key, package, name_key, name, sort_key, parts, reason, pinned_by, pinned_at)
    VALUES (17, 'version', 'json', 'Json', '1.0.0', '1.0.0', '1.0.0', NULL, 'shipped', 16, 4000);
";

const SESSION: &str = "
INSERT INTO session (id, sha256, principal, generation, method, created_at, fresh_at, seen_at, expires_at, ends_at, address, agent)
    VALUES (11, {bytes:0000000000000000000000000000000000000000000000000000000000000011}, 16, 0, 'password', 1000, 1000, 2000,
    9000, 9900, '192.0.2.1', 'a browser');
";

const USAGE: &str = "
INSERT INTO usage_repository (repository, day, downloads, bytes, published) VALUES (17, 20000, 4, 20, 2), (17, 20001, 1, 5, 0);
INSERT INTO usage_package (repository, package_key, downloads) VALUES (17, 'json', 5);
INSERT INTO usage_package_day (repository, package_key, day, downloads) VALUES (17, 'json', 20000, 4), (17, 'json', 20001, 1);
INSERT INTO usage_entry (entry, downloads) VALUES (1, 5);
INSERT INTO usage_entry_day (entry, day, downloads) VALUES (1, 20000, 4), (1, 20001, 1);
";

const LOG_INS: &str = "
INSERT INTO login_provider (id, name, title, issuer, client_id, secret, secret_at, scopes, name_claim, groups_claim, make, private,
    created_by, created_at)
    VALUES (1, 'corp', 'Corp', 'https://login.example', 'hub', 'sealed', 6000, 'openid profile', 'preferred_username', 'groups',
    'member', 0, 16, 6000);
INSERT INTO login_provider_group (provider, value, team) VALUES (1, 'dev', 17);
INSERT INTO identity (id, provider, issuer, subject, principal, linked_at, used_at)
    VALUES (1, 1, 'https://login.example', 'p-1', 16, 6000, 7000);
INSERT INTO session (id, sha256, principal, generation, method, provider, created_at, fresh_at, seen_at, expires_at, ends_at)
    VALUES (12, {bytes:0000000000000000000000000000000000000000000000000000000000000012}, 16, 0, 'provider', 'corp', 1000, 1000, 2000,
    9000, 9900);
";

const LANDING: &str = "
UPDATE organisation SET public_landing = 0 WHERE node = 1;
";

const DAMAGED: &str = "
INSERT INTO blob (id, size_bytes, object_key, created_at, damaged_at) VALUES (58, 7, 'blobs/00/58', 2000, 5800);
INSERT INTO blob_digest (blob, algorithm, value) VALUES
    (58, 'sha256', {bytes:41f0c27c00e8018f7715b5f50f67b5b54c229c1b843a014152785d9005f58fde});
INSERT INTO link (repository, blob, touched_at) VALUES (17, 58, 2000);
";

const GARBAGE: &str = "
INSERT INTO condemned (object_key, blob, repository, size_bytes, digest, digests, why, condemned_at, purge_at, tries)
    VALUES ('blobs/00/62', 62, 17, 9, 'sha256:62', 'sha256:62', 'unlinked', 6200, 6300, 0);
INSERT INTO link_review (repository, blob, due_at, tries) VALUES (17, 1, 6200, 0);
INSERT INTO blob_review (blob, repository, hurried, due_at, tries) VALUES (1, 17, 0, 6200, 0);
INSERT INTO collected (repository, removed, removed_bytes, freed, freed_bytes) VALUES (17, 1, 9, 0, 0);
";

const MACHINES: &str = "
INSERT INTO subject (id, kind) VALUES (23, 'principal');
INSERT INTO principal (subject, kind, name, name_key, title, suspended, generation, created_at)
    VALUES (23, 'application', 'ci-alpha-release', 'ci-alpha-release', '', 0, 1, 5000);
INSERT INTO principal_login (login, principal, position) VALUES ('6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10', 23, 0);
INSERT INTO issuer (id, name, url, kind, audiences, private, jwks, created_by, created_at)
    VALUES (1, 'prod', 'https://issuer.example', 'kubernetes', 'https://hub.example', 0, NULL, 16, 5000);
INSERT INTO publisher (id, project, name, issuer, application, own_application, claims, lookup, permissions, minutes, pins,
    pin_until, last_used_at, revision, created_by, created_at)
    VALUES (1, 16, 'release', 1, 23, 1, '{\"sub\":\"system:serviceaccount:prod:web\"}', 'system:serviceaccount:prod:web', 3, 15,
    '{\"uid\":\"uid-1\"}', NULL, 5000, 1, 16, 5000);
INSERT INTO publisher_node (publisher, node) VALUES (1, 17);
INSERT INTO exchanged (token, publisher, at, kept_until)
    VALUES ({bytes:0000000000000000000000000000000000000000000000000000000000000001}, 1, 5000, 9000);
INSERT INTO token (id, sha256, owner, name, kind, limited, state, expires_at, created_by, created_at, publisher)
    VALUES (43, {bytes:0000000000000000000000000000000000000000000000000000000000000043}, 23, 'alpha/release web', 's', 1, 0, 9000,
    23, 5000, 1);
";

const DIRECT: &str = "
INSERT INTO token (id, sha256, owner, name, kind, limited, state, created_by, created_at, publisher)
    VALUES (48, {bytes:0000000000000000000000000000000000000000000000000000000000000048}, 23, 'alpha/release web', 's', 1, 0, 23,
    5000, 1);
UPDATE publisher SET direct = 48 WHERE id = 1;
";

const NEEDED: &str = "
INSERT INTO needed (entry, target, wanted, ordinal, repository, package_key, sort_key, range_said, scope, place, optional)
    VALUES (1, 'lib', '1.0.0', 0, 17, 'json', '1.0.0', '[1.0.0, )', '', 'net8.0', 0);
UPDATE entry SET needs_read = 1 WHERE id = 1;
";
