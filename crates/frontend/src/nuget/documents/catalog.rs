//! The catalogue that mirrors follow: every version by its last change, in pages and each by itself (docs/nuget.md 3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{Algorithm, Digest, Timestamp};
use storage::{Change, Changes};

use super::registration::Registration;
use super::{Row, json};
use crate::nuget::feed::Feed;
use crate::nuget::id::PackageId;
use crate::nuget::op::Identity;
use crate::nuget::version::Version;
use crate::nuget::wire::{
    CatalogDelete, CatalogDetails, CatalogIndex, CatalogIndexItem, CatalogPage, CatalogPageItem,
};
use domain::time;

const PERMALINK: &str = "catalog:Permalink";

/// All pages that have something.
pub(crate) fn index(feed: &Feed, pages: &[Changes]) -> Bytes {
    let items = pages.iter().map(|page| CatalogIndexItem {
        address: feed.catalog_page(page.page),
        kind: "CatalogPage",
        commit_id: commit(page.number),
        commit_time_stamp: time::show_millis(page.at),
        count: page.count,
    });
    let (number, at) = pages.last().map_or((0, Timestamp::from_millis(0)), |page| (page.number, page.at));
    json(&CatalogIndex {
        address: feed.below("catalog/index.json"),
        kind: ["CatalogRoot", "AppendOnlyCatalog", "Permalink"],
        commit_id: commit(number),
        commit_time_stamp: time::show_millis(at),
        count: pages.len(),
        items: items.collect(),
    })
}

/// The versions of a page; none if no name of it is ours.
pub(crate) fn page(feed: &Feed, number: u64, changes: &[Change]) -> Option<Bytes> {
    let items = changes.iter().filter_map(|change| {
        Some(CatalogPageItem {
            address: feed.catalog_leaf(change.number, &identity(change)?),
            kind: if change.removed { "nuget:PackageDelete" } else { "nuget:PackageDetails" },
            commit_id: commit(change.number),
            commit_time_stamp: time::show_millis(change.at),
            id: &change.package,
            version: &change.name,
        })
    });
    let (items, last): (Vec<_>, _) = (items.collect(), changes.last()?);
    Some(json(&CatalogPage {
        address: feed.catalog_page(number),
        kind: "CatalogPage",
        commit_id: commit(last.number),
        commit_time_stamp: time::show_millis(last.at),
        count: items.len(),
        parent: feed.below("catalog/index.json"),
        items,
    }))
}

/// A version that was taken away.
pub(crate) fn removed(feed: &Feed, of: &Identity, change: &Change) -> Bytes {
    let at = time::show_millis(change.at);
    json(&CatalogDelete {
        address: feed.catalog_leaf(change.number, of),
        kind: ["PackageDelete", PERMALINK],
        commit_id: commit(change.number),
        commit_time_stamp: at.clone(),
        id: &change.package,
        original_id: &change.package,
        version: &change.name,
        published: at,
    })
}

/// A version as it is now. `digests` are those of its package: SHA-512 is told if it is known, as the gallery does.
pub(crate) fn details(of: &Registration, row: &Row, change: &Change, package: (u64, &[Digest])) -> Bytes {
    let (package_size, digests) = package;
    let of_kind = |algorithm| digests.iter().find(|digest| digest.algorithm() == algorithm);
    let hash = of_kind(Algorithm::Sha512).map(|digest| ("SHA512", digest));
    let hash = hash.or_else(|| of_kind(Algorithm::Sha256).map(|digest| ("SHA256", digest)));
    let (package_hash_algorithm, package_hash) =
        hash.map_or(("", String::new()), |(name, digest)| (name, STANDARD.encode(digest.as_bytes())));
    let address = of.feed.catalog_leaf(change.number, &row.of);
    json(&CatalogDetails {
        commit_id: commit(change.number),
        commit_time_stamp: time::show_millis(change.at),
        created: time::show_millis(row.published),
        last_edited: time::show_millis(change.at),
        is_prerelease: row.of.version.is_prerelease(),
        verbatim_version: &row.metadata.version,
        package_hash,
        package_hash_algorithm,
        package_size,
        entry: of.details(row, address),
    })
}

/// Which version a change is of.
pub(crate) fn identity(change: &Change) -> Option<Identity> {
    let id = PackageId::parse(&change.package).ok()?;
    Some(Identity { id, version: Version::parse(&change.name).ok()? })
}

/// The number of a change in the form that clients expect of it.
fn commit(number: u64) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}
