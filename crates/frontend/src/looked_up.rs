//! What is looked up for who reads details: what is not there is an answer.

use domain::{EntryKind, Limit, PackageName, Read};
use shelf::Shelf;
use storage::{ContentError, EntryQuery, Listed};

/// What was found, or `None` for what is not there or cannot be read: only a failure goes on.
pub(crate) fn unless_failed<T>(found: Result<T, ContentError>) -> Result<Option<T>, ContentError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(ContentError::Fault(fault)) => Err(fault.into()),
        Err(_) => Ok(None),
    }
}

/// Whether the repository has any version of a package.
pub(crate) async fn has_package(
    package: &PackageName,
    shelf: &Shelf<'_, Read>,
) -> Result<bool, ContentError> {
    let kind = EntryKind::Version;
    let query = EntryQuery { kind, package, unlisted: true, after: None, limit: Limit::capped(1) };
    let found = shelf.display_names(&query).await?;
    Ok(matches!(found, Listed::Names { items, .. } if !items.is_empty()))
}
