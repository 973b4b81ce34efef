//! What goes over the wire: media types and documents (docs/nuget.md 7). The names of members are NuGet's.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use serde::{Serialize, Serializer};

/// Every document.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// A package, in storage and on the wire.
pub(crate) const PACKAGE: &str = "application/octet-stream";
/// What the client prints as a warning, whatever the status.
pub(crate) const WARNING: HeaderName = HeaderName::from_static("x-nuget-warning");
/// The encoding of two hives.
pub(crate) const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// The service index.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceIndex<'a> {
    pub version: &'a str,
    pub resources: Vec<ServiceResource<'a>>,
}

/// One type of one resource; a resource has several, because clients look for different ones.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceResource<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    #[serde(rename = "clientVersion", skip_serializing_if = "Option::is_none")]
    pub client_version: Option<&'a str>,
}

/// Versions of a package.
#[derive(Debug, Serialize)]
pub(crate) struct Versions<'a> {
    pub versions: Vec<&'a str>,
}

/// The index of a registration: pages with or without what is on them.
#[derive(Debug, Serialize)]
pub(crate) struct RegistrationIndex<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: [&'a str; 2],
    pub count: usize,
    pub items: Vec<RegistrationPage<'a>>,
}

/// A page of a registration.
#[derive(Debug, Serialize)]
pub(crate) struct RegistrationPage<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<PageLeaf<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub lower: String,
    pub upper: String,
}

/// A version on a page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageLeaf<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub catalog_entry: CatalogEntry<'a>,
    pub package_content: String,
    pub registration: String,
}

/// A version by itself. `catalogEntry` is an address: that of this very document, which therefore has its members too.
#[derive(Debug, Serialize)]
pub(crate) struct Leaf<'a> {
    #[serde(rename = "catalogEntry")]
    pub catalog_entry: String,
    pub registration: String,
    #[serde(flatten)]
    pub entry: CatalogEntry<'a>,
}

/// The metadata of a version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogEntry<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub id: &'a str,
    pub version: &'a str,
    pub authors: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependency_groups: Vec<DependencyGroup<'a>>,
    pub description: &'a str,
    pub icon_url: String,
    pub language: &'a str,
    pub license_expression: &'a str,
    pub license_url: String,
    pub listed: bool,
    pub min_client_version: &'a str,
    pub package_content: String,
    pub project_url: &'a str,
    pub published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme_url: Option<String>,
    pub require_license_acceptance: bool,
    pub summary: &'a str,
    pub tags: Vec<&'a str>,
    pub title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<DeprecationShown<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vulnerabilities: Vec<VulnerabilityShown<'a>>,
}

/// Why a version should no longer be used.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeprecationShown<'a> {
    pub reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternate_package: Option<Alternate<'a>>,
}

/// What to use instead.
#[derive(Debug, Serialize)]
pub(crate) struct Alternate<'a> {
    pub id: &'a str,
    pub range: &'a str,
}

/// A weakness of a version, as registrations have it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VulnerabilityShown<'a> {
    pub advisory_url: &'a str,
    pub severity: &'static str,
}

/// A page of the list of weaknesses.
#[derive(Debug, Serialize)]
pub(crate) struct VulnerabilityIndexItem<'a> {
    #[serde(rename = "@name")]
    pub name: &'a str,
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@updated")]
    pub updated: String,
}

/// A weakness of some versions, as audits read it.
#[derive(Debug, Serialize)]
pub(crate) struct Vulnerability {
    pub url: String,
    pub severity: u8,
    pub versions: String,
}

/// Dependencies for one framework.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DependencyGroup<'a> {
    #[serde(rename = "@type")]
    pub kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub target_framework: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency<'a>>,
}

/// One dependency.
#[derive(Debug, Serialize)]
pub(crate) struct Dependency<'a> {
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub id: &'a str,
    pub range: &'a str,
}

