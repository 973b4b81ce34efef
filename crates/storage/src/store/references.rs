//! Lists that follow what names point at.

use domain::{EntryKey, Granted, Implies, Limit, PackageName, Probe, Read, RefName};

use super::Storage;
use crate::error::Error;
use crate::model::{EdgeKind, Entry};
use crate::sql::{Tx, references};

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
                references::referrers(tx, repository, &package, (&subject, &listed), &after, limit)?;
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
        let find = move |tx: &mut dyn Tx| references::oldest_pointing_to(tx, repository, (kind, &target));
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
            references::pointing(tx, repository, (kind, &target), (&package, &sort, &key), limit.rows())
        };
        self.shared.database.read(read).await
    }
}
