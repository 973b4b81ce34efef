//! A package that a search found: the latest version that counts, and which others do.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::registration::{icon_url, licence_url};
use super::{Row, index, json};
use crate::nuget::place::Feed;
use crate::nuget::search::{Filter, types};
use crate::nuget::wire::{IdVersions, Ids, PackageTypeName, SearchItem, SearchVersion};

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
                downloads: 0,
                address,
            });
            self.latest = Some(row);
        }
    }

    /// The package in a list of packages; empty if none of its versions counts.
    pub(crate) fn item(&self, filter: &Filter, feed: &Feed) -> Bytes {
        let Some(Row { of, metadata, .. }) = &self.latest else { return Bytes::new() };
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
            total_downloads: 0,
            verified: false,
            package_types: types(metadata).map(|name| PackageTypeName { name }).collect(),
            versions: &self.versions,
        })
    }

    /// Its id as the latest version writes it.
    pub(crate) fn id(&self) -> Bytes {
        self.latest.as_ref().map(|row| Bytes::copy_from_slice(row.metadata.id.as_bytes())).unwrap_or_default()
    }

    /// Its versions alone.
    pub(crate) fn versions(&self) -> Bytes {
        let data: Vec<String> = self.versions.iter().map(|one| one.version.clone()).collect();
        json(&IdVersions { data: &data })
    }
}

/// A list of packages that are rendered already.
pub(crate) fn list(total: u64, items: &[Bytes]) -> Bytes {
    let mut list = BytesMut::with_capacity(items.iter().map(Bytes::len).sum::<usize>() + items.len() + 64);
    list.put_slice(format!("{{\"totalHits\":{total},\"data\":[").as_bytes());
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            list.put_u8(b',');
        }
        list.put_slice(item);
    }
    list.put_slice(b"]}");
    list.freeze()
}

/// A list of ids.
pub(crate) fn ids(total: u64, ids: &[String]) -> Bytes {
    json(&Ids { total_hits: total, data: ids })
}
