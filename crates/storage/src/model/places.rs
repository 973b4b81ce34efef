//! Repositories by little more than their names.

use domain::{Format, RepositoryId, RepositoryPath};

/// A repository to look in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// Never used again.
    pub id: RepositoryId,
    /// Project and name.
    pub path: RepositoryPath,
    /// The protocol it speaks.
    pub format: Format,
}
