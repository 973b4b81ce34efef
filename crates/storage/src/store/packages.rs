//! Packages: of one repository, or of all that somebody may read.

use domain::{
    Browsing, EntryKind, Format, Granted, Implies, Limit, PackageName, Probe, Read, RepositoryId, Visible,
};

use super::Storage;
use crate::entries;
use crate::error::{ContentError, Error};
use crate::model::{
    Package, PackagePlace, PackageRow, PackageSearch, PackageSort, PackagesFound, PackagesOf,
};
use crate::sql::{Tx, content, packages, usage};

mod by_downloads;
mod by_name;

/// Packages that one search looks at, and how many are read at once.
const WALKED_MAX: u32 = 5_000;
const CHUNK_ROWS: u32 = 500;

/// A walk through packages.
struct Walk {
    places: Vec<PackagesOf>,
    /// In lower case.
    text: String,
    limit: u32,
    /// The first of the days that are recent.
    recent: i64,
}

/// What a walk has come across.
#[derive(Default)]
struct Seen {
    found: Vec<(RepositoryId, PackageRow)>,
    walked: u32,
    /// Only what was never fetched is looked for.
    never_fetched: bool,
}

impl Seen {
    /// Looks at a package; whether that is enough for one answer.
    fn look(&mut self, tx: &mut dyn Tx, walk: &Walk, of: PackagesOf, key: &str) -> Result<bool, Error> {
        self.walked = self.walked.saturating_add(1);
        if key.to_lowercase().contains(&walk.text)
            && let Some(row) = packages::row(tx, of.repository, (of.versions, key), walk.recent)?
        {
            let is_asked = !self.never_fetched || row.downloads.total == 0;
            self.found.extend(is_asked.then_some((of.repository, row)));
        }
        Ok(self.found.len() >= walk.limit as usize || self.walked >= WALKED_MAX)
    }

    /// The answer, and behind which package the next one goes on.
    fn told(self, next: Option<PackagePlace>) -> PackagesFound {
        PackagesFound { packages: self.found, next }
    }
}

impl Walk {
    fn walk(&self, tx: &mut dyn Tx, mut after: String) -> Result<PackagesFound, Error> {
        let mut seen = Seen::default();
        for of in self.places.iter().copied() {
            loop {
                let keys = packages::with_kind(tx, of.repository, of.packages, &after, CHUNK_ROWS)?;
                let last = u32::try_from(keys.len()).unwrap_or(u32::MAX) < CHUNK_ROWS;
                for key in keys {
                    if seen.look(tx, self, of, &key)? {
                        let repository = of.repository;
                        return Ok(seen.told(Some(PackagePlace { repository, key, downloads: 0 })));
                    }
                    after = key.into();
                }
                if last {
                    break;
                }
            }
            after.clear();
        }
        Ok(seen.told(None))
    }
}

/// A package of which no version has a name in lists.
fn unnamed(
    tx: &mut dyn Tx,
    (repository, key): (RepositoryId, &str),
    name: &str,
    recent: i64,
) -> Result<PackageRow, Error> {
    let downloads = usage::of_package(tx, repository, key, recent)?;
    Ok(PackageRow { key: key.into(), name: name.into(), last: None, updated_at: None, downloads })
}

