//! The list of weaknesses that audits read, rendered from the advisories of the feed.

use domain::{Granted, Implies, Limit, Probe};

use super::{Failure, RENDERING, document};
use crate::blocking::blocking;
use crate::nuget::NuGet;
use crate::nuget::documents::remarks::{Weaknesses, vulnerability_index};
use crate::nuget::op::Vulnerabilities;
use crate::nuget::place::Feed;
use crate::protocol::{Cx, Outcome};

/// Advisories read at a time.
const BATCH_ROWS: u64 = 128;

/// The index, or its page.
pub(super) async fn answer<R: Implies<Probe>>(
    feed: &Feed,
    asked: Vulnerabilities,
    may: &Granted<R>,
    cx: &Cx<'_>,
) -> Outcome<NuGet> {
    let bytes = match asked {
        Vulnerabilities::Index => vulnerability_index(feed, cx.storage.advisories_changed_at(may).await?),
        Vulnerabilities::Page => {
            cx.storage.derived(may, "vulnerabilities", async || page(may, cx).await).await?
        }
    };
    Ok(document(bytes, false))
}

async fn page<R: Implies<Probe>>(may: &Granted<R>, cx: &Cx<'_>) -> Result<bytes::Bytes, Failure> {
    let (mut list, mut after) = (Weaknesses::default(), String::new());
    loop {
        let batch = cx.storage.advisories(may, &after, Limit::capped(BATCH_ROWS)).await?;
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
