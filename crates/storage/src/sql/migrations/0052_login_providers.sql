-- Who vouches for people: providers of log-ins (OpenID Connect). The secret is sealed by the gateway's key ring, and read by nothing else;
-- `secret_at` is when it was set. `scopes` are separated by spaces.
CREATE TABLE login_provider (
    id {id},
    name {text} NOT NULL UNIQUE,
    title {text} NOT NULL,
    issuer {text} NOT NULL UNIQUE,
    client_id {text} NOT NULL,
    secret {text} NOT NULL,
    secret_at {int} NOT NULL,
    scopes {text} NOT NULL,
    name_claim {text} NOT NULL,
    groups_claim {text},
    make {text} NOT NULL,
    private {int} NOT NULL,
    created_by {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Which of its groups puts people into which team.
CREATE TABLE login_provider_group (
    provider {int} NOT NULL REFERENCES login_provider (id) ON DELETE CASCADE,
    value {text} NOT NULL,
    team {int} NOT NULL REFERENCES team (subject) ON DELETE CASCADE,
    PRIMARY KEY (provider, value, team)
) {strict};
CREATE INDEX login_provider_group_team ON login_provider_group (team);

-- Whom somebody is there. `issuer` is what the provider said that it is when they were linked.
CREATE TABLE identity (
    id {id},
    provider {int} NOT NULL REFERENCES login_provider (id) ON DELETE CASCADE,
    issuer {text} NOT NULL,
    subject {text} NOT NULL,
    principal {int} NOT NULL REFERENCES principal (subject) ON DELETE CASCADE,
    linked_at {int} NOT NULL,
    used_at {int},
    UNIQUE (provider, issuer, subject),
    UNIQUE (provider, principal)
) {strict};
CREATE INDEX identity_principal ON identity (principal);

-- The provider whose groups put somebody into a team; null for who was put there by hand.
ALTER TABLE membership ADD COLUMN source {int};
CREATE INDEX membership_source ON membership (source, member) WHERE source IS NOT NULL;

CREATE INDEX session_provider ON session (provider) WHERE provider IS NOT NULL;
