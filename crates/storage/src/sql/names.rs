//! Statements about which names need which: what must not be taken from under another.

use domain::{EntryKey, EntryKind, RepositoryId};

use super::entry_row::key_values;
use super::row::{Select, select};
use super::{Tx, maybe, parts, rows, rows_while};
use crate::error::Error;

/// Names.
macro_rules! select_key {
    ($($rest:literal),+) => {
        select!(EntryKey, "FROM entry e ", $($rest),+)
    };
}

/// Tags that are found by their content, and by nothing else: no index has what is computed, and one that begins with kind and
/// package would lead through all tags of the image.
macro_rules! select_tag {
    ($joins:literal, $package:literal $(, $rest:literal)*) => {
        select_key!($joins, "e.kind || '' = 'tag' AND e.package_key || '' = ", $package $(, $rest)*)
    };
}

/// The tags of a manifest: those that have the same content as it.
macro_rules! select_tag_of {
    ($($rest:literal),*) => {
        select_tag!(
            "JOIN entry m ON m.blob = e.blob AND m.repository = e.repository \
             WHERE m.repository = $1 AND m.kind = $2 AND m.package_key = $3 AND m.name_key = $4 AND ",
            "$3"
            $(, $rest)*
        )
    };
}

/// The tags of the indexes that have a member.
pub(super) const TAGS_OVER: Select<EntryKey> = select_tag!(
    "JOIN entry i ON i.blob = e.blob AND i.repository = e.repository JOIN edge g ON g.entry = i.id \
     WHERE g.repository = $1 AND g.kind = 'member' AND g.target = $2 AND ",
    "$3"
);
/// The tags of a manifest.
pub(super) const TAGS_OF: Select<EntryKey> = select_tag_of!();

/// A name of the repository that has this blob as content, or whose content names it under any of its digests.
pub(crate) fn user_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
) -> Result<Option<EntryKey>, Error> {
    let content = select_key!("WHERE e.blob = $1 AND e.repository = $2 LIMIT 1");
    if let Some(key) = maybe(tx, content, &[blob.into(), repository.get().into()], Ok)? {
        return Ok(Some(key));
    }
    for digest in parts::digests(tx, blob)? {
        let named = select_key!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = 'blob' AND g.target = $2 \
             AND e.kind <> 'hidden' LIMIT 1"
        );
        let digest = digest.to_string();
        if let Some(key) = maybe(tx, named, &[repository.get().into(), digest.as_str().into()], Ok)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// The tags of a manifest, in no order, at most `limit`.
pub(crate) fn tags_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    limit: usize,
) -> Result<Vec<EntryKey>, Error> {
    let mut found = Vec::new();
    rows_while(tx, TAGS_OF, &key_values(repository, key), |key| {
        found.push(key);
        Ok(found.len() < limit)
    })?;
    Ok(found)
}

/// A tag of the package whose manifest has the one of this name as a member; the first that is `wanted`, in no order.
pub(crate) fn tag_over(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    member: &str,
    wanted: &dyn Fn(&EntryKey) -> bool,
) -> Result<Option<EntryKey>, Error> {
    let mut found = None;
    rows_while(tx, TAGS_OVER, &[repository.get().into(), member.into(), package_key.into()], |key| {
        found = Some(key).filter(wanted);
        Ok(found.is_none())
    })?;
    Ok(found)
}

/// Manifests of the package that have the one of this name as a member, at most `limit`.
pub(crate) fn parents(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    member: &str,
    limit: u32,
) -> Result<Vec<EntryKey>, Error> {
    rows(
        tx,
        select_key!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = 'member' AND g.target = $2 \
             AND e.kind = $3 AND e.package_key = $4 LIMIT $5"
        ),
        &[
            repository.get().into(),
            member.into(),
            EntryKind::Manifest.as_str().into(),
            package_key.into(),
            limit.into(),
        ],
        Ok,
    )
}

/// Some tags of the package that have the same content as this name, the oldest first.
pub(crate) fn first_tags_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    limit: u32,
) -> Result<Vec<EntryKey>, Error> {
    let [repository, kind, package, name] = key_values(repository, key);
    let values = [repository, kind, package, name, limit.into()];
    rows(tx, select_tag_of!(" ORDER BY e.id LIMIT $5"), &values, Ok)
}

/// Hands over every tag of the package that has the same content as this name, in no order.
pub(crate) fn each_tag_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    found: &mut dyn FnMut(EntryKey) -> Result<(), Error>,
) -> Result<(), Error> {
    rows_while(tx, TAGS_OF, &key_values(repository, key), |key| found(key).map(|()| true)).map(drop)
}
