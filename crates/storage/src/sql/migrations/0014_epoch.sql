-- Which history the versions belong to. A database set back to a backup hands its numbers out a second time: `stamp` is drawn at
-- random with each version and kept with its changes, `epoch` at random for all of them, anew once somebody has found that out.
ALTER TABLE policy_version ADD COLUMN epoch {int} NOT NULL DEFAULT 0;
ALTER TABLE policy_version ADD COLUMN stamp {int} NOT NULL DEFAULT 0;
ALTER TABLE policy_change ADD COLUMN stamp {int} NOT NULL DEFAULT 0;