/// A package that a search found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchItem<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub registration: String,
    pub id: &'a str,
    pub version: &'a str,
    pub description: &'a str,
    pub summary: &'a str,
    pub title: &'a str,
    pub icon_url: String,
    pub license_url: String,
    pub project_url: &'a str,
    pub tags: Vec<&'a str>,
    pub authors: Vec<&'a str>,
    pub owners: [&'a str; 0],
    pub total_downloads: Slot<'a>,
    pub verified: bool,
    pub package_types: Vec<PackageTypeName<'a>>,
    pub versions: &'a [SearchVersion],
}

/// Where the number of downloads of a version of this key goes, or of all of them for none: a document is kept for longer than they stay
/// the same. No text of a package looks like one, because quotes in texts are escaped.
#[derive(Debug)]
pub(crate) struct Slot<'a>(pub(crate) Cow<'a, str>);

impl Slot<'_> {
    /// What stands in front of the key, up to which a number replaces it with the quotes around it.
    pub(crate) const BEGIN: &'static str = r#":"\u0001"#;
}

impl Serialize for Slot<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("\u{1}{}", self.0))
    }
}

/// A kind of package.
#[derive(Debug, Serialize)]
pub(crate) struct PackageTypeName<'a> {
    pub name: &'a str,
}

/// A version of a package that a search found.
#[derive(Debug, Serialize)]
pub(crate) struct SearchVersion {
    pub version: String,
    pub downloads: Slot<'static>,
    #[serde(rename = "@id")]
    pub address: String,
}

impl SearchVersion {
    /// How long it is in a list, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        const MEMBERS: usize = r#"{"version":"","downloads":"\u0001","@id":""},"#.len();
        let texts = [self.version.len(), self.downloads.0.len(), self.address.len()];
        texts.iter().fold(MEMBERS, |sum, bytes| sum.saturating_add(*bytes))
    }
}

/// Ids that begin as asked for.
#[derive(Debug, Serialize)]
pub(crate) struct Ids<'a> {
    #[serde(rename = "totalHits")]
    pub total_hits: u64,
    pub data: &'a [String],
}

/// Versions of a package, as autocomplete has them.
#[derive(Debug, Serialize)]
pub(crate) struct IdVersions<'a> {
    pub data: Vec<&'a str>,
}

/// The index of the catalogue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogIndex<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: [&'a str; 3],
    pub commit_id: String,
    pub commit_time_stamp: String,
    pub count: usize,
    pub items: Vec<CatalogIndexItem<'a>>,
}

/// A page, as the index of the catalogue names it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogIndexItem<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub commit_id: String,
    pub commit_time_stamp: String,
    pub count: u64,
}

/// A page of the catalogue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogPage<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub commit_id: String,
    pub commit_time_stamp: String,
    pub count: usize,
    pub parent: String,
    pub items: Vec<CatalogPageItem<'a>>,
}

/// A version on a page of the catalogue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogPageItem<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: &'a str,
    pub commit_id: String,
    pub commit_time_stamp: String,
    #[serde(rename = "nuget:id")]
    pub id: &'a str,
    #[serde(rename = "nuget:version")]
    pub version: &'a str,
}

/// A version in the catalogue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogDetails<'a> {
    #[serde(rename = "catalog:commitId")]
    pub commit_id: String,
    #[serde(rename = "catalog:commitTimeStamp")]
    pub commit_time_stamp: String,
    pub created: String,
    pub last_edited: String,
    pub is_prerelease: bool,
    pub verbatim_version: &'a str,
    pub package_hash: String,
    pub package_hash_algorithm: &'a str,
    pub package_size: u64,
    #[serde(flatten)]
    pub entry: CatalogEntry<'a>,
}

/// A version in the catalogue that was taken away.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogDelete<'a> {
    #[serde(rename = "@id")]
    pub address: String,
    #[serde(rename = "@type")]
    pub kind: [&'a str; 2],
    #[serde(rename = "catalog:commitId")]
    pub commit_id: String,
    #[serde(rename = "catalog:commitTimeStamp")]
    pub commit_time_stamp: String,
    pub id: &'a str,
    pub original_id: &'a str,
    pub version: &'a str,
    pub published: String,
}
