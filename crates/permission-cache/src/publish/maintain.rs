use std::sync::Arc;
use std::time::Duration;

use domain::{SourceError, Timestamp};

use super::{POLL, PermissionCache, apart};
use crate::compare::Differences;
use crate::writer::Writer;

/// The nightly comparison runs at 03:00 UTC.
const NIGHT_MILLIS: i64 = 3 * 60 * 60 * 1000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// How often a comparison starts over because changes overtook it.
const COMPARE_TRIES_MAX: usize = 3;

impl PermissionCache {
    /// Keeps the matrix in step until `stop` is done: grants end at their time, at most a second late; the source is
    /// asked once per second; once a night everything is compiled anew and compared.
    ///
    /// The three do not wait for each other: a source that hangs does not prolong a grant.
    pub async fn maintain(self: Arc<Self>, stop: impl Future<Output = ()> + Send) {
        tokio::select! {
            () = stop => {}
            () = self.end_grants() => {}
            () = self.poll() => {}
            () = self.compare_nightly() => {}
        }
    }

    async fn end_grants(&self) {
        loop {
            let now = self.matrix.clock.now();
            let until_next =
                self.matrix.cell.load().next_expiry.map(|at| Duration::from_millis(at.millis_since(now)));
            // Also without a known end: the clock may be set, and a change may bring one.
            tokio::time::sleep(until_next.unwrap_or(POLL).clamp(Duration::from_millis(1), POLL)).await;
            if self.matrix.is_due() {
                let matrix = Arc::clone(&self.matrix);
                if let Err(error) = apart(move || matrix.end_grants()).await {
                    tracing::error!(error = %detail(&error), "grants that ran out could not be ended");
                }
            }
        }
    }

    async fn poll(&self) {
        loop {
            tokio::time::sleep(POLL).await;
            // An outage is in the log, and the next poll is soon.
            let _ = self.follower.poll().await;
        }
    }

    async fn compare_nightly(&self) {
        let mut next = next_night(self.matrix.clock.now());
        loop {
            tokio::time::sleep(POLL).await;
            let now = self.matrix.clock.now();
            if now < next {
                continue;
            }
            next = next_night(now);
            match self.verify().await {
                Ok(true) => tracing::info!("the access matrix equals a full build"),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(error = %detail(&error), "the access matrix could not be compared")
                }
            }
        }
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
        let fresh = apart(move || Writer::new(facts, now)).await?;
        self.follower
            .compare(loaded, |matrix, changes, version| matrix.compare(fresh, changes, version))
            .await
    }
}

fn next_night(now: Timestamp) -> Timestamp {
    let into_day = now.millis().saturating_sub(NIGHT_MILLIS).rem_euclid(DAY_MILLIS);
    Timestamp::from_millis(now.millis().saturating_sub(into_day).saturating_add(DAY_MILLIS))
}

/// The cause too: the error itself says only that it failed.
fn detail(error: &SourceError) -> String {
    format!("{error}: {}", error.0)
}
