//! Lists that follow what names point at, or run over several repositories.

use domain::{
    EntryKey, EntryKind, Format, Granted, Implies, Limit, PackageName, Probe, Read, RefName, Visible,
};

use crate::batch::{EdgeKind, Entry};
use crate::error::Error;
use crate::sql::{Tx, listings};
use crate::store::Storage;

/// Which manifests that are about another one to list.
#[derive(Debug, Clone)]
pub struct ReferrersQuery<'a> {
    /// Of this package.
    pub package: &'a PackageName,
    /// The name of the other one, which need not be there.
    pub subject: &'a str,
    /// A tag: what it names may have members that say nothing of a subject, and these count as well.
    pub listed: &'a RefName,
    /// After this name; empty for the first.
    pub after: &'a str,
    /// At most so many.
    pub limit: Limit,
}

impl Storage {
    /// Live manifests that are about another one, in the order of their names. None is an answer: there is no `Absent`.
    /// There are fewer than asked for once their documents are longer than 1 MiB together; says besides whether there may be more.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn referrers(
        &self,
        may: &Granted<Read>,
        query: &ReferrersQuery<'_>,
    ) -> Result<(Vec<Entry>, bool), Error> {
        let (repository, limit) = (may.node().id(), query.limit.rows());
        let package = query.package.key().to_owned();
        let (subject, listed) = (query.subject.to_owned(), query.listed.key().to_owned());
        let after = query.after.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let (found, cut) =
                listings::referrers(tx, repository, &package, (&subject, &listed), &after, limit)?;
            let more = cut || found.len() >= limit as usize;
            Ok((found, more))
        };
        self.shared.database.read(read).await
    }

    /// The live name of any package that was the first to be made of those that point at `target`: who comes later and points at
    /// the same does not take its place.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn oldest_pointing_to<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        (kind, target): (EdgeKind, &str),
    ) -> Result<Option<Entry>, Error> {
        let (repository, kind, target) = (may.node().id(), kind.as_str(), target.to_owned());
        let find = move |tx: &mut dyn Tx| listings::oldest_pointing_to(tx, repository, (kind, &target));
        self.shared.database.point(find).await
    }

    /// Live names of any package that point at `target`, by package and then in the order of their sort keys, after one of them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pointing_anywhere<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        edge: (EdgeKind, &str),
        after: Option<&Entry>,
        limit: Limit,
    ) -> Result<Vec<Entry>, Error> {
        let repository = may.node().id();
        let (kind, target) = (edge.0.as_str(), edge.1.to_owned());
        let after = after.map(|entry| entry.key.clone());
        let read = move |tx: &mut dyn Tx| {
            let name =
                |key: &EntryKey| [key.package.key(), key.name.sort_key(), key.name.key()].map(str::to_owned);
            let [package, sort, key] = after.as_ref().map(name).unwrap_or_default();
            listings::pointing(tx, repository, (kind, &target), (&package, &sort, &key), limit.rows())
        };
        self.shared.database.read(read).await
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
    ) -> Result<Vec<Box<str>>, Error> {
        let (repository, after) = (may.node().id(), after.to_owned());
        let read = move |tx: &mut dyn Tx| listings::packages(tx, repository, kind, &after, limit.rows());
        self.shared.database.read(read).await
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
    ) -> Result<Vec<String>, Error> {
        let visible = within.repositories().to_vec();
        let after = after.unwrap_or_default().to_owned();
        self.shared
            .database
            .read(move |tx| {
                let mut places = listings::places(tx, format, kind)?;
                places.retain(|(id, place)| {
                    visible.binary_search(id).is_ok() && (after.starts_with(&**place) || **place > *after)
                });
                let mut found = Vec::new();
                for (repository, place) in places {
                    let room = limit.rows().saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                    if room == 0 {
                        break;
                    }
                    let after = after.strip_prefix(&*place).unwrap_or_default();
                    let keys = listings::packages(tx, repository, kind, after, room)?;
                    found.extend(keys.into_iter().map(|key| format!("{place}{key}")));
                }
                Ok(found)
            })
            .await
    }
}
