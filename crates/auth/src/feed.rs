//! Following the order of access changes: one writer, and a version that only grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::{CredentialChange, CredentialSource, PolicyVersion, SourceError};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::MissedTickBehavior;

use crate::table::Table;

/// Changes beyond this many are brought into force on a thread of their own.
const INLINE_CHANGES_MAX: usize = 1000;
/// How late a change is in force that nobody told us of (design §6).
const POLL: Duration = Duration::from_secs(1);

pub(crate) struct Feed {
    source: Arc<dyn CredentialSource>,
    table: Arc<Table>,
    version: Arc<AtomicU64>,
    /// Held by the one that writes. Owned guards, so that work on another thread keeps it when its caller goes away.
    writer: Arc<Mutex<()>>,
}

impl Feed {
    /// Loads everything.
    pub(crate) async fn open(source: Arc<dyn CredentialSource>) -> Result<Self, SourceError> {
        let facts = source.load().await?;
        let version = Arc::new(AtomicU64::new(facts.version.get()));
        let table = budget::apart("log-ins", move || Table::new(facts)).await.map_err(lost)?;
        Ok(Self { source, table: Arc::new(table), version, writer: Arc::default() })
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) fn version(&self) -> PolicyVersion {
        PolicyVersion::new(self.version.load(Ordering::Acquire))
    }

    pub(crate) async fn refresh_to(&self, version: PolicyVersion) -> Result<(), SourceError> {
        if self.version() >= version {
            return Ok(());
        }
        let writer = Arc::clone(&self.writer).lock_owned().await;
        // Whoever was before us may have brought it along.
        if self.version() >= version {
            return Ok(());
        }
        let reached = self.advance(writer).await?;
        if reached < version { Err(SourceError(Behind.into())) } else { Ok(()) }
    }

    /// Whatever there is; for those who do not know of a version, such as the one-second poll.
    pub(crate) async fn refresh(&self) -> Result<PolicyVersion, SourceError> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        self.advance(writer).await
    }

    /// Asks once a second, until `stop` ends.
    pub(crate) async fn maintain(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {}
            }
            // Stopping need not wait for a source that does not answer.
            let polled = tokio::select! {
                () = &mut stop => return,
                polled = self.refresh() => polled,
            };
            // Once when it begins and once when it ends, not every second.
            match &polled {
                Err(error) if !failing => {
                    let error: &dyn std::error::Error = error;
                    tracing::warn!(error, "changes of credentials cannot be followed");
                }
                Ok(version) if failing => {
                    tracing::info!(version = version.get(), "changes of credentials are followed again");
                }
                Ok(_) | Err(_) => {}
            }
            failing = polled.is_err();
        }
    }

    async fn advance(&self, writer: OwnedMutexGuard<()>) -> Result<PolicyVersion, SourceError> {
        let changes = self.source.changes_since(self.version()).await?;
        let rebuild = changes.changes.iter().any(|change| matches!(change, CredentialChange::Rebuild));
        if rebuild {
            let facts = self.source.load().await?;
            return self.in_background(facts.version, move |table| table.replace(facts), writer).await;
        }
        let news = changes.version > self.version() || !changes.changes.is_empty();
        if changes.version < self.version() || !news {
            return Ok(self.version());
        }
        let (version, changes) = (changes.version, changes.changes);
        if changes.len() > INLINE_CHANGES_MAX {
            return self.in_background(version, move |table| table.apply(changes), writer).await;
        }
        self.table.apply(changes);
        reach(&self.version, version);
        drop(writer);
        Ok(self.version())
    }

    /// The writer goes along: nobody else writes until this is done, even if our caller stops waiting.
    async fn in_background(
        &self,
        version: PolicyVersion,
        write: impl FnOnce(&Table) + Send + 'static,
        writer: OwnedMutexGuard<()>,
    ) -> Result<PolicyVersion, SourceError> {
        let (table, reached) = (Arc::clone(&self.table), Arc::clone(&self.version));
        let work = move || {
            write(&table);
            reach(&reached, version);
            drop(writer);
        };
        budget::apart("log-ins", work).await.map_err(lost)?;
        Ok(self.version())
    }
}

/// Only ever upwards.
fn reach(reached: &AtomicU64, version: PolicyVersion) {
    reached.fetch_max(version.get(), Ordering::Release);
}

fn lost(error: std::io::Error) -> SourceError {
    SourceError(Box::new(error))
}

/// The source was asked for a version it does not have.
#[derive(Debug, thiserror::Error)]
#[error("the credentials lag behind the version that was asked for")]
struct Behind;

#[cfg(test)]
mod tests;
