//! Documents derived from the versions of a package.

use std::sync::Arc;

use bytes::Bytes;
use domain::{EntryKind, Implies, Limit, Probe};
use shelf::{Item, Shelf};
use storage::{EntryQuery, Listed};

use super::{Failure, RENDERING, absent, catalog, document, key, vulnerabilities, with_remarks};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::documents::registration::{Note, Registration, Shown};
use crate::nuget::documents::{Row, versions as flat_index};
use crate::nuget::error::Bad;
use crate::nuget::feed::Feed;
use crate::nuget::id::PackageId;
use crate::nuget::op::{Document, Hive, Identity, Part};
use crate::nuget::version::Version;
use crate::protocol::ReplyResult;

/// Versions read at a time.
const BATCH_ROWS: u64 = 128;

/// The versions of a package, in ascending order, some at a time, so that memory does not grow with their number.
pub(super) struct Batches<'a, R: Implies<Probe>> {
    pub(super) id: &'a PackageId,
    pub(super) shelf: &'a Shelf<'a, R>,
    /// Those too that lists do not have.
    pub(super) unlisted: bool,
    /// Sort key and key of the last one read; `None` at the end.
    pub(super) after: Option<(Box<str>, Box<str>)>,
}

impl<'a, R: Implies<Probe>> Batches<'a, R> {
    pub(super) fn all(id: &'a PackageId, shelf: &'a Shelf<'a, R>) -> Self {
        Self { id, shelf, unlisted: true, after: Some(("".into(), "".into())) }
    }

    /// The next ones; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Item>, Failure> {
        let Some((sort, name)) = self.after.take() else { return Ok(Vec::new()) };
        let query = EntryQuery {
            kind: EntryKind::Version,
            package: self.id.name(),
            after: Some((&sort, &name)),
            unlisted: self.unlisted,
            limit: Limit::capped(BATCH_ROWS),
        };
        let Listed::Names { items, more } = self.shelf.names(&query).await? else {
            return Err(Error::Bad(Bad::UnknownPackage));
        };
        let last = items.last().filter(|_| more).map(|item| &item.entry.key.name);
        self.after = last.map(|name| (name.sort_key().into(), name.key().into()));
        Ok(items)
    }

    /// The next ones as rows, parsed where it may take its time; `None` at the end.
    pub(super) async fn next_rows(&mut self) -> Result<Option<Vec<Row>>, Failure> {
        let items = self.next().await?;
        if items.is_empty() {
            return Ok(None);
        }
        let id = self.id.clone();
        let rows = move || Some(items.iter().filter_map(|item| Row::of(&id, &item.entry)).collect());
        blocking(RENDERING, rows).await
    }
}

/// A document, for readers and for those who only ask what is there.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: Feed,
    asked: Document,
    shelf: &Shelf<'_, R>,
) -> ReplyResult<NuGet> {
    match asked {
        Document::Versions(id) => versions(&id, shelf).await,
        Document::Registration { hive, id, part } => registration(feed, hive, id, part, shelf).await,
        Document::Catalog(asked) => catalog::answer(feed, asked, shelf).await,
        Document::Vulnerabilities(asked) => vulnerabilities::answer(&feed, asked, shelf).await,
    }
}

/// The index of the flat container: every version, listed or not.
async fn versions<R: Implies<Probe>>(id: &PackageId, shelf: &Shelf<'_, R>) -> ReplyResult<NuGet> {
    let render = async || {
        let all = shelf.versions(id.name(), Note::of).await?;
        if all.is_empty() {
            return Err(Error::Bad(Bad::UnknownPackage));
        }
        let keys: Vec<Arc<str>> = all.iter().map(|version| Arc::clone(&version.key)).collect();
        blocking(RENDERING, move || flat_index(&keys)).await
    };
    let bytes = shelf.derived(&format!("flat/{}", id.key()), render).await?;
    Ok(document(bytes, false))
}

