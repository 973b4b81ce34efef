use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Browsing, Digest, EntryKey, EntryKind, Granted, Implies, Layer, Limit, PackageName, Probe, Read, RefName,
    Right, Standing, Timestamp,
};
use storage::{
    Advisory, Blob, BlobInfo, ChangePage, ContentError, Downloads, EdgeKind, EntryQuery, Found, Holding,
    Listed, PackageDownloads, PackageRow, PairHalf, Pin, ReferrersQuery, Remarks, Search, Storage,
    VersionChange, Versions,
};

use crate::House;
use crate::item::Item;

/// What a repository shows to one caller. What is asked for an [`Item`] is about the layer it was found in.
#[must_use]
pub struct Shelf<'h, R: Right> {
    standing: Standing<R>,
    house: &'h House,
}

impl<'h, R: Right> Shelf<'h, R> {
    pub(crate) const fn new(house: &'h House, standing: Standing<R>) -> Self {
        Self { standing, house }
    }

    /// The proof on the repository that was asked for.
    pub const fn own(&self) -> &Granted<R> {
        self.standing.own()
    }

    const fn storage(&self) -> &'h Storage {
        &self.house.storage
    }

    /// The layer of an item behind the repository; `None` if it is of the repository itself.
    fn layer(&self, item: &Item) -> Result<Option<&Layer>, ContentError> {
        match item.behind() {
            None => Ok(None),
            Some(behind) => self.standing.layers().get(behind).map(Some).ok_or(ContentError::Absent),
        }
    }
}

