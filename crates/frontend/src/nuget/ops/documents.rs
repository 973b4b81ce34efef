//! Documents derived from the versions of a package.

use bytes::Bytes;
use domain::{EntryKind, Granted, Implies, Limit, Probe};
use storage::{Entry, EntryQuery};

use super::{Failure, absent, document, key};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::documents::registration::{INLINED_MAX, Registration};
use crate::nuget::documents::{Row, versions as flat_index};
use crate::nuget::error::Bad;
use crate::nuget::id::PackageId;
use crate::nuget::op::{Document, Hive, Identity, Part};
use crate::nuget::place::Feed;
use crate::nuget::version::Version;
use crate::protocol::{Cx, Outcome};

/// Versions read at a time.
const BATCH_ROWS: u64 = 128;
/// What a thread of its own does.
pub(super) const RENDERING: &str = "rendering a document";
/// Most versions of one page asked for by its bounds: more than there were when they were named, should others come between.
const PAGE_ROWS_MAX: usize = 256;

/// The versions of a package, in ascending order, some at a time, so that memory does not grow with their number.
pub(super) struct Batches<'a, R: Implies<Probe>> {
    pub(super) id: &'a PackageId,
    pub(super) may: &'a Granted<R>,
    pub(super) cx: &'a Cx<'a>,
    /// Those too that lists do not have.
    pub(super) unlisted: bool,
    /// Sort key and key of the last one read; `None` at the end.
    pub(super) after: Option<(Box<str>, Box<str>)>,
}

impl<'a, R: Implies<Probe>> Batches<'a, R> {
    pub(super) fn all(id: &'a PackageId, may: &'a Granted<R>, cx: &'a Cx<'a>) -> Self {
        Self { id, may, cx, unlisted: true, after: Some(("".into(), "".into())) }
    }

    /// The next ones; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Entry>, Failure> {
        let Some((sort, name)) = self.after.take() else { return Ok(Vec::new()) };
        let query = EntryQuery {
            kind: EntryKind::Version,
            package: self.id.name(),
            after: Some((&sort, &name)),
            unlisted: self.unlisted,
            limit: Limit::capped(BATCH_ROWS),
        };
        let found = self.cx.storage.entries(self.may, &query).await.map_err(absent(Bad::UnknownPackage))?;
        let full = found.len() as u64 == BATCH_ROWS;
        let last = found.last().map(|entry| (entry.key.name.sort_key().into(), entry.key.name.key().into()));
        self.after = last.filter(|_| full);
        Ok(found)
    }

    /// The next ones as rows, parsed where it may take its time; `None` at the end.
    pub(super) async fn next_rows(&mut self) -> Result<Option<Vec<Row>>, Failure> {
        let entries = self.next().await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let id = self.id.clone();
        blocking(RENDERING, move || Some(entries.iter().filter_map(|entry| Row::of(&id, entry)).collect()))
            .await
    }
}

/// A document, for readers and for those who only ask what is there.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: Feed,
    asked: Document,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    match asked {
        Document::Versions(id) => versions(&id, may, cx).await,
        Document::Registration { hive, id, part } => registration(feed, hive, id, part, may, cx).await,
    }
}

/// The index of the flat container: every version, listed or not.
async fn versions<R: Implies<Probe>>(id: &PackageId, may: &Granted<R>, cx: &Cx<'_>) -> Outcome<NuGet> {
    let render = async || {
        let mut batches = Batches::all(id, may, cx);
        let mut keys = Vec::new();
        loop {
            let entries = batches.next().await?;
            if entries.is_empty() {
                break;
            }
            keys.extend(entries.iter().map(|entry| entry.key.name.key().to_owned()));
        }
        if keys.is_empty() {
            return Err(Error::Bad(Bad::UnknownPackage));
        }
        blocking(RENDERING, move || flat_index(&keys)).await
    };
    let bytes = cx.storage.derived(may, &format!("flat/{}", id.key()), render).await?;
    Ok(document(bytes, false))
}

/// A document of the registration of a package.
async fn registration<R: Implies<Probe>>(
    feed: Feed,
    hive: Hive,
    id: PackageId,
    part: Part,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    let of = Registration { feed, hive, id };
    let bytes = match part {
        Part::Index => {
            let name = format!("{}/{} {}", hive.as_str(), of.id.key(), of.feed.base());
            cx.storage.derived(may, &name, async || index(&of, may, cx).await).await?
        }
        Part::Page { lower, upper } => {
            let bounds = format!("{} {}", lower.key(), upper.key());
            let name = format!("{}/{} {bounds} {}", hive.as_str(), of.id.key(), of.feed.base());
            cx.storage.derived(may, &name, async || page(&of, &lower, &upper, may, cx).await).await?
        }
        Part::Leaf(version) => {
            let name = format!("{}/{} {} {}", hive.as_str(), of.id.key(), version.key(), of.feed.base());
            cx.storage.derived(may, &name, async || leaf(&of, version, may, cx).await).await?
        }
    };
    Ok(document(bytes, hive.is_gzipped()))
}

async fn index<R: Implies<Probe>>(
    of: &Registration,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Result<Bytes, Failure> {
    let mut batches = Batches::all(&of.id, may, cx);
    let (mut rows, mut versions): (Vec<Row>, Vec<Version>) = (Vec::new(), Vec::new());
    while let Some(batch) = batches.next_rows().await? {
        let shown = batch.into_iter().filter(|row| of.shows(&row.metadata));
        for row in shown {
            versions.push(row.of.version.clone());
            // What is on the pages is needed only as long as it is on the index.
            if versions.len() <= INLINED_MAX {
                rows.push(row);
            } else {
                rows = Vec::new();
            }
        }
    }
    if versions.is_empty() {
        return Err(Error::Bad(Bad::UnknownPackage));
    }
    let of = of.clone();
    blocking(
        RENDERING,
        move || {
            if versions.len() <= INLINED_MAX { of.inlined(&rows) } else { of.paged(&versions) }
        },
    )
    .await
}

/// The versions between two that the index named: neither has to be there any more.
async fn page<R: Implies<Probe>>(
    of: &Registration,
    lower: &Version,
    upper: &Version,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Result<Bytes, Failure> {
    let mut batches =
        Batches { after: Some((lower.sort_key().into(), "".into())), ..Batches::all(&of.id, may, cx) };
    let mut rows: Vec<Row> = Vec::new();
    'read: while let Some(batch) = batches.next_rows().await? {
        for row in batch {
            if row.of.version > *upper || rows.len() == PAGE_ROWS_MAX {
                break 'read;
            }
            if of.shows(&row.metadata) {
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        return Err(Error::Bad(Bad::UnknownVersion));
    }
    let of = of.clone();
    blocking(RENDERING, move || of.page(&rows)).await
}

async fn leaf<R: Implies<Probe>>(
    of: &Registration,
    version: Version,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Result<Bytes, Failure> {
    let identity = Identity { id: of.id.clone(), version };
    let entry = cx.storage.entry(may, &key(&identity)?).await.map_err(absent(Bad::UnknownVersion))?;
    let of = of.clone();
    let rendered = blocking(RENDERING, move || {
        let row = Row::of(&of.id, &entry).filter(|row| of.shows(&row.metadata));
        row.map(|row| of.leaf(&row))
    });
    rendered.await?.ok_or(Error::Bad(Bad::UnknownVersion))
}
