//! The list of weaknesses that audits read, rendered from the advisories of the feed.

use domain::{Implies, Limit, Probe};
use shelf::Shelf;

use super::{Failure, RENDERING, document};
use crate::blocking::blocking;
use crate::nuget::NuGet;
use crate::nuget::documents::remarks::{Weaknesses, vulnerability_index};
use crate::nuget::feed::Feed;
use crate::nuget::op::Vulnerabilities;
use crate::protocol::ReplyResult;

/// Advisories read at a time.
const BATCH_ROWS: u64 = 128;

/// The index, or its page.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: &Feed,
    asked: Vulnerabilities,
    shelf: &Shelf<'_, R>,
) -> ReplyResult<NuGet> {
    let bytes = match asked {
        Vulnerabilities::Index => vulnerability_index(feed, shelf.advisories_changed_at().await?),
        Vulnerabilities::Page => shelf.derived("vulnerabilities", async || page(shelf).await).await?,
    };
    Ok(document(bytes, false))
}

async fn page<R: Implies<Probe>>(shelf: &Shelf<'_, R>) -> Result<bytes::Bytes, Failure> {
    let (mut list, mut after) = (Weaknesses::default(), String::new());
    loop {
        let batch = shelf.advisories(&after, Limit::capped(BATCH_ROWS)).await?;
        let Some(last) = batch.last() else { break };
        after = last.id.to_string();
        list = blocking(RENDERING, move || {
            batch.iter().for_each(|advisory| list.take(advisory));
            list
        })
        .await?;
    }
    blocking(RENDERING, move || list.page()).await
}