impl<R: Implies<Probe>> Shelf<'_, R> {
    /// Looks a name up.
    ///
    /// # Errors
    /// `Absent` if there is no such live or unlisted name.
    pub async fn find(&self, key: &EntryKey) -> Result<Item, ContentError> {
        self.storage().entry(self.own(), key).await.map(Item::own)
    }

    /// Every stored digest of an item's content, by algorithm; none for a name without bytes of its own.
    ///
    /// # Errors
    /// `Absent` if the item is of another shelf.
    pub async fn digests(&self, item: &Item) -> Result<Arc<[Digest]>, ContentError> {
        match self.layer(item)? {
            None => self.storage().digests(self.own(), &item.entry).await,
            Some(layer) => self.storage().digests(layer.may(), &item.entry).await,
        }
    }

    /// Length of a blob of this package. That the package is shown is not enough: the repository has to link the blob.
    ///
    /// # Errors
    /// `Absent` if it does not.
    pub async fn stat_blob(&self, _package: &PackageName, digest: &Digest) -> Result<BlobInfo, ContentError> {
        self.storage().stat_blob(self.own(), digest).await
    }

    /// Names of one package and kind in the order of their sort keys. There are fewer than asked for once their documents are
    /// longer than 1 MiB together.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn names(&self, query: &EntryQuery<'_>) -> Result<Listed<Item>, ContentError> {
        Ok(self.storage().entries(self.own(), query).await?.map(Item::own))
    }

    /// As [`Self::names`], the last first: those before `query.after`, or from the end.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn names_down(&self, query: &EntryQuery<'_>) -> Result<Listed<Item>, ContentError> {
        Ok(self.storage().entries_down(self.own(), query).await?.map(Item::own))
    }

    /// Names of a list that hold a text ([`Storage::entries_holding`](storage::Storage::entries_holding)).
    ///
    /// # Errors
    /// As there.
    pub async fn names_holding(
        &self,
        query: &EntryQuery<'_>,
        (text, down): (&str, bool),
    ) -> Result<Holding<Item>, ContentError> {
        let found = self.storage().entries_holding(self.own(), query, (text, down)).await?;
        Ok(Holding { items: found.items.into_iter().map(Item::own).collect(), next: found.next })
    }

    /// The tags that stand for a manifest, in no order, at most so many.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn tags_of(&self, manifest: &EntryKey, limit: Limit) -> Result<Vec<EntryKey>, ContentError> {
        self.storage().tags_of(self.own(), manifest, limit).await
    }

    /// As [`Self::names`], by what they are shown as alone.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn display_names(&self, query: &EntryQuery<'_>) -> Result<Listed<Box<str>>, ContentError> {
        self.storage().display_names(self.own(), query).await
    }

    /// The versions of a package in their order, listed or not; none of an unknown one ([`Storage::versions`]).
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn versions(
        &self,
        package: &PackageName,
        note: fn(&str) -> u64,
    ) -> Result<Versions, ContentError> {
        self.storage().versions(self.own(), package, note).await
    }

    /// Live names of a package that point at `target`, in the order of their sort keys.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pointing_to(
        &self,
        edge: (EdgeKind, &str),
        package: &PackageName,
        after: Option<(&str, &str)>,
        limit: Limit,
    ) -> Result<Vec<Item>, ContentError> {
        let found = self.storage().pointing_to(self.own(), edge, package, after, limit).await?;
        Ok(found.into_iter().map(Item::own).collect())
    }

    /// Live names of any package that point at `target`, by package and then in the order of their sort keys, after one of them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pointing_anywhere(
        &self,
        edge: (EdgeKind, &str),
        after: Option<&Item>,
        limit: Limit,
    ) -> Result<Vec<Item>, ContentError> {
        let after = after.map(|item| &item.entry);
        let found = self.storage().pointing_anywhere(self.own(), edge, after, limit).await?;
        Ok(found.into_iter().map(Item::own).collect())
    }

    /// The live name of any package that was the first to be made of those that point at `target`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn oldest_pointing_to(&self, edge: (EdgeKind, &str)) -> Result<Option<Item>, ContentError> {
        Ok(self.storage().oldest_pointing_to(self.own(), edge).await?.map(Item::own))
    }

    /// Packages with a name of this kind, byte by byte after such a key or any other text.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages_of(
        &self,
        kind: EntryKind,
        after: &str,
        limit: Limit,
    ) -> Result<Vec<Box<str>>, ContentError> {
        self.storage().packages_of(self.own(), kind, after, limit).await
    }

    /// Where versions are by the numbers of their last changes, in order; only numbers that some version has.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes(&self) -> Result<Vec<ChangePage>, ContentError> {
        self.storage().changes(self.own()).await
    }

    /// The versions of one of [`Self::changes`], in the order of their numbers.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes_of(&self, page: u64) -> Result<Vec<VersionChange>, ContentError> {
        self.storage().changes_of(self.own(), page).await
    }

    /// The last change of one version.
    ///
    /// # Errors
    /// `Absent` if it never was there.
    pub async fn last_change(
        &self,
        package: &PackageName,
        name: &RefName,
    ) -> Result<VersionChange, ContentError> {
        self.storage().last_change(self.own(), package, name).await
    }

    /// What is said of the versions of a package.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn remarks(&self, package: &PackageName) -> Result<Remarks, ContentError> {
        self.storage().remarks(self.own(), package).await
    }

    /// Advisories by id, after one of them ([`Storage::advisories`]).
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn advisories(&self, after: &str, limit: Limit) -> Result<Vec<Advisory>, ContentError> {
        self.storage().advisories(self.own(), after, limit).await
    }

    /// When an advisory was last put or taken away; the beginning of time for never.
    ///
    /// # Errors
    /// `Absent` if the repository is gone.
    pub async fn advisories_changed_at(&self) -> Result<Timestamp, ContentError> {
        self.storage().advisories_changed_at(self.own()).await
    }

    /// A document rendered from what the shelf shows, kept until any of that changes ([`Storage::derived`]).
    ///
    /// # Errors
    /// Those of `render`, failures of the database, and `Full` if too many wait or too much is held.
    pub async fn derived<E, F>(&self, name: &str, render: impl FnOnce() -> F) -> Result<Bytes, E>
    where
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        self.storage().derived(&self.standing, name, render).await
    }

    /// As [`Self::derived`], for a document that callers ask about in a second request ([`Storage::derived_paired`]).
    ///
    /// # Errors
    /// As [`Self::derived`].
    pub async fn derived_paired<E, F>(
        &self,
        name: &str,
        half: PairHalf,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        self.storage().derived_paired(&self.standing, name, half, render).await
    }
}

