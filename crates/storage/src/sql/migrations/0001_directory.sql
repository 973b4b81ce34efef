-- Who there is and what they may do (design 2, access.md 2).
-- {id} is an integer key the database assigns and never uses twice, {int} a 64-bit integer, {text} text compared byte by byte,
-- {bytes} a byte string, {strict} strict typing where the engine has it. Times are milliseconds since 1970, flags 0 or 1.

-- Principals and teams draw their ids here, so that what a grant names is one integer; those below 16 are built in.
CREATE TABLE subject (
    id {id},
    kind {text} NOT NULL
) {strict};

-- The organisation (1), projects and repositories draw their ids here, so that where a grant holds is one integer.
CREATE TABLE node (
    id {id},
    kind {text} NOT NULL
) {strict};

CREATE TABLE organisation (
    node {int} PRIMARY KEY REFERENCES node (id),
    name {text} NOT NULL,
    title {text} NOT NULL,
    new_projects {text} NOT NULL,
    members_make_projects {int} NOT NULL,
    token_days_max {int},
    password_log_in {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Other names that may stand for the organisation in Space's host forms.
CREATE TABLE organisation_alias (
    alias {text} PRIMARY KEY,
    organisation {int} NOT NULL REFERENCES organisation (node) ON DELETE CASCADE
) {strict};

CREATE TABLE principal (
    subject {int} PRIMARY KEY REFERENCES subject (id),
    kind {text} NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    title {text} NOT NULL,
    email {text},
    suspended {int} NOT NULL,
    password_hash {text},
    generation {int} NOT NULL,
    requested {int},
    created_at {int} NOT NULL,
    UNIQUE (kind, name_key)
) {strict};

-- Every name a principal may give at log-in: user name (position 0), e-mail aliases, client ID.
CREATE TABLE principal_login (
    login {text} PRIMARY KEY,
    principal {int} NOT NULL REFERENCES principal (subject) ON DELETE CASCADE,
    position {int} NOT NULL
) {strict};
CREATE INDEX principal_login_principal ON principal_login (principal, position);

CREATE TABLE project (
    node {int} PRIMARY KEY REFERENCES node (id),
    key {text} NOT NULL UNIQUE,
    title {text} NOT NULL,
    description {text} NOT NULL,
    access {text} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- `project` is set for the computed team of a project: all who hold project-member there.
CREATE TABLE team (
    subject {int} PRIMARY KEY REFERENCES subject (id),
    name {text} NOT NULL,
    name_key {text} NOT NULL UNIQUE,
    title {text} NOT NULL,
    builtin {int} NOT NULL,
    project {int} REFERENCES project (node) ON DELETE CASCADE,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX team_project ON team (project);

CREATE TABLE membership (
    team {int} NOT NULL REFERENCES team (subject) ON DELETE CASCADE,
    member {int} NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    created_at {int} NOT NULL,
    PRIMARY KEY (team, member)
) {strict};
CREATE INDEX membership_member ON membership (member);

-- `revision` grows with every batch of names; its lock puts the writers of one repository in line.
CREATE TABLE repository (
    node {int} PRIMARY KEY REFERENCES node (id),
    project {int} NOT NULL REFERENCES project (node),
    name {text} NOT NULL,
    format {text} NOT NULL,
    mode {text} NOT NULL,
    description {text} NOT NULL,
    immutable_tags {text} NOT NULL,
    sparse_indexes {int} NOT NULL,
    accept {text} NOT NULL,
    releases {text} NOT NULL,
    strict_layout {int} NOT NULL,
    snapshots_keep_newest {int},
    snapshots_keep_days {int},
    duplicates {text} NOT NULL,
    delete_means {text} NOT NULL,
    reserved_prefixes {text} NOT NULL,
    revision {int} NOT NULL,
    created_at {int} NOT NULL,
    UNIQUE (project, name)
) {strict};

-- `project` is null for the organisation's own roles, which are also the templates of the projects' copies.
CREATE TABLE role (
    id {id},
    project {int} REFERENCES project (node) ON DELETE CASCADE,
    name {text} NOT NULL,
    builtin {int} NOT NULL,
    permissions {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX role_name ON role (coalesce(project, 0), name);

-- Either a role or permissions. A grant's name is subject, node and role, or subject and node where it has permissions.
CREATE TABLE "grant" (
    id {id},
    subject {int} NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    node {int} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    role {int} REFERENCES role (id) ON DELETE CASCADE,
    permissions {int},
    expires_at {int},
    created_by {int} NOT NULL,
    created_at {int} NOT NULL,
    CHECK ((role IS NULL) <> (permissions IS NULL))
) {strict};
CREATE UNIQUE INDEX grant_name ON "grant" (subject, node, coalesce(role, 0));
CREATE INDEX grant_node ON "grant" (node);
CREATE INDEX grant_role ON "grant" (role);

-- `id` is the public id inside the token's text; the secret is stored as SHA-256 of the whole text, and nowhere else.
CREATE TABLE token (
    id {int} PRIMARY KEY,
    sha256 {bytes} NOT NULL,
    owner {int} NOT NULL REFERENCES principal (subject) ON DELETE CASCADE,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    limited {int} NOT NULL,
    state {int} NOT NULL,
    expires_at {int},
    created_by {int} NOT NULL,
    created_at {int} NOT NULL,
    last_used_at {int},
    last_used_address {text},
    last_used_agent {text}
) {strict};
CREATE INDEX token_owner ON token (owner, name);

-- What a token is limited to, or where the requested rights of an application were authorised.
CREATE TABLE "limit" (
    id {id},
    token {int} REFERENCES token (id) ON DELETE CASCADE,
    principal {int} REFERENCES principal (subject) ON DELETE CASCADE,
    node {int} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    permissions {int} NOT NULL,
    CHECK ((token IS NULL) <> (principal IS NULL))
) {strict};
CREATE UNIQUE INDEX limit_name ON "limit" (coalesce(token, 0), coalesce(principal, 0), node);
CREATE INDEX limit_principal ON "limit" (principal);
CREATE INDEX limit_token ON "limit" (token);
CREATE INDEX limit_node ON "limit" (node);

-- One row; its lock makes the order of versions the order of commits.
CREATE TABLE policy_version (
    id {int} PRIMARY KEY CHECK (id = 1),
    version {int} NOT NULL
) {strict};

-- What changed in which version; who follows reads the present state of each.
CREATE TABLE policy_change (
    version {int} NOT NULL,
    kind {text} NOT NULL,
    object {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (version, kind, object)
) {strict};

INSERT INTO policy_version (id, version) VALUES (1, 1);
