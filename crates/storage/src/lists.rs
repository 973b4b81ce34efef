//! Lists of the versions of a package, which grow with every one: kept on the one node that also writes them, and brought up to
//! date by reading what changed, so that a document after a push costs no more than its text.

use std::sync::Arc;

use domain::{EntryState, Granted, Implies, PackageName, Probe, RepositoryId, Timestamp};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Error;
use crate::recent::Moment;
use crate::sql::{Tx, lists};
use crate::store::Storage;

/// What a version and a list cost besides their texts, in bytes.
const VERSION_BYTES: u64 = 128;
const LIST_BYTES: u64 = 256;
/// Largest list, in bytes as counted here: a hundred thousand versions of usual names. Beyond it the oldest are left out.
const LIST_BYTES_MAX: u64 = 16 << 20;

/// A version as lists have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// What it is compared by.
    pub key: Arc<str>,
    /// Its place in the order of versions, before its key.
    pub sort_key: Box<str>,
    /// As first given, where that differs from the key.
    shown: Option<Box<str>>,
    /// Live or unlisted.
    pub state: EntryState,
    /// When it last got other content, or was moved into or out of lists.
    pub changed_at: Timestamp,
    /// What the protocol noted of its attribute document.
    pub note: u64,
}

/// Versions of one package in their order.
pub type Versions = Arc<[Arc<ListedVersion>]>;

/// Lists read a moment ago.
pub(crate) struct Lists {
    kept: Cache<ListAt, List, Size>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ListAt {
    repository: RepositoryId,
    package: Box<str>,
}

#[derive(Clone)]
struct List {
    moment: Moment,
    versions: Versions,
    bytes: u64,
}

#[derive(Clone)]
struct Size;

impl ListedVersion {
    pub(crate) fn new(
        (key, sort_key, display): (&str, &str, &str),
        state: EntryState,
        changed_at: Timestamp,
        note: u64,
    ) -> Self {
        let shown = (display != key).then(|| display.into());
        Self { key: key.into(), sort_key: sort_key.into(), shown, state, changed_at, note }
    }

    /// As first given.
    #[must_use]
    pub fn display(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.key)
    }

    fn order(&self) -> (&str, &str) {
        (&self.sort_key, &self.key)
    }

    pub(crate) fn bytes(&self) -> u64 {
        let shown = self.shown.as_ref().map_or(0, |shown| shown.len());
        (self.key.len().saturating_add(self.sort_key.len()).saturating_add(shown) as u64)
            .saturating_add(VERSION_BYTES)
    }
}

impl Lists {
    pub(crate) fn new(bytes_max: u64) -> Self {
        // The cache keeps no list that is larger than one of its shards.
        let lists = usize::try_from(bytes_max >> 18).unwrap_or(usize::MAX).max(16);
        Self { kept: Cache::with_weighter(lists, bytes_max, Size) }
    }
}

impl List {
    /// Versions that come the newest first, as many as a list may have.
    fn collect(moment: Moment, newest_first: Vec<ListedVersion>) -> Self {
        let mut versions: Vec<Arc<ListedVersion>> = newest_first.into_iter().map(Arc::new).collect();
        versions.reverse();
        Self::new(moment, versions)
    }

    fn new(moment: Moment, versions: Vec<Arc<ListedVersion>>) -> Self {
        let bytes = versions.iter().map(|version| version.bytes()).sum();
        Self { moment, versions: versions.into(), bytes }
    }

    /// The same with these versions as they are now, and without those of `names` that are no more.
    fn with(&self, moment: Moment, names: &[Box<str>], now: Vec<ListedVersion>) -> Self {
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

impl Weighter<ListAt, List> for Size {
    fn weight(&self, at: &ListAt, list: &List) -> u64 {
        list.bytes.saturating_add(at.package.len() as u64).saturating_add(LIST_BYTES)
    }
}

impl Storage {
    /// The versions of a package in their order, listed or not; none of an unknown one. Beyond 16 MiB of names the oldest are
    /// left out. `note` makes a number of an attribute document, always the same of the same one.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn versions<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        package: &PackageName,
        note: fn(&str) -> u64,
    ) -> Result<Versions, Error> {
        let repository = may.node().id();
        let moment = self.shared.recent.moment(repository);
        let at = ListAt { repository, package: package.key().into() };
        let known = self.shared.lists.kept.get(&at);
        if let Some(list) = known.as_ref().filter(|list| list.moment == moment) {
            return Ok(Arc::clone(&list.versions));
        }
        let known = known.and_then(|list| {
            let changed = self.shared.recent.changed_since(list.moment, package.key())?;
            Some((list, changed))
        });
        let package = at.package.clone();
        let list = match known {
            Some((list, changed)) => {
                let read = move |tx: &mut dyn Tx| {
                    let now = lists::some(tx, repository, &package, &changed, note)?;
                    Ok(list.with(moment, &changed, now))
                };
                self.shared.database.read(read).await?
            }
            None => {
                let read = move |tx: &mut dyn Tx| {
                    let all = lists::newest(tx, repository, &package, LIST_BYTES_MAX, note)?;
                    Ok(List::collect(moment, all))
                };
                self.shared.database.read(read).await?
            }
        };
        let versions = Arc::clone(&list.versions);
        if self.shared.recent.is_kept() && list.is_whole() {
            self.shared.lists.kept.insert(at, list);
        }
        Ok(versions)
    }
}

#[cfg(test)]
mod tests;
