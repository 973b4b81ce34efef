//! Files and their hashes, as they are fetched.

use domain::{Algorithm, Implies, Probe, Read};
use edge::http::condition::Conditions;
use shelf::Shelf;
use storage::ContentError;

use super::{Failure, absent};
use crate::error::Error;
use crate::file_tree::answer::{Found, hash_document};
use crate::file_tree::checksum::of_kind;
use crate::files::Files;
use crate::files::error::Bad;
use crate::files::op::Fetch;
use crate::files::path::FilePath;
use crate::protocol::ReplyResult;

/// HEAD: status and headers of GET.
pub(crate) async fn look(op: &Fetch, shelf: &Shelf<'_, Probe>) -> ReplyResult<Files> {
    match find(&op.path, shelf).await? {
        (found, None) => Ok(found.look(&op.conditions)?),
        (found, Some(algorithm)) => hash_of(&found, algorithm, &op.conditions),
    }
}

/// The bytes, or a part of them, or a hash of them.
pub(crate) async fn fetch(op: &Fetch, shelf: &Shelf<'_, Read>) -> ReplyResult<Files> {
    match find(&op.path, shelf).await? {
        (found, None) => found.fetch(&op.conditions, shelf).await,
        (found, Some(algorithm)) => hash_of(&found, algorithm, &op.conditions),
    }
}

/// The file of this name; where there is none, the file whose hash the name stands for, and which hash.
async fn find<R: Implies<Probe>>(
    path: &FilePath,
    shelf: &Shelf<'_, R>,
) -> Result<(Found, Option<Algorithm>), Failure> {
    let own = match Found::find(&path.key, shelf).await {
        Err(ContentError::Absent) => None,
        found => Some(found?),
    };
    match (own, &path.hash_of) {
        (Some(found), _) => Ok((found, None)),
        (None, Some((file, algorithm))) => {
            let found = Found::find(file, shelf).await.map_err(absent(Bad::NoFile))?;
            Ok((found, Some(*algorithm)))
        }
        (None, None) => Err(Error::Bad(Bad::NoFile)),
    }
}

fn hash_of(found: &Found, algorithm: Algorithm, conditions: &Conditions) -> ReplyResult<Files> {
    let digest = of_kind(algorithm, &found.digests).ok_or(Error::Bad(Bad::NoFile))?;
    Ok(hash_document(digest.hex(), found.item.entry.changed_at, conditions)?)
}
