//! A package that a search found: the latest version that counts, and which others do.

use bytes::{BufMut as _, Bytes, BytesMut};
use storage::PackageDownloads;

use super::registration::{icon_url, licence_url};
use super::{QUOTES_BYTES, Row, index, json};
use crate::fit::{PAGE_BYTES_MAX, fitting};
use crate::nuget::feed::Feed;
use crate::nuget::search::{Filter, types};
use crate::nuget::wire::{IdVersions, Ids, PackageTypeName, SearchItem, SearchVersion, Slot};

/// Most bytes of the versions of one package in a list of packages: the newest of them.
const VERSIONS_BYTES_MAX: usize = PAGE_BYTES_MAX / 4;

/// The versions of a package that count, as they come in ascending order.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    latest: Option<Row>,
    versions: Vec<SearchVersion>,
}

impl Counted {
    /// Takes one more version, if it counts.
    pub(crate) fn take(&mut self, row: Row, filter: &Filter, feed: &Feed) {
        if row.listed && filter.admits(&row.of.version, &row.metadata) {
            let address = feed.leaf(index::hive(filter.semver2), &row.of);
            self.versions.push(SearchVersion {
                version: row.metadata.version.clone(),
                downloads: Slot(row.of.version.key().into()),
                address,
            });
            self.latest = Some(row);
        }
    }

    /// The package in a list of packages; empty if none of its versions counts.
    pub(crate) fn item(&self, filter: &Filter, feed: &Feed) -> Bytes {
        let Some(Row { of, metadata, .. }) = &self.latest else { return Bytes::new() };
        let sizes = self.versions.iter().rev().map(SearchVersion::bytes);
        let oldest = self.versions.len().saturating_sub(fitting(VERSIONS_BYTES_MAX, sizes));
        let registration = feed.registration(index::hive(filter.semver2), &of.id);
        json(&SearchItem {
            address: registration.clone(),
            kind: "Package",
            registration,
            id: &metadata.id,
            version: &metadata.version,
            description: &metadata.description,
            summary: &metadata.summary,
            title: &metadata.title,
            icon_url: icon_url(feed, of, metadata),
            license_url: licence_url(feed, of, metadata),
            project_url: &metadata.project_url,
            tags: metadata.tags().collect(),
            authors: metadata.authors.split(',').map(str::trim).filter(|author| !author.is_empty()).collect(),
            owners: [],
            total_downloads: Slot("".into()),
            verified: false,
            package_types: types(metadata).map(|name| PackageTypeName { name }).collect(),
            versions: self.versions.get(oldest..).unwrap_or_default(),
        })
    }

    /// Its id as the latest version writes it.
    pub(crate) fn id(&self) -> Bytes {
        self.latest.as_ref().map(|row| Bytes::copy_from_slice(row.metadata.id.as_bytes())).unwrap_or_default()
    }

    /// Its versions alone.
    pub(crate) fn versions(&self) -> Bytes {
        let sizes = self.versions.iter().rev().map(|one| one.version.len().saturating_add(QUOTES_BYTES));
        let oldest = self.versions.len().saturating_sub(fitting(PAGE_BYTES_MAX, sizes));
        json(&IdVersions { data: self.versions.iter().skip(oldest).map(|one| &*one.version).collect() })
    }
}

/// A list of packages that are rendered already, with how often they were fetched by now.
pub(crate) fn list(total: u64, items: &[Bytes], downloads: &[PackageDownloads]) -> Bytes {
    let mut list = BytesMut::with_capacity(items.iter().map(Bytes::len).sum::<usize>() + items.len() + 64);
    list.put_slice(format!("{{\"totalHits\":{total},\"data\":[").as_bytes());
    for (at, (item, downloads)) in items.iter().zip(downloads).enumerate() {
        if at > 0 {
            list.put_u8(b',');
        }
        fill(&mut list, str::from_utf8(item).unwrap_or_default(), downloads);
    }
    list.put_slice(b"]}");
    list.freeze()
}

/// Writes a package with numbers where it leaves room for them.
fn fill(list: &mut BytesMut, item: &str, downloads: &PackageDownloads) {
    let mut parts = item.split(Slot::BEGIN);
    list.put_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (version, rest) = part.split_once('"').unwrap_or_default();
        let number = match version {
            "" => downloads.total,
            version => downloads.versions.get(version).copied().unwrap_or_default(),
        };
        list.put_slice(format!(":{number}").as_bytes());
        list.put_slice(rest.as_bytes());
    }
}

/// A list of ids.
pub(crate) fn ids(total: u64, ids: &[String]) -> Bytes {
    json(&Ids { total_hits: total, data: ids })
}
