//! `maven-metadata.xml` and its hashes: rendered from rows, kept until a name changes.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Algorithm, Digest, EntryState, Implies, Limit, PackageName, Probe, Timestamp};
use edge::http::condition::Conditions;
use shelf::{Item, Shelf};
use storage::{EdgeKind, PairHalf, digest_of};

use super::{Failure, plugins};
use crate::blocking::blocking;
use crate::error::Error;
use crate::file_tree::answer::{Facts, document, hash_document};
use crate::file_tree::checksum::HASHES;
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::hash::Hash;
use crate::maven::layout::{Directory, File, Gav};
use crate::maven::metadata::{Builds, Dated, Listing};
use crate::maven::wire::XML;
use crate::protocol::ReplyResult;

/// Most pages of rows of builds, of ten thousand each. They come newest first, so that only old ones are left out.
const PAGES_MAX: usize = 10;

/// In front of the names of lists of builds; no path begins like this, so that none is taken for a document of metadata.
const NEWEST: &str = "\nnewest ";

/// A document with all that its answers say about it, as it is kept.
struct Rendered {
    modified: Timestamp,
    digests: Vec<Digest>,
    xml: Bytes,
}

/// The document, or a hash of exactly its bytes.
pub(crate) async fn look(
    at: &Directory,
    hash: Option<Hash>,
    conditions: &Conditions,
    shelf: &Shelf<'_, Probe>,
) -> ReplyResult<Maven> {
    let render = async || render(at, shelf).await;
    // A client that reads no header asks for the hash in a second request; a deploy in between must not part the two.
    let half = if hash.is_some() { PairHalf::Companion } else { PairHalf::Document };
    let kept = shelf.derived_paired(&at.path, half, render).await?;
    answer(kept, hash, conditions)
}

/// Answers with a kept document, or with a hash of it.
pub(super) fn answer(kept: Bytes, hash: Option<Hash>, conditions: &Conditions) -> ReplyResult<Maven> {
    let Rendered { modified, digests, xml } = Rendered::unpack(kept).ok_or(Error::Bad(Bad::NoMetadata))?;
    if let Some(hash) = hash {
        let digits = hash.digits(&digests).ok_or(Error::Bad(Bad::NoMetadata))?;
        return Ok(hash_document(digits, modified, conditions)?);
    }
    let tag = Hash { algorithm: Algorithm::Sha256, of: None }.digits(&digests).unwrap_or_default();
    let size_bytes = xml.len() as u64;
    let facts = Facts { tag, modified, digests: &digests, media_type: XML, size_bytes };
    Ok(document(&facts, &xml, conditions)?)
}

async fn render(at: &Directory, shelf: &Shelf<'_, Probe>) -> Result<Bytes, Failure> {
    let mut listing = Listing::default();
    if let Some(package) = at.package.as_ref().and_then(|package| package.name().ok()) {
        listing.versions = versions(&package, shelf).await?;
    }
    if let Some(gav) = at.gav.as_ref().filter(|gav| gav.version.is_snapshot()) {
        listing.builds = builds(gav, shelf).await?;
    }
    if let Some(group) = &at.group {
        listing.plugins = plugins::of_group(group, shelf).await?;
    }
    let at = at.clone();
    let rendered = blocking("rendering metadata", move || {
        let (modified, xml) = listing.document(&at).ok_or(Error::Bad(Bad::NoMetadata))?;
        packed(modified, xml)
    });
    rendered.await?
}

/// A document as it is kept.
pub(super) fn packed(modified: Timestamp, xml: String) -> Result<Bytes, Failure> {
    let xml = Bytes::from(xml);
    let digests = HASHES.iter().map(|(algorithm, ..)| digest_of(*algorithm, &xml));
    Ok(Rendered { modified, digests: digests.collect::<Result<_, _>>()?, xml }.pack())
}

