//! Writing what was fetched and made, and forgetting it in time.

use domain::{System, Timestamp, time};

use super::Written;
use crate::error::{Error, Fault};
use crate::model::Downloads;
use crate::sql::{Load, Tx, usage};
use crate::store::Storage;
use crate::usage::{UsageKey, UsageSums};

/// Counts of one transaction, and the rows that each of them touches.
const COUNTS_MAX: usize = 64;
const COUNT_ROWS: u64 = 5;
/// How long the days of versions and packages are kept, and those of repositories, in days. What there was ever is kept for as long as they are.
const NAMES_DAYS_KEPT: i64 = Downloads::RECENT_DAYS + 5;
const DAYS_KEPT: i64 = 1100;

impl Storage {
    /// A step of writing what was fetched and made. It goes on if nobody waits for it any more: what was taken out is written, or put
    /// back. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database, or no room on its disk; what was not written waits. If nobody can tell whether it was written it is
    /// counted again.
    pub async fn write_usage(&self, _system: &System) -> Result<Written, Fault> {
        let storage = self.clone();
        let writing = tokio::spawn(async move { storage.write_some_usage().await });
        Ok(writing.await.map_err(|gone| Error::unavailable("writing what was fetched", gone))??)
    }

    async fn write_some_usage(&self) -> Result<Written, Error> {
        let counts = &self.shared.usage;
        let _turn = counts.writing.lock().await;
        let taken = counts.take(COUNTS_MAX);
        if taken.is_empty() {
            return Ok(Written::default());
        }
        let taken_all = taken.len() < COUNTS_MAX;
        let (items, written) = (taken.len() as u64, taken.clone());
        let write = move |tx: &mut dyn Tx| add(tx, &written);
        let outcome = match self.shared.space.require(0) {
            Ok(()) => {
                let load = Load::upkeep(items.saturating_mul(COUNT_ROWS));
                self.shared.database.write(load, write).await
            }
            Err(full) => Err(full),
        };
        if let Err(error) = outcome {
            counts.put_back(taken);
            return Err(error);
        }
        Ok(Written { items, is_all: taken_all })
    }
}

/// Forgets days of what was fetched and made that are older than they are kept. Gives how many rows.
pub(super) fn trim(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let today = time::day_of(now);
    usage::trim(tx, (today.saturating_sub(NAMES_DAYS_KEPT), today.saturating_sub(DAYS_KEPT)), limit)
}

/// In the order of the counts, so that two nodes never wait for each other; a repository's own row comes before those of its versions.
fn add(tx: &mut dyn Tx, counts: &[(UsageKey, UsageSums)]) -> Result<(), Error> {
    for of_day in
        counts.chunk_by(|(one, _), (other, _)| (one.repository, one.day) == (other.repository, other.day))
    {
        let Some((UsageKey { repository, day, .. }, _)) = of_day.first() else { continue };
        let sums = of_day.iter().fold(UsageSums::default(), |sum, (_, more)| sum.and(*more));
        usage::add_to_repository(tx, (*repository, *day), sums)?;
        for (key, sums) in of_day {
            if let Some(version) = key.version.as_ref().filter(|_| sums.downloads > 0) {
                usage::add_to_version(tx, (*repository, *day), version, sums.downloads)?;
            }
        }
    }
    Ok(())
}
