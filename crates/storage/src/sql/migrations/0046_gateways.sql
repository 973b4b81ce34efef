-- Gateways that share these rows: which point of the access changes each has in force, and until when it counts as alive by the
-- clock of the database. A gateway that is alone with its rows writes none.
CREATE TABLE gateway (
    id {int} PRIMARY KEY,
    release {text} NOT NULL,
    started_at {int} NOT NULL,
    epoch {int} NOT NULL,
    version {int} NOT NULL,
    lease_until {int} NOT NULL
) {strict};
