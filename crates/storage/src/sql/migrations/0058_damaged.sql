-- Since when the bytes of a content are known to be gone, cut short or altered: it counts as absent until the same bytes arrive again.
ALTER TABLE blob ADD COLUMN damaged_at {int};
CREATE INDEX blob_damaged ON blob (id) WHERE damaged_at IS NOT NULL;
