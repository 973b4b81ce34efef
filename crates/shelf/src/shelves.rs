use domain::{EntryKind, Format, Limit, Visible};
use storage::{ContentError, PackageSearch, PackagesFound, PackagesOf};

use crate::House;

/// What all repositories show that a caller may read.
#[must_use]
pub struct Shelves<'h> {
    within: Visible,
    house: &'h House,
}

impl<'h> Shelves<'h> {
    pub(crate) const fn new(house: &'h House, within: Visible) -> Self {
        Self { within, house }
    }

    /// Which repositories these are.
    pub const fn within(&self) -> &Visible {
        &self.within
    }

    /// Packages with a text in their key in some of the repositories ([`Storage::find_packages`](storage::Storage::find_packages)).
    ///
    /// # Errors
    /// As there.
    pub async fn find_packages(
        &self,
        repositories: Vec<PackagesOf>,
        asked: PackageSearch<'_>,
        limit: Limit,
    ) -> Result<PackagesFound, ContentError> {
        self.house.storage.find_packages(&self.within, repositories, asked, limit).await
    }

    /// Packages with a name of this kind as `PROJECT/REPOSITORY/PACKAGE`, in the repositories of this format: sorted byte by byte,
    /// after such a path or any other text.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages_by_path(
        &self,
        of: (Format, EntryKind),
        after: Option<&str>,
        limit: Limit,
    ) -> Result<Vec<String>, ContentError> {
        self.house.storage.packages_by_path(&self.within, of, after, limit).await
    }
}
