-- The versions of a NuGet feed by their last change, numbered in the order in which changes came into force: what mirrors
-- follow. One that was removed stays, so that they learn of it.
CREATE TABLE catalog (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    package_key {text} NOT NULL,
    package {text} NOT NULL,
    name_key {text} NOT NULL,
    name {text} NOT NULL,
    number {int} NOT NULL,
    changed_at {int} NOT NULL,
    removed {int} NOT NULL,
    PRIMARY KEY (repository, package_key, name_key)
) {strict};
CREATE INDEX catalog_number ON catalog (repository, number, changed_at);
CREATE INDEX catalog_removed ON catalog (repository, number) WHERE removed = 1;

-- The last number of a feed, and its moment: never the same or an earlier one twice.
ALTER TABLE repository ADD COLUMN catalog_number {int} NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN catalog_at {int} NOT NULL DEFAULT 0;

INSERT INTO catalog (repository, package_key, package, name_key, name, number, changed_at, removed)
SELECT e.repository, e.package_key, e.package, e.name_key, e.name,
    row_number() OVER (PARTITION BY e.repository ORDER BY e.changed_at, e.id), e.changed_at, 0
FROM entry e JOIN repository r ON r.node = e.repository
WHERE r.format = 'nuget' AND e.kind = 'version' AND e.state IN ('live', 'unlisted');

UPDATE repository SET
    catalog_number = (SELECT COALESCE(max(c.number), 0) FROM catalog c WHERE c.repository = repository.node),
    catalog_at = (SELECT COALESCE(max(c.changed_at), 0) FROM catalog c WHERE c.repository = repository.node);
