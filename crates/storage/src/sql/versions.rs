//! Statements about versions as lists have them: without content, and without their documents.

use domain::{EntryKind, EntryState, RepositoryId, Timestamp};

use super::row::{row, select};
use super::{Tx, maybe, rows_while};
use crate::error::Error;
use crate::model::ListedVersion;

/// A version, as [`listed_of`] takes it.
struct ListedRow<'r> {
    name_key: &'r str,
    sort_key: &'r str,
    name: &'r str,
    state: EntryState,
    changed_at: Timestamp,
    attributes: &'r str,
}

row! { ListedRow<'r> { name_key, sort_key, name, state, changed_at, attributes } }

/// Versions of a package.
macro_rules! select_listed {
    ($rest:literal) => {
        select!(
            ListedRow<'_>,
            "FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND state IN ('live', 'unlisted') ",
            $rest
        )
    };
}

/// The newest versions, the newest first, until one would make them more than so many bytes.
pub(crate) fn newest(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    bytes_max: u64,
    note: fn(&str) -> u64,
) -> Result<Vec<ListedVersion>, Error> {
    let (mut found, mut bytes) = (Vec::new(), 0_u64);
    rows_while(
        tx,
        select_listed!("ORDER BY sort_key DESC, name_key DESC"),
        &[repository.get().into(), EntryKind::Version.as_str().into(), package_key.into()],
        |row| {
            let listed = listed_of(row, note);
            bytes = bytes.saturating_add(listed.bytes());
            found.push(listed);
            Ok(bytes < bytes_max)
        },
    )?;
    Ok(found)
}

/// Those of these names that are there.
pub(crate) fn some(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    names: &[Box<str>],
    note: fn(&str) -> u64,
) -> Result<Vec<ListedVersion>, Error> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let values = [
            repository.get().into(),
            EntryKind::Version.as_str().into(),
            package_key.into(),
            (&**name).into(),
        ];
        found
            .extend(maybe(tx, select_listed!("AND name_key = $4"), &values, |row| Ok(listed_of(row, note)))?);
    }
    Ok(found)
}

fn listed_of(row: ListedRow<'_>, note: fn(&str) -> u64) -> ListedVersion {
    let names = (row.name_key, row.sort_key, row.name);
    ListedVersion::new(names, row.state, row.changed_at, note(row.attributes))
}