pub(super) async fn versions<R: Implies<Probe>>(
    package: &PackageName,
    shelf: &Shelf<'_, R>,
) -> Result<Vec<Dated<Arc<str>>>, Failure> {
    let all = shelf.versions(package, |_| 0).await?;
    let live = all.iter().filter(|version| version.state == EntryState::Live);
    Ok(live.map(|version| Dated { what: Arc::clone(&version.key), at: version.changed_at }).collect())
}

/// The version in the name of the newest build of this kind of file, for who asks for the literal name; `None` if there is none.
pub(super) async fn newest<R: Implies<Probe>>(
    file: &File,
    shelf: &Shelf<'_, R>,
) -> Result<Option<String>, Failure> {
    let gav = &file.gav;
    let name = format!("{NEWEST}{}", gav.key());
    let render = async || {
        let builds = builds(gav, shelf).await?;
        let mut lines = String::new();
        for Dated { what, .. } in builds.expanded() {
            let (classifier, extension) = (what.classifier.as_deref().unwrap_or_default(), &what.extension);
            lines.push_str(&format!("{classifier}/{extension}/{}\n", what.version()));
        }
        Ok::<_, Failure>(Bytes::from(lines))
    };
    let lines = shelf.derived(&name, render).await?;
    let kind = format!("{}/{}/", file.classifier.as_deref().unwrap_or_default(), file.extension);
    let mut lines = std::str::from_utf8(&lines).unwrap_or_default().lines();
    Ok(lines.find_map(|line| line.strip_prefix(&*kind)).map(str::to_owned))
}

async fn builds<R: Implies<Probe>>(gav: &Gav, shelf: &Shelf<'_, R>) -> Result<Builds, Failure> {
    let mut found = Builds::default();
    each_file(gav, shelf, |file, at| found.add(file, at)).await?;
    Ok(found)
}

/// Hands each file of a version to `take`, the newest builds first.
pub(super) async fn each_file<R: Implies<Probe>>(
    gav: &Gav,
    shelf: &Shelf<'_, R>,
    mut take: impl FnMut(File, Timestamp),
) -> Result<(), Failure> {
    let Ok(package) = gav.package.name() else { return Ok(()) };
    let target = gav.key();
    let mut last: Option<Item> = None;
    for _ in 0..PAGES_MAX {
        let after = last.as_ref().map(|item| (item.entry.key.name.sort_key(), item.entry.key.name.key()));
        let part = (EdgeKind::Part, &*target);
        let page = shelf.pointing_to(part, &package, after, Limit::MAX).await?;
        for Item { entry, .. } in &page {
            if let Some(file) = File::of_entry(gav, &entry.key) {
                take(file, entry.changed_at);
            }
        }
        last = match full(page) {
            Some(item) => Some(item),
            None => break,
        };
    }
    Ok(())
}

/// The last of a page that is full, so that another may follow.
fn full(mut page: Vec<Item>) -> Option<Item> {
    (page.len() as u64 >= u64::from(Limit::MAX.rows())).then(|| page.pop())?
}

impl Rendered {
    /// Time, hashes and document in one piece.
    fn pack(&self) -> Bytes {
        let mut packed = Vec::with_capacity(self.xml.len().saturating_add(160));
        packed.extend_from_slice(&self.modified.millis().to_be_bytes());
        self.digests.iter().for_each(|digest| packed.extend_from_slice(digest.as_bytes()));
        packed.extend_from_slice(&self.xml);
        packed.into()
    }

    fn unpack(mut packed: Bytes) -> Option<Self> {
        let mut take = |count: usize| (packed.len() >= count).then(|| packed.split_to(count));
        let modified = Timestamp::from_millis(i64::from_be_bytes(take(8)?.as_ref().try_into().ok()?));
        let mut digests = Vec::with_capacity(HASHES.len());
        for (algorithm, ..) in &HASHES {
            digests.push(Digest::new(*algorithm, &take(algorithm.bytes_len())?).ok()?);
        }
        Some(Self { modified, digests, xml: packed })
    }
}

#[cfg(test)]
mod tests;
