//! Where things are. Addresses in documents are absolute, below the directory of the feed's index, and canonical: lower case,
//! versions normalised.

use domain::RepositoryPath;

use super::id::PackageId;
use super::op::{Hive, Identity};
use super::version::Version;
use crate::head::Head;

/// The directory of a feed's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Feed(Box<str>);

impl Feed {
    /// As the request reached it: by its own host name, or by one that names the organisation in the path.
    pub(crate) fn of(head: &Head<'_>, repository: &RepositoryPath) -> Self {
        Self(format!("{}{}/p/{repository}/v3", head.origin(), head.mount).into())
    }

    /// A feed without an address, for measuring what is written about it.
    pub(crate) fn nowhere() -> Self {
        Self("".into())
    }

    /// A feed whose index lies in this directory.
    #[cfg(test)]
    pub(crate) fn at(base: &str) -> Self {
        Self(base.into())
    }

    /// `https://HOST/nuget/p/PROJECT/REPOSITORY/v3`.
    pub(crate) const fn base(&self) -> &str {
        &self.0
    }

    /// An address below it.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }

    /// The package file of a version.
    pub(crate) fn package(&self, of: &Identity) -> String {
        let (id, version) = (of.id.key(), of.version.key());
        format!("{}/flat/{id}/{version}/{id}.{version}.nupkg", self.0)
    }

    /// A file beside the package file.
    pub(crate) fn beside(&self, of: &Identity, file: &str) -> String {
        format!("{}/flat/{}/{}/{file}", self.0, of.id.key(), of.version.key())
    }

    /// A page of the catalogue.
    pub(crate) fn catalog_page(&self, number: u64) -> String {
        format!("{}/catalog/page{number}.json", self.0)
    }

    /// A version as a change left it.
    pub(crate) fn catalog_leaf(&self, number: u64, of: &Identity) -> String {
        format!("{}/catalog/data/{number}/{}/{}.json", self.0, of.id.key(), of.version.key())
    }

    /// The registration of a package.
    pub(crate) fn registration(&self, hive: Hive, id: &PackageId) -> String {
        format!("{}/{}/{}/index.json", self.0, hive.as_str(), id.key())
    }

    /// The versions from one to another.
    pub(crate) fn page(&self, hive: Hive, id: &PackageId, lower: &Version, upper: &Version) -> String {
        format!("{}/{}/{}/page/{}/{}.json", self.0, hive.as_str(), id.key(), lower.key(), upper.key())
    }

    /// One version.
    pub(crate) fn leaf(&self, hive: Hive, of: &Identity) -> String {
        format!("{}/{}/{}/{}.json", self.0, hive.as_str(), of.id.key(), of.version.key())
    }
}

/// The page that explains an SPDX expression.
pub(crate) fn licence_page(expression: &str) -> String {
    let mut page = "https://licenses.nuget.org/".to_owned();
    edge::http::query::encode_into(&mut page, expression);
    page
}