/// A document of the registration of a package.
async fn registration<R: Implies<Probe>>(
    feed: Feed,
    hive: Hive,
    id: PackageId,
    part: Part,
    shelf: &Shelf<'_, R>,
) -> ReplyResult<NuGet> {
    let of = Registration { feed, hive, id, remarks: Arc::default() };
    let bytes = match part {
        Part::Index => {
            let name = format!("{}/{} {}", hive.as_str(), of.id.key(), of.feed.base());
            shelf.derived(&name, async || index(&of, shelf).await).await?
        }
        Part::Page { lower, upper } => {
            let bounds = format!("{} {}", lower.key(), upper.key());
            let name = format!("{}/{} {bounds} {}", hive.as_str(), of.id.key(), of.feed.base());
            shelf.derived(&name, async || page(&of, &lower, &upper, shelf).await).await?
        }
        Part::Leaf(version) => {
            let name = format!("{}/{} {} {}", hive.as_str(), of.id.key(), version.key(), of.feed.base());
            shelf.derived(&name, async || leaf(&of, version, shelf).await).await?
        }
    };
    Ok(document(bytes, hive.is_gzipped()))
}

async fn index<R: Implies<Probe>>(of: &Registration, shelf: &Shelf<'_, R>) -> Result<Bytes, Failure> {
    let of = &with_remarks(of, shelf).await?;
    let shown = shown(of, shelf).await?;
    if shown.is_empty() {
        return Err(Error::Bad(Bad::UnknownPackage));
    }
    let named = of.clone();
    if !of.is_inlined(&shown) {
        return blocking(RENDERING, move || named.paged(&shown)).await;
    }
    let rows = rows(of, &shown, shelf).await?;
    if rows.is_empty() {
        return Err(Error::Bad(Bad::UnknownPackage));
    }
    blocking(RENDERING, move || named.inlined(&rows)).await
}

/// The versions between two that the index named, as many as fit: neither has to be there any more.
async fn page<R: Implies<Probe>>(
    of: &Registration,
    lower: &Version,
    upper: &Version,
    shelf: &Shelf<'_, R>,
) -> Result<Bytes, Failure> {
    let of = &with_remarks(of, shelf).await?;
    let mut shown = shown(of, shelf).await?;
    shown.retain(|one| (lower..=upper).contains(&&one.version));
    shown.truncate(of.on_page(&shown));
    let rows = rows(of, &shown, shelf).await?;
    if rows.is_empty() {
        return Err(Error::Bad(Bad::UnknownVersion));
    }
    let of = of.clone();
    blocking(RENDERING, move || of.page(&rows)).await
}

/// What the hive shows of the package.
async fn shown<R: Implies<Probe>>(of: &Registration, shelf: &Shelf<'_, R>) -> Result<Vec<Shown>, Failure> {
    let all = shelf.versions(of.id.name(), Note::of).await?;
    let of = of.clone();
    let read = move || {
        let shown = all.iter().filter_map(|listed| {
            let note = Note::read(listed.note);
            let version = Version::parse(listed.display()).ok()?;
            let note = note.longer_by(of.remarks.bytes(&version));
            of.shows(note.semver2).then_some(Shown { version, note })
        });
        shown.collect()
    };
    blocking(RENDERING, read).await
}

/// These versions with what their nuspecs say; those that came between are on no page yet.
async fn rows<R: Implies<Probe>>(
    of: &Registration,
    shown: &[Shown],
    shelf: &Shelf<'_, R>,
) -> Result<Vec<Row>, Failure> {
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return Ok(Vec::new()) };
    let after = Some((first.version.sort_key().into(), "".into()));
    let mut batches = Batches { after, ..Batches::all(&of.id, shelf) };
    let mut rows: Vec<Row> = Vec::new();
    let mut wanted = shown.iter().peekable();
    while let Some(batch) = batches.next_rows().await? {
        for row in batch {
            if row.of.version > last.version {
                return Ok(rows);
            }
            while wanted.next_if(|one| one.version < row.of.version).is_some() {}
            if wanted.next_if(|one| one.version == row.of.version).is_some() {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

async fn leaf<R: Implies<Probe>>(
    of: &Registration,
    version: Version,
    shelf: &Shelf<'_, R>,
) -> Result<Bytes, Failure> {
    let of = with_remarks(of, shelf).await?;
    let identity = Identity { id: of.id.clone(), version };
    let item = shelf.find(&key(&identity)?).await.map_err(absent(Bad::UnknownVersion))?;
    let rendered = blocking(RENDERING, move || {
        let row = Row::of(&of.id, &item.entry).filter(|row| of.shows(row.metadata.semver2));
        row.map(|row| of.leaf(&row))
    });
    rendered.await?.ok_or(Error::Bad(Bad::UnknownVersion))
}
