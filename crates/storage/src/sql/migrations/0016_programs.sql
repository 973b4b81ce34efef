-- Which program ran a migration: what an older one names when it refuses the schema. Empty for those that ran before this one.
ALTER TABLE migration ADD COLUMN program {text} NOT NULL DEFAULT '';
