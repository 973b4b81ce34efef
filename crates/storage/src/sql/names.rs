//! Statements about which names need which: what must not be taken from under another.

use domain::{EntryKey, EntryKind, RepositoryId};

use super::content::key_of;
use super::{Tx, maybe, one, parts, rows};
use crate::error::Error;

/// The name as [`key_of`] reads it.
macro_rules! select_key {
    ($rest:literal) => {
        concat!(
            "SELECT e.kind, e.package, e.package_key, e.name, e.name_key, e.sort_key FROM entry e ",
            $rest
        )
    };
}

/// A name of the repository that has this blob as content, or whose content names it under any of its digests.
pub(crate) fn user_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
) -> Result<Option<EntryKey>, Error> {
    let content = select_key!("WHERE e.blob = $1 AND e.repository = $2 LIMIT 1");
    if let Some(key) = maybe(tx, content, &[blob.into(), repository.get().into()], key_of)? {
        return Ok(Some(key));
    }
    for digest in parts::digests(tx, blob)? {
        let named = select_key!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = 'blob' AND g.target = $2 \
             AND e.kind <> 'hidden' LIMIT 1"
        );
        let digest = digest.to_string();
        if let Some(key) = maybe(tx, named, &[repository.get().into(), digest.as_str().into()], key_of)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Tags of the package whose manifests have the one of this name as a member, at most `limit`. What has it is found first: by
/// the content that they share, tags would be compared with each other, thousands of one manifest for half a minute.
pub(crate) fn tags_over(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    member: &str,
    limit: u32,
) -> Result<Vec<EntryKey>, Error> {
    rows(
        tx,
        select_key!(
            "WHERE e.repository = $1 AND e.kind = 'tag' AND e.package_key = $2 AND e.blob IN (\
             WITH above AS MATERIALIZED (SELECT i.blob FROM edge g JOIN entry i ON i.id = g.entry \
             WHERE g.repository = $1 AND g.kind = 'member' AND g.target = $3 AND i.package_key = $2) \
             SELECT blob FROM above) ORDER BY e.name_key LIMIT $4"
        ),
        &[repository.get().into(), package_key.into(), member.into(), limit.into()],
        key_of,
    )
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
        key_of,
    )
}

/// How many tags [`each_tag_of`] would hand over.
pub(crate) fn count_tags_of(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<u64, Error> {
    one(
        tx,
        "SELECT count(*) FROM entry e \
         JOIN entry m ON m.blob = e.blob AND m.repository = e.repository AND m.package_key = e.package_key \
         WHERE m.repository = $1 AND m.kind = $2 AND m.package_key = $3 AND m.name_key = $4 AND e.kind = 'tag'",
        &[repository.get().into(), key.kind.as_str().into(), key.package.key().into(), key.name.key().into()],
        |row| row.count(0),
    )
}

/// Hands over every tag of the package that has the same content as this name.
pub(crate) fn each_tag_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    found: &mut dyn FnMut(EntryKey) -> Result<(), Error>,
) -> Result<(), Error> {
    tx.each(
        select_key!(
            "JOIN entry m ON m.blob = e.blob AND m.repository = e.repository AND m.package_key = e.package_key \
             WHERE m.repository = $1 AND m.kind = $2 AND m.package_key = $3 AND m.name_key = $4 \
             AND e.kind = 'tag' ORDER BY e.name_key"
        ),
        &[
            repository.get().into(),
            key.kind.as_str().into(),
            key.package.key().into(),
            key.name.key().into(),
        ],
        &mut |row| found(key_of(row)?),
    )
}
