-- Long work that was asked for. `sequence` and `chain` are where it goes on; `fence` grows whenever a process takes it, and every
-- write of the work insists on it. `lease_until` goes by the clock of the database.
CREATE TABLE job (
    id {id},
    kind {text} NOT NULL,
    state {text} NOT NULL,
    done {int} NOT NULL,
    total {int},
    result {text},
    problem {text},
    sequence {int},
    chain {text} NOT NULL,
    holder {int} NOT NULL,
    fence {int} NOT NULL,
    lease_until {int} NOT NULL,
    created_by {text} NOT NULL,
    created_at {int} NOT NULL,
    started_at {int},
    finished_at {int}
) {strict};
CREATE INDEX job_open ON job (id) WHERE finished_at IS NULL;
