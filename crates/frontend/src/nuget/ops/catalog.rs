//! The catalogue of a feed.

use std::sync::Arc;

use domain::{Implies, Probe};
use shelf::Shelf;

use super::{Failure, RENDERING, absent, document, key, with_remarks};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::documents::registration::Registration;
use crate::nuget::documents::{Row, catalog};
use crate::nuget::error::Bad;
use crate::nuget::feed::Feed;
use crate::nuget::op::{Catalog, Hive, Identity};
use crate::protocol::ReplyResult;

/// A document of it.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: Feed,
    asked: Catalog,
    shelf: &Shelf<'_, R>,
) -> ReplyResult<NuGet> {
    let bytes = match asked {
        Catalog::Index => {
            let name = format!("catalog {}", feed.base());
            let render = async || {
                let pages = shelf.changes().await?;
                blocking(RENDERING, move || catalog::index(&feed, &pages)).await
            };
            shelf.derived(&name, render).await?
        }
        Catalog::Page(number) => {
            let name = format!("catalog/{number} {}", feed.base());
            let render = async || {
                let changes = shelf.changes_of(number).await?;
                let rendered = blocking(RENDERING, move || catalog::page(&feed, number, &changes)).await?;
                rendered.ok_or(Error::Bad(Bad::NoRoute))
            };
            shelf.derived(&name, render).await?
        }
        Catalog::Leaf(of) => {
            let name = format!("catalog/data/{} {} {}", of.id.key(), of.version.key(), feed.base());
            shelf.derived(&name, async || leaf(feed, of, shelf).await).await?
        }
    };
    Ok(document(bytes, false))
}

/// A version as it is now, whatever it was when its address was written down: the document says which change it is of.
async fn leaf<R: Implies<Probe>>(
    feed: Feed,
    of: Identity,
    shelf: &Shelf<'_, R>,
) -> Result<bytes::Bytes, Failure> {
    let key = key(&of)?;
    let change = shelf.last_change(of.id.name(), &key.name).await.map_err(absent(Bad::UnknownVersion))?;
    if change.removed {
        return Ok(catalog::removed(&feed, &of, &change));
    }
    let item = shelf.find(&key).await.map_err(absent(Bad::UnknownVersion))?;
    let digests = shelf.digests(&item).await?;
    let registration = Registration { feed, hive: Hive::GzipSemVer2, id: of.id, remarks: Arc::default() };
    let registration = with_remarks(&registration, shelf).await?;
    let rendered = blocking(RENDERING, move || {
        let row = Row::of(&registration.id, &item.entry)?;
        Some(catalog::details(&registration, &row, &change, (item.entry.size_bytes, &digests)))
    });
    rendered.await?.ok_or(Error::Bad(Bad::UnknownVersion))
}