impl Shelf<'_, Read> {
    /// The pins of one kind of a package from one name to another in the order of their sort keys, both included.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pins(&self, first: &EntryKey, last: &EntryKey) -> Result<Vec<Pin>, ContentError> {
        self.storage().pins(self.own(), first, last).await
    }

    /// How often each of these names was fetched, in their order; none of a name that is not there.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn downloads(&self, names: Vec<EntryKey>) -> Result<Vec<Downloads>, ContentError> {
        self.storage().downloads(self.own(), names).await
    }

    /// How often each of these packages was ever fetched, in their order, and each of their versions.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn package_downloads(
        &self,
        packages: Vec<PackageName>,
    ) -> Result<Vec<PackageDownloads>, ContentError> {
        self.storage().package_downloads(self.own(), packages).await
    }

    /// The whole content of a small item, verified against its digest before it is first served.
    ///
    /// # Errors
    /// `Absent` if the item is of another shelf or its bytes are damaged, `TooLarge` if it is not small.
    pub async fn content(&self, item: &Item) -> Result<Bytes, ContentError> {
        self.storage().content(self.proof(item)?, &item.entry).await
    }

    /// Opens the content of an item, for content of any size.
    ///
    /// # Errors
    /// As [`Self::content`], but for `TooLarge`.
    pub async fn open(&self, item: &Item) -> Result<Blob, ContentError> {
        self.storage().open_entry(self.proof(item)?, &item.entry).await
    }

    /// Some bytes of an item's content, in memory, cut to its length.
    ///
    /// # Errors
    /// As [`Self::content`]; `TooLarge` for more bytes than that hands out whole.
    pub async fn part(&self, item: &Item, range: Range<u64>) -> Result<Bytes, ContentError> {
        self.storage().part(self.proof(item)?, &item.entry, range).await
    }

    /// Opens a blob of this package. That the package is shown is not enough: the repository has to link the blob.
    ///
    /// # Errors
    /// `Absent` if it does not, or its bytes are damaged.
    pub async fn open_blob(&self, _package: &PackageName, digest: &Digest) -> Result<Blob, ContentError> {
        self.storage().open_blob(self.own(), digest).await
    }

    /// Live manifests that are about another one ([`Storage::referrers`]), and whether there may be more.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn referrers(&self, query: &ReferrersQuery<'_>) -> Result<(Vec<Item>, bool), ContentError> {
        let (found, more) = self.storage().referrers(self.own(), query).await?;
        Ok((found.into_iter().map(Item::own).collect(), more))
    }

    /// Packages that answer ([`Storage::search`]).
    ///
    /// # Errors
    /// As there.
    pub async fn search(&self, search: &Search<'_>) -> Result<Found, ContentError> {
        self.storage().search(self.own(), search).await
    }

    /// Packages by key, after one of them, with their last versions.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn packages(
        &self,
        by: &Browsing,
        after: &str,
        limit: Limit,
    ) -> Result<Vec<PackageRow>, ContentError> {
        self.storage().package_rows(self.own(), by, after, limit).await
    }

    /// A package, and how many versions it has if that is to be counted ([`Storage::package_row`]).
    ///
    /// # Errors
    /// `Absent` if there is none of this name.
    pub async fn package(
        &self,
        by: &Browsing,
        package: &PackageName,
        counts: bool,
    ) -> Result<(PackageRow, Option<u64>), ContentError> {
        self.storage().package_row(self.own(), by, package, counts).await
    }

    /// What the content of an item is opened by.
    fn proof(&self, item: &Item) -> Result<&Granted<Read>, ContentError> {
        Ok(self.layer(item)?.map_or_else(|| self.own(), Layer::may))
    }
}
