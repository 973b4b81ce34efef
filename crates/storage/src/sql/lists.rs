//! Statements about names as lists have them: without content, and without their documents.

use domain::{EntryKind, EntryState, RepositoryId, Timestamp};

use super::{Columns, Tx, Value, maybe, rows};
use crate::error::Error;
use crate::lists::ListedVersion;

/// Columns of a version, as [`listed_of`] reads them.
macro_rules! select_listed {
    ($rest:literal) => {
        concat!(
            "SELECT name_key, sort_key, name, state, changed_at, attributes FROM entry \
             WHERE repository = $1 AND kind = $2 AND package_key = $3 AND state IN ('live', 'unlisted') ",
            $rest
        )
    };
}

/// Some names of a package, of a kind that are live, or in this state, after a sort key and key.
pub(crate) struct Page<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) or: EntryState,
    pub(crate) package_key: &'a str,
    pub(crate) after: (&'a str, &'a str),
    pub(crate) limit: u32,
}

impl Page<'_> {
    /// Parameters of a statement about a page.
    pub(super) fn values(&self, repository: RepositoryId) -> [Value<'_>; 7] {
        [
            repository.get().into(),
            self.kind.as_str().into(),
            self.package_key.into(),
            self.after.0.into(),
            self.after.1.into(),
            self.or.as_str().into(),
            self.limit.into(),
        ]
    }
}

/// The names, in the order of their sort keys.
pub(crate) fn display_names(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    page: &Page<'_>,
) -> Result<Vec<Box<str>>, Error> {
    let sql = "SELECT name FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 \
               AND (sort_key, name_key) > ($4, $5) AND state IN ('live', $6) ORDER BY sort_key, name_key LIMIT $7";
    rows(tx, sql, &page.values(repository), |row| Ok(row.text(0)?.into()))
}

/// The newest versions, the newest first, until one would make them more than so many bytes.
pub(crate) fn newest(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    bytes_max: u64,
    note: fn(&str) -> u64,
) -> Result<Vec<ListedVersion>, Error> {
    let mut found = Vec::new();
    let mut bytes = 0_u64;
    tx.each(
        select_listed!("ORDER BY sort_key DESC, name_key DESC"),
        &[repository.get().into(), EntryKind::Version.as_str().into(), package_key.into()],
        &mut |row| {
            if bytes < bytes_max {
                let listed = listed_of(row, note)?;
                bytes = bytes.saturating_add(listed.bytes());
                found.push(listed);
            }
            Ok(())
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
        found.extend(maybe(tx, select_listed!("AND name_key = $4"), &values, |row| listed_of(row, note))?);
    }
    Ok(found)
}

fn listed_of(row: &dyn Columns, note: fn(&str) -> u64) -> Result<ListedVersion, Error> {
    let state =
        if row.text(3)? == EntryState::Live.as_str() { EntryState::Live } else { EntryState::Unlisted };
    let changed_at = Timestamp::from_millis(row.int(4)?);
    Ok(ListedVersion::new((row.text(0)?, row.text(1)?, row.text(2)?), state, changed_at, note(row.text(5)?)))
}
