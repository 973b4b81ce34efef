//! Files and their hashes, as they are fetched.

use std::sync::Arc;

use domain::{Digest, Implies, Probe, Read};
use edge::http::condition::Conditions;
use http::HeaderValue;
use shelf::{Item, Shelf};
use storage::Entry;

use super::answer::{Begun, Facts, begin, hash_document};
use super::{Failure, absent, metadata};
use crate::error::Error;
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::hash::Hash;
use crate::maven::layout::{Build, FilePath, Stored};
use crate::maven::op::Fetch;
use crate::protocol::ReplyResult;

/// HEAD: status and headers of GET.
pub(crate) async fn look(op: &Fetch, shelf: &Shelf<'_, Probe>) -> ReplyResult<Maven> {
    let (Item { entry, .. }, digests) = find_or_newest(&op.file, shelf).await?;
    if let Some(hash) = op.hash {
        return hash_of(hash, &entry, &digests, &op.conditions);
    }
    Ok(match begin(&facts(&entry, &digests), &op.conditions)? {
        Begun::Complete(reply) => reply,
        Begun::Bytes(reply, _) => reply.length(entry.size_bytes),
    })
}

/// The bytes, or a part of them, or a hash of them.
pub(crate) async fn fetch(op: &Fetch, shelf: &Shelf<'_, Read>) -> ReplyResult<Maven> {
    let (item, digests) = find_or_newest(&op.file, shelf).await?;
    if let Some(hash) = op.hash {
        return hash_of(hash, &item.entry, &digests, &op.conditions);
    }
    match begin(&facts(&item.entry, &digests), &op.conditions)? {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => {
            let blob = shelf.open(&item).await.map_err(absent(Bad::NoFile))?;
            Ok(reply.stream(blob.stream(part)))
        }
    }
}

/// As [`find`]; under its literal name a snapshot of which there are only builds is the newest of them.
async fn find_or_newest<R: Implies<Probe>>(
    file: &Stored,
    shelf: &Shelf<'_, R>,
) -> Result<(Item, Arc<[Digest]>), Failure> {
    let found = find(file, shelf).await;
    let (Err(Error::Bad(Bad::NoFile)), FilePath::File(literal)) = (&found, &file.path) else { return found };
    if literal.build != Build::Literal {
        return found;
    }
    match Box::pin(metadata::newest(literal, shelf)).await? {
        Some(version) => {
            find(&literal.of_build(&version).map_err(|bad| Error::Bad(Bad::Name(bad)))?, shelf).await
        }
        None => found,
    }
}

/// The row of a file and all hashes of its bytes.
async fn find<R: Implies<Probe>>(
    file: &Stored,
    shelf: &Shelf<'_, R>,
) -> Result<(Item, Arc<[Digest]>), Failure> {
    let item = shelf.find(&file.key).await.map_err(absent(Bad::NoFile))?;
    let digests = shelf.digests(&item).await.map_err(absent(Bad::NoFile))?;
    Ok((item, digests))
}

fn facts<'a>(entry: &Entry, digests: &'a [Digest]) -> Facts<'a> {
    let octets = HeaderValue::from_static("application/octet-stream");
    Facts {
        tag: entry.digest.map(|digest| digest.hex()).unwrap_or_default(),
        modified: entry.changed_at,
        digests,
        media_type: HeaderValue::try_from(&*entry.media_type).unwrap_or(octets),
        size_bytes: entry.size_bytes,
    }
}

fn hash_of(hash: Hash, entry: &Entry, digests: &[Digest], conditions: &Conditions) -> ReplyResult<Maven> {
    let digits = hash.digits(digests).ok_or(Error::Bad(Bad::NoFile))?;
    hash_document(digits, entry.changed_at, conditions)
}
