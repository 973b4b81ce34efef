-- Repositories that were deleted belong to a project that nobody can name, until their rows have gone in pieces.
INSERT INTO node (id, kind) VALUES (2, 'removed');
INSERT INTO project (node, key, title, description, access, created_at) VALUES (2, '#removed', '', '', 'closed', 0);
