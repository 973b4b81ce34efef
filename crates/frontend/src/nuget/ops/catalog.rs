//! The catalogue of a feed.

use std::sync::Arc;

use domain::{Granted, Implies, Probe};

use super::{Failure, RENDERING, absent, document, key, with_remarks};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::documents::registration::Registration;
use crate::nuget::documents::{Row, catalog};
use crate::nuget::error::Bad;
use crate::nuget::op::{Catalog, Hive, Identity};
use crate::nuget::place::Feed;
use crate::protocol::{Cx, Outcome};

/// A document of it.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: Feed,
    asked: Catalog,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    let bytes = match asked {
        Catalog::Index => {
            let name = format!("catalog {}", feed.base());
            let render = async || {
                let pages = cx.storage.changes(may).await?;
                blocking(RENDERING, move || catalog::index(&feed, &pages)).await
            };
            cx.storage.derived(may, &name, render).await?
        }
        Catalog::Page(number) => {
            let name = format!("catalog/{number} {}", feed.base());
            let render = async || {
                let changes = cx.storage.changes_of(may, number).await?;
                let rendered = blocking(RENDERING, move || catalog::page(&feed, number, &changes)).await?;
                rendered.ok_or(Error::Bad(Bad::NoRoute))
            };
            cx.storage.derived(may, &name, render).await?
        }
        Catalog::Leaf(of) => {
            let name = format!("catalog/data/{} {} {}", of.id.key(), of.version.key(), feed.base());
            cx.storage.derived(may, &name, async || leaf(feed, of, may, cx).await).await?
        }
    };
    Ok(document(bytes, false))
}

/// A version as it is now, whatever it was when its address was written down: the document says which change it is of.
async fn leaf<R: Implies<Probe>>(
    feed: Feed,
    of: Identity,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Result<bytes::Bytes, Failure> {
    let key = key(&of)?;
    let change =
        cx.storage.last_change(may, of.id.name(), &key.name).await.map_err(absent(Bad::UnknownVersion))?;
    if change.removed {
        return Ok(catalog::removed(&feed, &of, &change));
    }
    let entry = cx.storage.entry(may, &key).await.map_err(absent(Bad::UnknownVersion))?;
    let digests = cx.storage.digests(may, &entry).await?;
    let registration = Registration { feed, hive: Hive::GzipSemVer2, id: of.id, remarks: Arc::default() };
    let registration = with_remarks(&registration, may, cx).await?;
    let rendered = blocking(RENDERING, move || {
        let row = Row::of(&registration.id, &entry)?;
        Some(catalog::details(&registration, &row, &change, (entry.size_bytes, &digests)))
    });
    rendered.await?.ok_or(Error::Bad(Bad::UnknownVersion))
}
