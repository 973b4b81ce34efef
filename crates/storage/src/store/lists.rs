//! The names of one package, and those that point at something.

use domain::{EntryKey, EntryState, Granted, Implies, Limit, PackageName, Probe, RepositoryId};

use super::Storage;
use crate::error::{ContentError, Error};
use crate::model::{EdgeKind, Entry, EntryQuery, Holding, Listed};
use crate::sql::content::Page;
use crate::sql::{Tx, content, names};

/// Names that are looked at for a text.
const LOOKED_AT: u32 = 2_000;
/// Behind every sort key.
const END: &str = "\u{10ffff}";

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

    /// As [`Self::entries`], the last first: those before `query.after`, or from the end.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn entries_down<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        query: &EntryQuery<'_>,
    ) -> Result<Listed<Entry>, ContentError> {
        let query = EntryQuery { after: Some(query.after.unwrap_or((END, ""))), ..query.clone() };
        Ok(self.listed(may, &query, content::entries_down).await?)
    }

    /// The names of a list that hold a text, letters of either case being equal; the last first, if that is wanted. So many names are looked
    /// at once, found or not, so that it takes as long whatever is asked: `next` tells where to go on, also where nothing was found.
    ///
    /// # Errors
    /// `Absent` if the package has no name of any kind.
    pub async fn entries_holding<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        query: &EntryQuery<'_>,
        (text, down): (&str, bool),
    ) -> Result<Holding<Entry>, ContentError> {
        let text = text.to_lowercase();
        let most = usize::try_from(query.limit.rows()).unwrap_or(usize::MAX);
        let first = if down { (END, "") } else { Default::default() };
        let query = EntryQuery { after: Some(query.after.unwrap_or(first)), ..query.clone() };
        let found = self.listed(may, &query, move |tx, repository, page| {
            let looked = Page { limit: LOOKED_AT, ..*page };
            let (keys, next) = content::holding(tx, repository, (&looked, down), (&text, most))?;
            let (items, cut) = content::entries_of(tx, repository, &keys)?;
            let next = if cut { items.last().map(|entry: &Entry| entry.key.name.clone()) } else { next };
            let is_something = !items.is_empty() || next.is_some();
            // At most one item, which is the whole answer: whether others follow it says itself.
            Ok((is_something.then_some(Holding { items, next }).into_iter().collect(), false))
        });
        match found.await? {
            Listed::Names { items, more: _ } => Ok(items.into_iter().next().unwrap_or_default()),
            Listed::Unknown => Err(ContentError::Absent),
        }
    }

    /// The tags that stand for a manifest, in no order, at most so many.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn tags_of<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        manifest: &EntryKey,
        limit: Limit,
    ) -> Result<Vec<EntryKey>, ContentError> {
        let (repository, manifest) = (may.node().id(), manifest.clone());
        let limit = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
        let read = move |tx: &mut dyn Tx| names::tags_of(tx, repository, &manifest, limit);
        Ok(self.shared.database.read(read).await?)
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
