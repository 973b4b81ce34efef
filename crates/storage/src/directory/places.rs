//! The repositories that a question about many of them is asked of: by little more than their names, since they are all read for it.

use domain::{Format, ProjectKey, RepositoryPath, Visibility, Visible};

use super::Directory;
use crate::error::DirectoryError;
use crate::model::PlaceRow;
use crate::sql::{Tx, nodes};

/// Which repositories are looked in.
#[derive(Debug, Clone, Default)]
pub struct PlaceFilter {
    /// Those of this project only.
    pub project: Option<ProjectKey>,
    /// Those that speak this protocol only.
    pub format: Option<Format>,
    /// Those of this kind only.
    pub visibility: Option<Visibility>,
    /// This one and those behind it only.
    pub from: Option<RepositoryPath>,
}

impl Directory {
    /// All repositories that somebody may read, of which these are asked about, by project key and name. Reads a row of every repository
    /// there is, or of every one of the project.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn places(
        &self,
        within: &Visible,
        filter: PlaceFilter,
    ) -> Result<Vec<PlaceRow>, DirectoryError> {
        let readable = within.repositories().to_vec();
        let read = move |tx: &mut dyn Tx| {
            let asked = nodes::PlacesAsked {
                from: filter.from.as_ref(),
                project: filter.project.as_ref(),
                is_public: filter.visibility.map(|visibility| visibility == Visibility::Public),
            };
            let rows = nodes::places(tx, &asked)?.into_iter();
            let is_meant = |row: &PlaceRow| {
                readable.binary_search(&row.id).is_ok()
                    && filter.format.is_none_or(|format| format == row.format)
            };
            Ok(rows.filter(is_meant).collect())
        };
        Ok(self.database.read(read).await?)
    }
}
