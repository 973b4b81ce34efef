//! Registrations: what there is of a package, in an index, in pages, and each version by itself (docs/nuget.md 7).

use std::sync::Arc;

use bytes::Bytes;
use domain::Timestamp;

use super::remarks::Remarks;
use super::{Row, gzip, json};
use crate::fit::{PAGE_BYTES_MAX, fitting};
use crate::nuget::feed::{Feed, licence_page};
use crate::nuget::id::PackageId;
use crate::nuget::metadata::Metadata;
use crate::nuget::op::{Hive, Identity};
use crate::nuget::version::Version;
use crate::nuget::wire::{
    CatalogEntry, Dependency, DependencyGroup, Leaf, PageLeaf, RegistrationIndex, RegistrationPage,
};
use domain::time;

/// Versions of a page.
const PAGE_ROWS: usize = 64;
/// From so many versions on the index names pages without what is on them.
const INLINED_MAX: usize = 127;
/// Most versions of one page asked for by its bounds: more than there were when they were named, should others come between.
const PAGE_ROWS_MAX: usize = 256;
/// Most bytes of a page when the index names it; others may come between before it is asked for.
const NAMED_BYTES_MAX: usize = PAGE_BYTES_MAX / 2;
/// Addresses of the feed that a version on a page has at most.
const LEAF_ADDRESSES: usize = 9;
/// When unlisted versions were published, so that clients that look at nothing else see them as the oldest.
const UNLISTED_SINCE: &str = "1900-01-01T00:00:00Z";

/// Of which package, as which hive of which feed shows it.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// The feed.
    pub feed: Feed,
    /// The hive.
    pub hive: Hive,
    /// The package.
    pub id: PackageId,
    /// What is said of its versions.
    pub remarks: Arc<Remarks>,
}

/// A version that the hive shows, without what its nuspec says.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Which.
    pub version: Version,
    /// What is noted of it.
    pub note: Note,
}

/// What a list of versions notes of a nuspec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Note {
    /// Whether only clients of SemVer 2 can read it.
    pub semver2: bool,
    /// How long it is on a page, without the addresses of the feed, in bytes.
    bytes: usize,
}

impl Note {
    /// Of an attribute document, as a number.
    pub(crate) fn of(attributes: &str) -> u64 {
        let metadata = Metadata::from_json(attributes);
        let semver2 = metadata.semver2;
        let bytes = leaf_bytes(metadata).unwrap_or(attributes.len()) as u64;
        bytes << 1 | u64::from(semver2)
    }

    /// Of a version that is so much longer by what is said of it, in bytes.
    pub(crate) const fn longer_by(self, bytes: usize) -> Self {
        Self { bytes: self.bytes.saturating_add(bytes), ..self }
    }

    /// Out of that number.
    pub(crate) fn read(number: u64) -> Self {
        Self { semver2: number & 1 == 1, bytes: usize::try_from(number >> 1).unwrap_or(usize::MAX) }
    }
}

/// How long a version is on a page of a feed that is nowhere; `None` if it has no name.
fn leaf_bytes(metadata: Metadata) -> Option<usize> {
    let id = PackageId::parse(&metadata.id).ok()?;
    let version = Version::parse(&metadata.version).ok()?;
    let of = Registration {
        feed: Feed::nowhere(),
        hive: Hive::GzipSemVer2,
        id: id.clone(),
        remarks: Arc::default(),
    };
    let published = Timestamp::from_millis(0);
    let row = Row { of: Identity { id, version }, metadata, listed: true, published };
    Some(json(&of.page_leaf(&row)).len())
}

impl Registration {
    /// Whether the hive shows this version.
    pub(crate) const fn shows(&self, semver2: bool) -> bool {
        self.hive.has_semver2() || !semver2
    }

    /// The index with everything in it.
    pub(crate) fn inlined(&self, rows: &[Row]) -> Bytes {
        let pages = rows.chunks(PAGE_ROWS).filter_map(|rows| self.page_of(rows)).collect();
        self.index(pages)
    }

