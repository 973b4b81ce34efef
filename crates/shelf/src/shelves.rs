use domain::{Digest, EntryKind, Format, Limit, Visible};
use storage::{
    ContentError, Dependent, DependentsQuery, NamedContent, NewestVersion, PackageSearch, PackagesFound,
    PackagesOf, UsageDay, WordsFound,
};

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

    /// The listed versions in some of the repositories that changed last, the last first
    /// ([`Storage::newest_versions`](storage::Storage::newest_versions)).
    ///
    /// # Errors
    /// As there.
    pub async fn newest_versions(
        &self,
        repositories: Vec<PackagesOf>,
        limit: Limit,
    ) -> Result<Vec<NewestVersion>, ContentError> {
        self.house.storage.newest_versions(&self.within, repositories, limit).await
    }

    /// Packages by what they say of themselves ([`Storage::packages_by_words`](storage::Storage::packages_by_words)).
    ///
    /// # Errors
    /// As there.
    pub async fn packages_by_words(
        &self,
        repositories: Vec<PackagesOf>,
        words: Vec<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<WordsFound>, ContentError> {
        self.house.storage.packages_by_words(&self.within, repositories, words, limit).await
    }

    /// What needs a package ([`Storage::dependents`](storage::Storage::dependents)).
    ///
    /// # Errors
    /// As there.
    pub async fn dependents(
        &self,
        asked: DependentsQuery<'_>,
        limit: Limit,
    ) -> Result<Vec<Dependent>, ContentError> {
        self.house.storage.dependents(&self.within, asked, limit).await
    }

    /// Names of content with this hash ([`Storage::names_of_content`](storage::Storage::names_of_content)).
    ///
    /// # Errors
    /// As there.
    pub async fn names_of_content(
        &self,
        digest: Digest,
        limit: Limit,
    ) -> Result<Vec<NamedContent>, ContentError> {
        self.house.storage.names_of_content(&self.within, digest, limit).await
    }

    /// What was fetched and made from one day to another ([`Storage::readable_usage_days`](storage::Storage::readable_usage_days)).
    ///
    /// # Errors
    /// As there.
    pub async fn usage_days(&self, days: (i64, i64)) -> Result<Vec<UsageDay>, ContentError> {
        self.house.storage.readable_usage_days(&self.within, days).await
    }
}
