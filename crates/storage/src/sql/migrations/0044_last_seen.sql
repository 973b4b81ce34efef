-- When somebody's password last let them in, to the minute; and whether it is good for nothing but setting another one.
ALTER TABLE principal ADD COLUMN password_used_at {int};
ALTER TABLE principal ADD COLUMN password_must_change {int} NOT NULL DEFAULT 0;
