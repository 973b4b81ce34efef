//! Lists of the versions of a package, which grow with every one: kept on the one node that also writes them, and brought up to
//! date by reading what changed, so that a document after a push costs no more than its text.

use std::sync::Arc;

use domain::RepositoryId;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::model::{ListedVersion, Versions};
use crate::name_cache::Moment;

/// What a list costs besides its versions, in bytes.
const LIST_BYTES: u64 = 256;
/// Largest list, in bytes as counted here: a hundred thousand versions of usual names. Beyond it the oldest are left out.
pub(crate) const LIST_BYTES_MAX: u64 = 16 << 20;

/// Lists read a moment ago.
pub(crate) struct VersionLists {
    kept: Cache<ListAt, VersionList, Size>,
}

/// Of which package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ListAt {
    pub(crate) repository: RepositoryId,
    /// By its key.
    pub(crate) package: Box<str>,
}

/// The versions of a package at a moment.
#[derive(Clone)]
pub(crate) struct VersionList {
    pub(crate) moment: Moment,
    pub(crate) versions: Versions,
    bytes: u64,
}

#[derive(Clone)]
struct Size;

impl VersionLists {
    pub(crate) fn new(bytes_max: u64) -> Self {
        // The cache keeps no list that is larger than one of its shards.
        let lists = usize::try_from(bytes_max >> 18).unwrap_or(usize::MAX).max(16);
        Self { kept: Cache::with_weighter(lists, bytes_max, Size) }
    }

    pub(crate) fn get(&self, at: &ListAt) -> Option<VersionList> {
        self.kept.get(at)
    }

    /// Keeps a list, unless versions are missing in it.
    pub(crate) fn keep(&self, at: ListAt, list: VersionList) {
        if list.is_whole() {
            self.kept.insert(at, list);
        }
    }
}

impl VersionList {
    /// Versions that come the newest first, as many as a list may have.
    pub(crate) fn collect(moment: Moment, newest_first: Vec<ListedVersion>) -> Self {
        let mut versions: Vec<Arc<ListedVersion>> = newest_first.into_iter().map(Arc::new).collect();
        versions.reverse();
        Self::new(moment, versions)
    }

    fn new(moment: Moment, versions: Vec<Arc<ListedVersion>>) -> Self {
        let bytes = versions.iter().map(|version| version.bytes()).sum();
        Self { moment, versions: versions.into(), bytes }
    }

    /// The same with these versions as they are now, and without those of `names` that are no more.
    pub(crate) fn with(&self, moment: Moment, names: &[Box<str>], now: Vec<ListedVersion>) -> Self {
        let stays = |version: &&Arc<ListedVersion>| {
            names.binary_search_by(|name| (**name).cmp(&version.key)).is_err()
        };
        let mut versions: Vec<Arc<ListedVersion>> =
            self.versions.iter().filter(stays).map(Arc::clone).collect();
        for version in now {
            let at = versions.partition_point(|known| known.order() < version.order());
            versions.insert(at, Arc::new(version));
        }
        Self::new(moment, versions)
    }

    /// Whether all versions are in it.
    const fn is_whole(&self) -> bool {
        self.bytes < LIST_BYTES_MAX
    }
}

impl Weighter<ListAt, VersionList> for Size {
    fn weight(&self, at: &ListAt, list: &VersionList) -> u64 {
        list.bytes.saturating_add(at.package.len() as u64).saturating_add(LIST_BYTES)
    }
}

#[cfg(test)]
mod tests;
