//! The names of one package, and those that point at something.

use domain::{EntryState, Granted, Implies, Limit, PackageName, Probe, RepositoryId};

use super::Storage;
use crate::error::{ContentError, Error};
use crate::model::{EdgeKind, Entry, EntryQuery, Listed};
use crate::sql::content::Page;
use crate::sql::{Tx, content};

impl Storage {
    /// Names of one package and kind in the order of their sort keys. There are fewer than asked for once their documents are
    /// longer than 1 MiB together.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn entries<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        query: &EntryQuery<'_>,
    ) -> Result<Listed<Entry>, ContentError> {
        Ok(self.listed(may, query, content::entries).await?)
    }

    /// As [`Self::entries`], by what they are shown as alone.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn display_names<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        query: &EntryQuery<'_>,
    ) -> Result<Listed<Box<str>>, ContentError> {
        let found = self.listed(may, query, |tx, repository, page| {
            Ok((content::display_names(tx, repository, page)?, false))
        });
        Ok(found.await?)
    }

    async fn listed<R: Implies<Probe>, T: Send + 'static>(
        &self,
        may: &Granted<R>,
        query: &EntryQuery<'_>,
        find: impl FnOnce(&mut dyn Tx, RepositoryId, &Page<'_>) -> Result<(Vec<T>, bool), Error> + Send + 'static,
    ) -> Result<Listed<T>, Error> {
        let repository = may.node().id();
        let or = if query.unlisted { EntryState::Unlisted } else { EntryState::Live };
        let (kind, limit) = (query.kind, query.limit.rows());
        let package = query.package.key().to_owned();
        let (sort, key) = query.after.unwrap_or_default();
        let after = (sort.to_owned(), key.to_owned());
        self.shared
            .database
            .read(move |tx| {
                let page = Page { kind, or, package_key: &package, after: (&after.0, &after.1), limit };
                let (items, cut) = find(tx, repository, &page)?;
                if items.is_empty() && !content::package_exists(tx, repository, &package)? {
                    return Ok(Listed::Unknown);
                }
                let more = cut || items.len() as u64 >= u64::from(limit);
                Ok(Listed::Names { items, more })
            })
            .await
    }

    /// Live names of a package that point at `target`, in the order of their sort keys.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pointing_to<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        edge: (EdgeKind, &str),
        package: &PackageName,
        after: Option<(&str, &str)>,
        limit: Limit,
    ) -> Result<Vec<Entry>, ContentError> {
        let repository = may.node().id();
        let (kind, target) = (edge.0.as_str(), edge.1.to_owned());
        let (sort, key) = after.unwrap_or_default();
        let (package, after) = (package.key().to_owned(), (sort.to_owned(), key.to_owned()));
        Ok(self
            .shared
            .database
            .read(move |tx| {
                let after = (&*after.0, &*after.1);
                content::pointing_to(tx, repository, (kind, &target), &package, after, limit.rows())
            })
            .await?)
    }
}