impl Storage {
    /// Packages in the repositories somebody may read: by repository, then by key, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages(
        &self,
        within: &Visible,
        after: Option<&Package>,
        limit: Limit,
    ) -> Result<Vec<Package>, ContentError> {
        let (from, key) =
            after.map_or_else(|| (0, Box::from("")), |last| (last.repository.get(), last.key.clone()));
        let repositories: Vec<RepositoryId> =
            within.repositories().iter().copied().filter(|id| id.get() >= from).collect();
        Ok(self
            .shared
            .database
            .read(move |tx| entries::packages(tx, &repositories, (from, &key), limit.rows()))
            .await?)
    }

    /// Packages of the repository with a name of this kind, byte by byte after such a key or any other text.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages_of<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        kind: EntryKind,
        after: &str,
        limit: Limit,
    ) -> Result<Vec<Box<str>>, ContentError> {
        let (repository, after) = (may.node().id(), after.to_owned());
        let read = move |tx: &mut dyn Tx| packages::with_kind(tx, repository, kind, &after, limit.rows());
        Ok(self.shared.database.read(read).await?)
    }

    /// Packages of the repository by key, after one of them, with their last versions.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn package_rows(
        &self,
        may: &Granted<Read>,
        by: &Browsing,
        after: &str,
        limit: Limit,
    ) -> Result<Vec<PackageRow>, ContentError> {
        let (repository, after, Browsing { packages: kind, versions, .. }) =
            (may.node().id(), after.to_owned(), *by);
        let recent = self.recent();
        let read = move |tx: &mut dyn Tx| {
            let keys = packages::with_kind(tx, repository, kind, &after, limit.rows())?;
            let row = |key: Box<str>| {
                let row = packages::row(tx, repository, (versions, &key), recent)?;
                row.map_or_else(|| unnamed(tx, (repository, &key), &key, recent), Ok)
            };
            keys.into_iter().map(row).collect()
        };
        Ok(self.shared.database.read(read).await?)
    }

    /// A package, and how many versions it has if that is to be counted, [`PackageRow::COUNTED_MAX`] at most.
    ///
    /// # Errors
    /// `Absent` if there is none of this name.
    pub async fn package_row(
        &self,
        may: &Granted<Read>,
        by: &Browsing,
        package: &PackageName,
        counts: bool,
    ) -> Result<(PackageRow, Option<u64>), ContentError> {
        let (repository, package, kind) = (may.node().id(), package.clone(), by.versions);
        let recent = self.recent();
        let read = move |tx: &mut dyn Tx| {
            let key = package.key();
            if !content::package_exists(tx, repository, key)? {
                return Ok(None);
            }
            let row = match packages::row(tx, repository, (kind, key), recent)? {
                Some(row) => row,
                None => unnamed(tx, (repository, key), package.display(), recent)?,
            };
            let versions = counts.then(|| packages::versions(tx, repository, kind, key)).transpose()?;
            Ok(Some((row, versions)))
        };
        self.shared.database.read(read).await?.ok_or(ContentError::Absent)
    }

    /// Packages with a text in their key, in any case, in those of the repositories that somebody may read, after a key of the first
    /// of them, or in the order of their names or of how often they were fetched, which costs a look into each repository. One search looks at so many packages and no more; it may find few, or none, and go on. Its client waits in line with
    /// other searches.
    ///
    /// # Errors
    /// `Crowded` or `Full` if too many searches of the client, or of all, wait, `TooSlow`, failures of the database.
    pub async fn find_packages(
        &self,
        within: &Visible,
        repositories: Vec<PackagesOf>,
        asked: PackageSearch<'_>,
        limit: Limit,
    ) -> Result<PackagesFound, ContentError> {
        let PackageSearch { text, sort, after, passed, downloads } = asked;
        let readable = within.repositories();
        let places = repositories.into_iter().enumerate();
        let places = places.filter(|(_, of)| readable.binary_search(&of.repository).is_ok());
        let (places, passed): (Vec<_>, Vec<_>) = places.map(|(index, of)| (of, index < passed)).unzip();
        let walk = Walk { places, text: text.to_lowercase(), limit: limit.rows(), recent: self.recent() };
        let after = after.to_owned();
        let find = move |tx: &mut dyn Tx| match sort {
            PackageSort::Place => walk.walk(tx, after),
            PackageSort::Name => walk.by_name(tx, (&after, &passed), false),
            PackageSort::NameDown => walk.by_name(tx, (&after, &passed), true),
            PackageSort::Downloads => walk.by_downloads(tx, (downloads, &after, &passed), false),
            PackageSort::DownloadsDown => walk.by_downloads(tx, (downloads, &after, &passed), true),
        };
        self.in_line(within.client(), find).await
    }

    /// Packages with a name of this kind as `PROJECT/REPOSITORY/PACKAGE`, in the repositories of this format that somebody may
    /// read: sorted byte by byte, after such a path or any other text.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages_by_path(
        &self,
        within: &Visible,
        (format, kind): (Format, EntryKind),
        after: Option<&str>,
        limit: Limit,
    ) -> Result<Vec<String>, ContentError> {
        let visible = within.repositories().to_vec();
        let after = after.unwrap_or_default().to_owned();
        Ok(self
            .shared
            .database
            .read(move |tx| {
                let mut paths = packages::repository_paths(tx, format, kind)?;
                paths.retain(|(id, path)| {
                    visible.binary_search(id).is_ok() && (after.starts_with(&**path) || **path > *after)
                });
                let mut found = Vec::new();
                for (repository, path) in paths {
                    let room = limit.rows().saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                    if room == 0 {
                        break;
                    }
                    let after = after.strip_prefix(&*path).unwrap_or_default();
                    let keys = packages::with_kind(tx, repository, kind, after, room)?;
                    found.extend(keys.into_iter().map(|key| format!("{path}{key}")));
                }
                Ok(found)
            })
            .await?)
    }
}
