//! Statements of lists that follow what names point at.

use domain::{Digest, EntryKey, RepositoryId};

use super::content::until_too_much;
use super::entry_row::{EntryRow, damaged, entry_of, key_values, select_entry};
use super::row::Select;
use super::{Tx, maybe, rows};
use crate::error::Error;
use crate::model::Entry;

/// Manifests by their ids: the index that would lead through all of the package is kept from being used.
pub(super) const REFERRERS: Select<EntryRow<'static>> = select_entry!(
    "WHERE +e.repository = $1 AND e.kind = 'manifest' AND e.package_key = $2 AND e.name_key > $3 \
     AND e.state = 'live' AND e.id IN (\
     SELECT g.entry FROM edge g WHERE g.repository = $1 AND g.kind = 'subject' AND g.target = $4 \
     UNION SELECT m.id FROM entry t \
     JOIN entry i ON i.blob = t.blob AND i.repository = t.repository AND i.kind = 'manifest' \
     AND i.package_key = t.package_key JOIN edge g ON g.entry = i.id AND g.kind = 'member' \
     JOIN entry m ON m.repository = t.repository AND m.kind = 'manifest' AND m.package_key = t.package_key \
     AND m.name_key = g.target \
     WHERE t.repository = $1 AND t.kind = 'tag' AND t.package_key = $2 AND t.name_key = $5 \
     AND NOT EXISTS (SELECT 1 FROM edge s WHERE s.entry = m.id AND s.kind = 'subject')) \
     ORDER BY e.name_key LIMIT $6"
);

/// Live manifests of a package that are about `subject`, and members of what the tag `listed` names that are about nothing, until
/// their documents are too much. What there is of them is gathered and put in order for each call.
pub(crate) fn referrers(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    (subject, listed): (&str, &str),
    after: &str,
    limit: u32,
) -> Result<(Vec<Entry>, bool), Error> {
    let values = [
        repository.get().into(),
        package_key.into(),
        after.into(),
        subject.into(),
        listed.into(),
        limit.into(),
    ];
    until_too_much(tx, REFERRERS, &values)
}

/// The blobs and members that a name points at, as far as they are named by digests.
pub(crate) fn parts_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Vec<Digest>, Error> {
    rows(
        tx,
        "SELECT g.target FROM entry e JOIN edge g ON g.entry = e.id AND g.kind IN ('blob', 'member') \
         WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND e.name_key = $4",
        &key_values(repository, key),
        |row| Digest::parse(row.text(0)?).map_err(damaged),
    )
}

/// The first live name to be made of those that point at a target.
pub(crate) fn oldest_pointing_to(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, target): (&'static str, &str),
) -> Result<Option<Entry>, Error> {
    maybe(
        tx,
        select_entry!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = $2 AND g.target = $3 \
             AND e.state = 'live' ORDER BY g.entry LIMIT 1"
        ),
        &[repository.get().into(), kind.into(), target.into()],
        entry_of,
    )
}

/// Live names of any package that point at `target`, by package and the order of their sort keys, after one of them.
pub(crate) fn pointing(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, target): (&'static str, &str),
    (package, sort, name): (&str, &str, &str),
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    rows(
        tx,
        select_entry!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = $2 AND g.target = $3 \
             AND (e.package_key, e.sort_key, e.name_key) > ($4, $5, $6) AND e.state = 'live' \
             ORDER BY e.package_key, e.sort_key, e.name_key LIMIT $7"
        ),
        &[
            repository.get().into(),
            kind.into(),
            target.into(),
            package.into(),
            sort.into(),
            name.into(),
            limit.into(),
        ],
        entry_of,
    )
}
