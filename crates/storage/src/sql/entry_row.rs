//! The rows of `entry` as they are read: which columns a statement selects stands here once, beside what reads them.

use std::sync::Arc;

use domain::{
    Algorithm, Digest, EntryKey, EntryKind, EntryState, PackageName, RefName, RepositoryId, Timestamp,
};

use super::{Columns, Value};
use crate::error::Error;
use crate::model::{BlobRef, Entry};

/// Every kind of name.
pub(super) const KINDS: [EntryKind; 4] =
    [EntryKind::Tag, EntryKind::Manifest, EntryKind::File, EntryKind::Version];

/// The columns of a name, of the table or the alias that is given, as [`key_of`] reads them: they come first in each row.
macro_rules! key_columns {
    ($of:literal) => {
        concat!(
            $of,
            "kind, ",
            $of,
            "package, ",
            $of,
            "package_key, ",
            $of,
            "name, ",
            $of,
            "name_key, ",
            $of,
            "sort_key"
        )
    };
}

/// Columns of an entry with its content, as [`entry_of`] reads them.
macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT ", $crate::sql::entry_row::key_columns!("e."), ", d.algorithm, d.value, b.id, \
             b.object_key, b.size_bytes, e.media_type, e.attributes, e.created_at, e.repository, e.state, e.changed_at \
             FROM entry e LEFT JOIN blob b ON b.id = e.blob \
             LEFT JOIN blob_digest d ON d.blob = e.blob AND d.algorithm = e.algorithm ",
            $rest
        )
    };
}

pub(super) use {key_columns, select_entry};

pub(super) fn key_values(repository: RepositoryId, key: &EntryKey) -> [Value<'_>; 4] {
    [repository.get().into(), key.kind.as_str().into(), key.package.key().into(), key.name.key().into()]
}

/// The name in the first six columns.
pub(super) fn key_of(row: &dyn Columns) -> Result<EntryKey, Error> {
    let kind = row.text(0)?;
    let kind = KINDS
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| Error::corrupt("an entry has an unknown kind"))?;
    let package = PackageName::folded(row.text(1)?, row.text(2)?).map_err(damaged)?;
    let name = RefName::keyed(row.text(3)?, row.text(4)?, row.text(5)?).map_err(damaged)?;
    Ok(EntryKey { kind, package, name })
}

pub(super) fn entry_of(row: &dyn Columns) -> Result<Entry, Error> {
    let state =
        if row.text(15)? == EntryState::Live.as_str() { EntryState::Live } else { EntryState::Unlisted };
    let blob = match row.opt_int(8)? {
        Some(id) => Some(BlobRef { id, object_key: row.text(9)?.into(), size_bytes: row.count(10)? }),
        None => None,
    };
    let digest = blob.is_some().then(|| digest_of(row.text(6)?, row.bytes(7)?)).transpose()?;
    Ok(Entry {
        key: key_of(row)?,
        state,
        digest,
        size_bytes: blob.as_ref().map_or(0, |blob| blob.size_bytes),
        media_type: Arc::from(row.opt_text(11)?.unwrap_or_default()),
        attributes: Arc::from(row.text(12)?),
        created_at: Timestamp::from_millis(row.int(13)?),
        changed_at: Timestamp::from_millis(row.int(16)?),
        repository: RepositoryId::new(row.id(14)?),
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
