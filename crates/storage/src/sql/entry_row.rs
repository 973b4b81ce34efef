//! The rows of `entry` as they are read.

use std::sync::Arc;

use domain::{
    Algorithm, Digest, EntryKey, EntryKind, EntryState, PackageName, RefName, RepositoryId, Timestamp,
};

use super::Value;
use super::row::{Read, Reader, Row, row};
use crate::error::Error;
use crate::model::{BlobRef, Entry};

/// Every kind of name.
pub(super) const KINDS: [EntryKind; 4] =
    [EntryKind::Tag, EntryKind::Manifest, EntryKind::File, EntryKind::Version];

/// The columns of a name, of whatever table a statement calls `e`.
struct KeyRow<'r> {
    kind: &'r str,
    package: &'r str,
    package_key: &'r str,
    name: &'r str,
    name_key: &'r str,
    sort_key: &'r str,
}

row! {
    KeyRow<'r> {
        kind: "e.kind",
        package: "e.package",
        package_key: "e.package_key",
        name: "e.name",
        name_key: "e.name_key",
        sort_key: "e.sort_key",
    }
}

impl Row for EntryKey {
    const COLUMNS: &'static str = KeyRow::COLUMNS;
    type Of<'r> = Self;
}

impl<'r> Read<'r> for EntryKey {
    fn read(columns: &mut Reader<'r>) -> Result<Self, Error> {
        let row: KeyRow<'_> = columns.read()?;
        let kind = KINDS
            .into_iter()
            .find(|known| known.as_str() == row.kind)
            .ok_or_else(|| Error::corrupt("an entry has an unknown kind"))?;
        let package = PackageName::folded(row.package, row.package_key).map_err(damaged)?;
        let name = RefName::keyed(row.name, row.name_key, row.sort_key).map_err(damaged)?;
        Ok(Self { kind, package, name })
    }
}

/// An entry with its content, as [`entry_of`] takes it.
pub(super) struct EntryRow<'r> {
    key: EntryKey,
    algorithm: Option<&'r str>,
    value: Option<&'r [u8]>,
    blob: Option<i64>,
    object_key: Option<&'r str>,
    size_bytes: Option<u64>,
    damaged_at: Option<Timestamp>,
    media_type: Option<&'r str>,
    attributes: &'r str,
    created_at: Timestamp,
    repository: RepositoryId,
    state: EntryState,
    changed_at: Timestamp,
}

row! {
    EntryRow<'r> {
        key: EntryKey::COLUMNS,
        algorithm: "d.algorithm",
        value: "d.value",
        blob: "b.id",
        object_key: "b.object_key",
        size_bytes: "b.size_bytes",
        damaged_at: "b.damaged_at",
        media_type: "e.media_type",
        attributes: "e.attributes",
        created_at: "e.created_at",
        repository: "e.repository",
        state: "e.state",
        changed_at: "e.changed_at",
    }
}

/// Entries with their content.
macro_rules! select_entry {
    ($rest:literal) => {
        $crate::sql::row::select!(
            $crate::sql::entry_row::EntryRow<'_>,
            "FROM entry e LEFT JOIN blob b ON b.id = e.blob \
             LEFT JOIN blob_digest d ON d.blob = e.blob AND d.algorithm = e.algorithm ",
            $rest
        )
    };
}

pub(super) use select_entry;

pub(super) fn key_values(repository: RepositoryId, key: &EntryKey) -> [Value<'_>; 4] {
    [repository.get().into(), key.kind.as_str().into(), key.package.key().into(), key.name.key().into()]
}

pub(super) fn entry_of(row: EntryRow<'_>) -> Result<Entry, Error> {
    let missing = || Error::corrupt("an entry lacks a part of its content");
    let (blob, digest) = match row.blob {
        None => (None, None),
        Some(id) => {
            let object_key = row.object_key.ok_or_else(missing)?.into();
            let size_bytes = row.size_bytes.ok_or_else(missing)?;
            let digest = digest_of(row.algorithm.ok_or_else(missing)?, row.value.ok_or_else(missing)?)?;
            (Some(BlobRef { id, object_key, size_bytes, damaged_at: row.damaged_at }), Some(digest))
        }
    };
    Ok(Entry {
        key: row.key,
        state: row.state,
        digest,
        size_bytes: blob.as_ref().map_or(0, |blob| blob.size_bytes),
        media_type: Arc::from(row.media_type.unwrap_or_default()),
        attributes: Arc::from(row.attributes),
        created_at: row.created_at,
        changed_at: row.changed_at,
        repository: row.repository,
        blob,
    })
}

pub(super) fn digest_of(algorithm: &str, value: &[u8]) -> Result<Digest, Error> {
    let algorithm = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]
        .into_iter()
        .find(|known| known.as_str() == algorithm)
        .ok_or_else(|| Error::corrupt("a digest has an unknown algorithm"))?;
    Digest::new(algorithm, value).map_err(damaged)
}

pub(super) fn damaged(error: domain::Invalid) -> Error {
    Error::corrupt(format!("a stored name is none: {error}"))
}
