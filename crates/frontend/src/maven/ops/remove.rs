//! Files, versions and artifacts, as they are deleted: with all that follows from them, in one transaction.

use domain::{Delete, Granted};
use http::StatusCode;
use storage::Removal;

use super::Besides;
use crate::error::Error;
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::layout::{Directory, FilePath, Gav, Stored};
use crate::maven::op::Remove;
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;

/// Takes away the file of the path, else everything below the directory that it is.
pub(crate) async fn remove(op: &Remove, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Maven> {
    let besides = op.file.as_ref().map(|file| Besides::of(&file.path, &may, cx)).transpose()?;
    let mut tries: Vec<Vec<Removal>> = op.file.iter().map(file).collect();
    tries.extend(directory(&op.directory));
    for removals in tries {
        let again = cx.gate.second::<Delete>(&may)?;
        besides.as_ref().map_or(Ok(()), Besides::recheck)?;
        match cx.storage.remove(again, removals).await {
            Ok(_) => return Ok(Reply::new(StatusCode::NO_CONTENT)),
            Err(storage::ContentError::Absent) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Bad(Bad::Nothing))
}

fn file(file: &Stored) -> Vec<Removal> {
    let mut removals = vec![Removal::Entry(file.key.clone())];
    if let FilePath::File(file) = &file.path {
        removals.extend(file.gav.orphans());
    }
    removals
}

/// A path can be the directory of a version and of an artifact at once: then both go, else the one that is there.
fn directory(directory: &Directory) -> Vec<Vec<Removal>> {
    let version = directory.gav.as_ref().map(Gav::removals);
    let package = directory.package.as_ref().map(|package| {
        [Removal::Parts(package.key().into())].into_iter().chain(package.orphan()).collect::<Vec<_>>()
    });
    let both = version.clone().zip(package.clone()).map(|(version, package)| [version, package].concat());
    [both, version, package].into_iter().flatten().collect()
}
