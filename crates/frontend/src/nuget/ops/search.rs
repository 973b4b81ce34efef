//! Packages by words, ids by their beginning, versions of one package.

use domain::{Limit, Read};
use shelf::Shelf;
use storage::{Found, Search};

use super::documents::Batches;
use super::{Failure, RENDERING, document};
use crate::blocking::blocking;
use crate::error::Error;
use crate::fit::PAGE_BYTES_MAX;
use crate::nuget::NuGet;
use crate::nuget::documents::found::{self, Counted};
use crate::nuget::error::Bad;
use crate::nuget::feed::Feed;
use crate::nuget::id::PackageId;
use crate::nuget::search::{Filter, Query};
use crate::protocol::ReplyResult;

/// Packages that hold all the words, each with its latest version that counts.
pub(crate) async fn packages(feed: &Feed, query: &Query, shelf: &Shelf<'_, Read>) -> ReplyResult<NuGet> {
    let found = find(query, shelf).await?;
    let (mut items, mut names, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
    for id in ids_of(&found) {
        let name = format!("found {} {} {}", query.filter.name(), id.key(), feed.base());
        let render = async || {
            let counted = counted(feed, &id, &query.filter, shelf).await?;
            let (filter, feed) = (query.filter.clone(), feed.clone());
            blocking(RENDERING, move || counted.item(&filter, &feed)).await
        };
        let item = shelf.derived(&name, render).await?;
        bytes = bytes.saturating_add(item.len());
        // There are fewer than asked for, but never none.
        if bytes > PAGE_BYTES_MAX && !items.is_empty() {
            break;
        }
        // A package of which no version counts any more was removed between the two questions.
        if !item.is_empty() {
            items.push(item);
            names.push(id.name().clone());
        }
    }
    // What is kept of a package stays as it is however often it is fetched; the numbers are of this moment.
    let downloads = shelf.package_downloads(names).await?;
    let list = blocking(RENDERING, move || found::list(found.total, &items, &downloads));
    Ok(document(list.await?, false))
}

/// Ids that begin as asked for, or have a part that does.
pub(crate) async fn ids(feed: &Feed, query: &Query, shelf: &Shelf<'_, Read>) -> ReplyResult<NuGet> {
    let found = find(query, shelf).await?;
    let mut ids = Vec::new();
    for id in ids_of(&found) {
        let name = format!("id {} {}", query.filter.name(), id.key());
        let render = async || Ok::<_, Failure>(counted(feed, &id, &query.filter, shelf).await?.id());
        let shown = shelf.derived(&name, render).await?;
        ids.extend(String::from_utf8(shown.to_vec()).ok().filter(|id| !id.is_empty()));
    }
    Ok(document(found::ids(found.total, &ids), false))
}

/// The listed versions of one package; none of an unknown one.
pub(crate) async fn versions(
    feed: &Feed,
    id: &PackageId,
    filter: &Filter,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<NuGet> {
    let name = format!("versions {} {}", filter.name(), id.key());
    let render = async || {
        let counted = counted(feed, id, filter, shelf).await?;
        blocking(RENDERING, move || counted.versions()).await
    };
    Ok(document(shelf.derived(&name, render).await?, false))
}

async fn find(query: &Query, shelf: &Shelf<'_, Read>) -> Result<Found, Failure> {
    let facet = query.filter.facet();
    let texts = query.terms.wanted.iter().flat_map(|wanted| wanted.any.iter()).chain(&facet);
    // What is beyond the bound of searches is in no package; that is no failure of who asks.
    if texts.into_iter().any(|text| text.len() > Search::WORD_BYTES_MAX) {
        return Ok(Found { total: 0, packages: Vec::new() });
    }
    let search = Search {
        wanted: &query.terms.wanted,
        facet: facet.as_deref(),
        first: query.terms.first.as_deref(),
        skip: query.skip,
        limit: Limit::capped(query.take.into()),
    };
    shelf.search(&search).await.map_err(|error| match error {
        storage::ContentError::TooSlow => Error::Bad(Bad::LongSearch),
        error => error.into(),
    })
}

fn ids_of(found: &Found) -> impl Iterator<Item = PackageId> {
    found.packages.iter().filter_map(|key| PackageId::parse(key).ok())
}

async fn counted(
    feed: &Feed,
    id: &PackageId,
    filter: &Filter,
    shelf: &Shelf<'_, Read>,
) -> Result<Counted, Failure> {
    let mut batches = Batches { unlisted: false, ..Batches::all(id, shelf) };
    let mut counted = Counted::default();
    loop {
        match batches.next_rows().await {
            Ok(Some(rows)) => rows.into_iter().for_each(|row| counted.take(row, filter, feed)),
            Ok(None) | Err(Error::Bad(Bad::UnknownPackage)) => return Ok(counted),
            Err(error) => return Err(error),
        }
    }
}
