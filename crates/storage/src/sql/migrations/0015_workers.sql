-- What is done without being asked, by one node for all: who does it at the moment, and when it is due.
-- `fence` grows whenever it is taken, and every write of the work insists on it, whatever clocks say.
CREATE TABLE worker (
    name {text} PRIMARY KEY,
    holder {int} NOT NULL,
    fence {int} NOT NULL,
    lease_until {int} NOT NULL,
    next_at {int} NOT NULL,
    last_ok_at {int},
    failures {int} NOT NULL
) {strict};
CREATE INDEX outbox_at ON outbox (at);
