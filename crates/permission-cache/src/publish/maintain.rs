use std::sync::Arc;
use std::time::Duration;

use domain::time::DAY_MILLIS;
use domain::{SourceError, Timestamp};
use follower::on_own_thread;

use super::{Matrix, PermissionCache};
use crate::compare::Differences;
use crate::writer::Writer;

/// The nightly comparison runs at 03:00 UTC.
const NIGHT_MILLIS: i64 = 3 * 60 * 60 * 1000;
/// How often a comparison starts over because changes overtook it.
const COMPARE_TRIES_MAX: usize = 3;

impl PermissionCache {
    /// Brings what the source has into force; an outage is said in the log once. For whoever asks every second.
    ///
    /// # Errors
    /// If the source does not answer; what was in force stays so.
    pub async fn poll(&self) -> Result<(), SourceError> {
        self.follower.poll().await.map(drop)
    }

    /// Ends the grants whose time is over, and lets those hold again that a clock set back revives. Gives how long it is until
    /// the next one ends, if one does. It asks no source: one that hangs does not prolong a grant.
    ///
    /// # Errors
    /// If the work did not end; what was in force stays so.
    pub async fn end_grants(&self) -> Result<Option<Duration>, SourceError> {
        if self.matrix.is_due() {
            let matrix = Arc::clone(&self.matrix);
            on_own_thread::<Matrix, _>(move || matrix.end_grants()).await?;
        }
        let now = self.matrix.clock.now();
        Ok(self.matrix.cell.load().next_expiry.map(|at| Duration::from_millis(at.millis_since(now))))
    }

    /// Compiles all facts anew and compares with what is in force. If they differ it says so in the log and puts the new
    /// one in force. `Ok(false)` if they differed, or if changes kept overtaking the comparison.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub async fn verify(&self) -> Result<bool, SourceError> {
        for _ in 0..COMPARE_TRIES_MAX {
            if let Some(found) = self.try_compare().await? {
                if found.any() {
                    tracing::error!(
                        principals = found.principals,
                        nodes = found.nodes,
                        names = found.names,
                        "the access matrix differed from a full build, which is now in force"
                    );
                }
                return Ok(!found.any());
            }
        }
        tracing::warn!("changes overtook every comparison of the access matrix with a full build");
        Ok(false)
    }

    /// `None` if that could not be compared.
    async fn try_compare(&self) -> Result<Option<Differences>, SourceError> {
        let (loaded, facts) = self.follower.source().load().await?;
        let now = self.matrix.clock.now();
        let fresh = on_own_thread::<Matrix, _>(move || Writer::new(facts, now)).await?;
        self.follower
            .compare(loaded, |matrix, changes, version| matrix.compare(fresh, changes, version))
            .await
    }
}

/// The next time that everything is compared: 03:00 UTC.
#[must_use]
pub fn next_night(now: Timestamp) -> Timestamp {
    let into_day = now.millis().saturating_sub(NIGHT_MILLIS).rem_euclid(DAY_MILLIS);
    Timestamp::from_millis(now.millis().saturating_sub(into_day).saturating_add(DAY_MILLIS))
}
