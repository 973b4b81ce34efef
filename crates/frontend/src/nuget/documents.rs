//! The documents of a feed, rendered from the rows of a repository. Pure: rows in, bytes out.

pub(crate) mod catalog;
pub(crate) mod found;
pub(crate) mod index;
pub(crate) mod registration;
pub(crate) mod remarks;

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use domain::{EntryState, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use storage::Entry;

use super::id::PackageId;
use super::metadata::Metadata;
use super::op::Identity;
use super::version::Version;
use super::wire::Versions;
use crate::fit::{DOCUMENT_BYTES_MAX, fitting};

/// Most bytes of versions in the index of the flat container, and what one costs besides its characters.
const FLAT_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - 64;
const QUOTES_BYTES: usize = "\"\",".len();

/// A published version.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Which.
    pub of: Identity,
    /// What its nuspec says.
    pub metadata: Metadata,
    /// Whether lists have it.
    pub listed: bool,
    /// When it was published.
    pub published: Timestamp,
}

impl Row {
    /// A name of storage; `None` if it is none of ours.
    pub(crate) fn of(id: &PackageId, entry: &Entry) -> Option<Self> {
        let version = Version::parse(entry.key.name.display()).ok()?;
        Some(Self {
            of: Identity { id: id.clone(), version },
            metadata: Metadata::from_json(&entry.attributes),
            listed: entry.state == EntryState::Live,
            published: entry.created_at,
        })
    }
}

/// The index of the flat container. Of more versions than fit into it the newest are there.
pub(crate) fn versions(keys: &[Arc<str>]) -> Bytes {
    let newest = fitting(FLAT_BYTES_MAX, keys.iter().rev().map(|key| key.len().saturating_add(QUOTES_BYTES)));
    let oldest = keys.len().saturating_sub(newest);
    json(&Versions { versions: keys.iter().skip(oldest).map(|key| &**key).collect() })
}

/// A document as JSON. All of ours are made of texts, numbers and lists, which always are.
pub(crate) fn json(document: &impl Serialize) -> Bytes {
    // Cut to its length: it may be kept for long.
    serde_json::to_vec(document).unwrap_or_default().into_boxed_slice().into()
}

/// Compressed, for the hives that always are.
pub(crate) fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into_boxed_slice().into()
}

#[cfg(test)]
mod tests;
