-- Projects in the order in which they were made.
CREATE INDEX project_created ON project (created_at, node);
