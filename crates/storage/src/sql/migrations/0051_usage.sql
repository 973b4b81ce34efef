-- What was fetched and made, by days since 1970. Of a repository, with bytes that were handed out and names of versions that were made.
CREATE TABLE usage_repository (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    day {int} NOT NULL,
    downloads {int} NOT NULL,
    bytes {int} NOT NULL,
    published {int} NOT NULL,
    PRIMARY KEY (repository, day)
) {strict};
CREATE INDEX usage_repository_day ON usage_repository (day);

-- Of a package: ever, and by day. It goes with the last of its names.
CREATE TABLE usage_package (
    repository {int} NOT NULL REFERENCES repository (node) ON DELETE CASCADE,
    package_key {text} NOT NULL,
    downloads {int} NOT NULL,
    PRIMARY KEY (repository, package_key)
) {strict};
CREATE INDEX usage_package_downloads ON usage_package (repository, downloads, package_key);
CREATE TABLE usage_package_day (
    repository {int} NOT NULL,
    package_key {text} NOT NULL,
    day {int} NOT NULL,
    downloads {int} NOT NULL,
    PRIMARY KEY (repository, package_key, day),
    FOREIGN KEY (repository, package_key) REFERENCES usage_package (repository, package_key) ON DELETE CASCADE
) {strict};
CREATE INDEX usage_package_day_day ON usage_package_day (day);

-- Of a version: ever, and by day. It goes with its name, and along when that gets another row.
CREATE TABLE usage_entry (
    entry {int} PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    downloads {int} NOT NULL
) {strict};
CREATE TABLE usage_entry_day (
    entry {int} NOT NULL REFERENCES usage_entry (entry) ON DELETE CASCADE ON UPDATE CASCADE,
    day {int} NOT NULL,
    downloads {int} NOT NULL,
    PRIMARY KEY (entry, day)
) {strict};
CREATE INDEX usage_entry_day_day ON usage_entry_day (day);
