//! What a directory lists, for people and for tools.

use bytes::Bytes;
use domain::Read;
use shelf::Shelf;

use super::Failure;
use crate::error::Error;
use crate::file_tree::children;
use crate::file_tree::listing::{Window, answer};
use crate::files::Files;
use crate::files::error::Bad;
use crate::files::op::List;
use crate::files::path::package;
use crate::protocol::ReplyResult;

/// One page of the names in a directory, as HTML or as JSON.
pub(crate) async fn list(op: &List, shelf: &Shelf<'_, Read>) -> ReplyResult<Files> {
    let List { path, page } = op;
    let names = shelf.derived(&page.document(path), || names(path, page.from(), shelf)).await?;
    answer(names, path, page, &shelf.own().node().path().repository).await
}

/// A window of the names in a directory: those behind `from`. Directories are what paths have in common: without files there is none,
/// but for the root.
async fn names(path: &str, from: &str, shelf: &Shelf<'_, Read>) -> Result<Bytes, Failure> {
    let mut found = Window::behind(from);
    let package = package().map_err(|invalid| Error::Bad(Bad::Name(invalid)))?;
    children::gather(&package, path, &mut found, shelf).await?;
    if found.is_nothing() && !path.is_empty() {
        return Err(Error::Bad(Bad::NoDirectory));
    }
    Ok(found.lines().into())
}

/// The names in a directory behind one of them, those of directories with a slash; none of one that is not there.
pub(crate) async fn folder(path: &str, after: &str, shelf: &Shelf<'_, Read>) -> Result<Vec<String>, Failure> {
    match names(path, after, shelf).await {
        Ok(lines) => Ok(String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()),
        Err(Error::Bad(Bad::NoDirectory)) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}