    /// The index that names pages by their bounds.
    pub(crate) fn paged(&self, shown: &[Shown]) -> Bytes {
        let (mut pages, mut rest) = (Vec::new(), shown);
        while let (Some(first), count) = (rest.first(), self.fitting(PAGE_ROWS, NAMED_BYTES_MAX, rest)) {
            let (page, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            let last = page.last().unwrap_or(first);
            pages.push(self.bounds(&first.version, &last.version, page.len()));
            rest = behind;
        }
        self.index(pages)
    }

    /// Whether the index has everything in it.
    pub(crate) fn is_inlined(&self, shown: &[Shown]) -> bool {
        self.fitting(INLINED_MAX, PAGE_BYTES_MAX, shown) == shown.len()
    }

    /// How many of these are on one page when it is asked for.
    pub(crate) fn on_page(&self, shown: &[Shown]) -> usize {
        self.fitting(PAGE_ROWS_MAX, PAGE_BYTES_MAX, shown)
    }

    fn fitting(&self, rows_max: usize, bytes_max: usize, shown: &[Shown]) -> usize {
        let addresses = self.feed.base().len().saturating_mul(LEAF_ADDRESSES);
        let sizes = shown.iter().take(rows_max).map(|one| one.note.bytes.saturating_add(addresses));
        fitting(bytes_max, sizes)
    }

    /// One page by itself.
    pub(crate) fn page(&self, rows: &[Row]) -> Bytes {
        self.encoded(&json(&self.page_of(rows)))
    }

    /// One version by itself.
    pub(crate) fn leaf(&self, row: &Row) -> Bytes {
        let address = self.feed.leaf(self.hive, &row.of);
        let leaf = Leaf {
            catalog_entry: address,
            registration: self.feed.registration(self.hive, &self.id),
            entry: self.entry(row, "Package"),
        };
        self.encoded(&json(&leaf))
    }

    /// What a catalogue says of a version at an address of its own.
    pub(crate) fn details<'a>(&'a self, row: &'a Row, address: String) -> CatalogEntry<'a> {
        CatalogEntry { address, ..self.entry(row, "PackageDetails") }
    }

    fn index(&self, items: Vec<RegistrationPage<'_>>) -> Bytes {
        let index = RegistrationIndex {
            address: self.feed.registration(self.hive, &self.id),
            kind: ["catalog:CatalogRoot", "PackageRegistration"],
            count: items.len(),
            items,
        };
        self.encoded(&json(&index))
    }

    fn encoded(&self, bytes: &Bytes) -> Bytes {
        if self.hive.is_gzipped() { gzip(bytes) } else { bytes.clone() }
    }

    fn bounds(&self, lower: &Version, upper: &Version, count: usize) -> RegistrationPage<'static> {
        RegistrationPage {
            address: self.feed.page(self.hive, &self.id, lower, upper),
            kind: "catalog:CatalogPage",
            count,
            items: None,
            parent: None,
            lower: lower.normalised(),
            upper: upper.normalised(),
        }
    }

    fn page_of<'a>(&'a self, rows: &'a [Row]) -> Option<RegistrationPage<'a>> {
        let (first, last) = (rows.first()?, rows.last()?);
        let bounds = self.bounds(&first.of.version, &last.of.version, rows.len());
        let items = Some(rows.iter().map(|row| self.page_leaf(row)).collect());
        Some(RegistrationPage { items, parent: Some(self.feed.registration(self.hive, &self.id)), ..bounds })
    }

    fn page_leaf<'a>(&'a self, row: &'a Row) -> PageLeaf<'a> {
        PageLeaf {
            address: self.feed.leaf(self.hive, &row.of),
            kind: "Package",
            catalog_entry: self.entry(row, "PackageDetails"),
            package_content: self.feed.package(&row.of),
            registration: self.feed.registration(self.hive, &self.id),
        }
    }

    fn entry<'a>(&'a self, row: &'a Row, kind: &'a str) -> CatalogEntry<'a> {
        let Row { of, metadata, listed, published } = row;
        CatalogEntry {
            address: self.feed.leaf(self.hive, of),
            kind,
            id: &metadata.id,
            version: &metadata.version,
            authors: &metadata.authors,
            dependency_groups: groups(metadata),
            description: &metadata.description,
            icon_url: icon_url(&self.feed, of, metadata),
            language: &metadata.language,
            license_expression: &metadata.licence_expression,
            license_url: licence_url(&self.feed, of, metadata),
            listed: *listed,
            min_client_version: &metadata.min_client_version,
            package_content: self.feed.package(of),
            project_url: &metadata.project_url,
            published: if *listed { time::show(*published) } else { UNLISTED_SINCE.to_owned() },
            readme_url: metadata.enclosed.readme.as_ref().map(|_| self.feed.beside(of, "readme")),
            require_license_acceptance: metadata.require_licence_acceptance,
            summary: &metadata.summary,
            tags: metadata.tags().collect(),
            title: &metadata.title,
            deprecation: self.remarks.deprecation(&of.version),
            vulnerabilities: self.remarks.vulnerabilities(&of.version),
        }
    }
}

/// The icon in the package, or else the address the nuspec gives; empty without either.
pub(super) fn icon_url(feed: &Feed, of: &Identity, metadata: &Metadata) -> String {
    match metadata.enclosed.icon {
        Some(_) => feed.beside(of, "icon"),
        None => metadata.icon_url.clone(),
    }
}

/// The page of the expression, the file in the package, or else the address the nuspec gives; empty without any.
pub(super) fn licence_url(feed: &Feed, of: &Identity, metadata: &Metadata) -> String {
    match metadata.enclosed.licence {
        _ if !metadata.licence_expression.is_empty() => licence_page(&metadata.licence_expression),
        Some(_) => feed.beside(of, "license"),
        None => metadata.licence_url.clone(),
    }
}

fn groups(metadata: &Metadata) -> Vec<DependencyGroup<'_>> {
    let group = metadata.groups.iter().map(|group| DependencyGroup {
        kind: "PackageDependencyGroup",
        target_framework: &group.framework,
        dependencies: group
            .dependencies
            .iter()
            .map(|one| Dependency { kind: "PackageDependency", id: &one.id, range: &one.range })
            .collect(),
    });
    group.collect()
}
