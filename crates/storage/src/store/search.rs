//! Looking for packages: the verb, and how a page of what is found is put together.

use std::collections::HashSet;
use std::time::Duration;

use domain::{Client, Granted, Read};

use super::Storage;
use crate::error::{ContentError, Error};
use crate::search::{FOUND_MAX, Found, Hit, Plan, Search};
use crate::sql::{Tx, search};

impl Storage {
    /// Packages that answer. Searches have readers of their own; a client's wait in line for them and take turns with those of
    /// other clients.
    ///
    /// # Errors
    /// `Refused` for more than [`Search::WORDS_MAX`] texts and for one that is too long. `Crowded` or `Full` if too many searches
    /// of the client, or of all, wait, `TooSlow` if it takes longer than
    /// [`search_millis_max`](crate::StorageLimits::search_millis_max). Failures of the database.
    pub async fn search(&self, may: &Granted<Read>, search: &Search<'_>) -> Result<Found, ContentError> {
        let Some(plan) = Plan::new(may.node().id(), search)? else {
            return Ok(Found { total: 0, packages: Vec::new() });
        };
        let (skip, most) = (search.skip, search.limit.rows());
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        self.in_line(may.client(), move |tx| find(tx, &plan, skip, most)).await
    }

    /// Reads in line with searches.
    ///
    /// # Errors
    /// As for [`Self::search`].
    pub(super) async fn in_line<T: Send + 'static>(
        &self,
        client: Client,
        read: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ContentError> {
        let turn = self.shared.searches.wait(client, 1).await?;
        let millis = self.shared.limits.search_millis_max;
        let job = move |tx: &mut dyn Tx| {
            // Given back when the reader is free again, even if nobody waits for it any more.
            let _turn = turn;
            read(tx)
        };
        Ok(self.shared.database.search(job, Duration::from_millis(millis)).await?)
    }
}

/// The page behind `skip`, and how many there are.
pub(super) fn find(tx: &mut dyn Tx, plan: &Plan, skip: usize, most: u32) -> Result<Found, Error> {
    let end = skip.saturating_add(usize::try_from(most).unwrap_or(usize::MAX));
    let all = search::ids(tx, plan, FOUND_MAX)?;
    // No more than a page can show: those behind it have the words as well.
    let rows = u32::try_from(end).unwrap_or(FOUND_MAX).min(FOUND_MAX);
    if plan.is_everything() {
        let hits = if all.is_empty() { Vec::new() } else { search::beginning(tx, plan, "", rows)? };
        return Ok(Found { total: all.len() as u64, packages: keys(hits, skip, end) });
    }
    let mut hits = match &plan.first {
        Some(first) => search::beginning(tx, plan, first, rows)?,
        None => Vec::new(),
    };
    let mut seen: HashSet<i64> = hits.iter().map(|hit| hit.id).collect();
    let more = all.iter().filter(|id| !seen.contains(id)).count();
    let total = hits.len().saturating_add(more);
    let wanted = if skip < total { end.min(total) } else { 0 };
    for level in plan.levels() {
        if hits.len() >= wanted {
            break;
        }
        let found = search::hits(tx, plan, level, FOUND_MAX)?;
        hits.extend(found.into_iter().filter(|hit| seen.insert(hit.id)));
    }
    if hits.len() < wanted {
        let rest: Vec<i64> = all.into_iter().filter(|id| !seen.contains(id)).collect();
        hits.extend(search::named(tx, &rest)?);
    }
    let total = u64::try_from(total).unwrap_or(u64::MAX).min(FOUND_MAX.into());
    Ok(Found { total, packages: keys(hits, skip, end) })
}

fn keys(hits: Vec<Hit>, skip: usize, end: usize) -> Vec<Box<str>> {
    let end = end.min(FOUND_MAX as usize);
    hits.into_iter().take(end).skip(skip).map(|hit| hit.key).collect()
}
