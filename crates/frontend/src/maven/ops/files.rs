//! Files and their hashes, as they are fetched.

use domain::{Implies, Probe, Read};
use edge::http::condition::Conditions;
use shelf::Shelf;

use super::{Failure, absent, metadata};
use crate::error::Error;
use crate::file_tree::answer::{Found, hash_document};
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::hash::Hash;
use crate::maven::layout::{Build, FilePath, Stored};
use crate::maven::op::Fetch;
use crate::protocol::ReplyResult;

/// HEAD: status and headers of GET.
pub(crate) async fn look(op: &Fetch, shelf: &Shelf<'_, Probe>) -> ReplyResult<Maven> {
    let found = find_or_newest(&op.file, shelf).await?;
    match op.hash {
        Some(hash) => hash_of(hash, &found, &op.conditions),
        None => Ok(found.look(&op.conditions)?),
    }
}

/// The bytes, or a part of them, or a hash of them.
pub(crate) async fn fetch(op: &Fetch, shelf: &Shelf<'_, Read>) -> ReplyResult<Maven> {
    let found = find_or_newest(&op.file, shelf).await?;
    match op.hash {
        Some(hash) => hash_of(hash, &found, &op.conditions),
        None => found.fetch(&op.conditions, shelf).await,
    }
}

/// As [`find`]; under its literal name a snapshot of which there are only builds is the newest of them.
async fn find_or_newest<R: Implies<Probe>>(file: &Stored, shelf: &Shelf<'_, R>) -> Result<Found, Failure> {
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

async fn find<R: Implies<Probe>>(file: &Stored, shelf: &Shelf<'_, R>) -> Result<Found, Failure> {
    Found::find(&file.key, shelf).await.map_err(absent(Bad::NoFile))
}

fn hash_of(hash: Hash, found: &Found, conditions: &Conditions) -> ReplyResult<Maven> {
    let digits = hash.digits(&found.digests).ok_or(Error::Bad(Bad::NoFile))?;
    Ok(hash_document(digits, found.item.entry.changed_at, conditions)?)
}
