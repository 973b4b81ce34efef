//! Saying that this node lives, to those that share its rows.

use std::time::Duration;

use domain::{PolicyPoint, System};
use storage::{BoxError, Directory};
use tokio::time::Instant;

use super::{Step, Worker};
use crate::error::with_causes;

/// Between two looks at what is in force here, and between two signs of life: a few are in one lease of five seconds.
const LOOK: Duration = Duration::from_millis(250);
const SIGN_EVERY: Duration = Duration::from_millis(1500);
/// Between two looks where nobody else can share the rows.
const ALONE: Duration = Duration::from_secs(3600);

/// Says that this node lives, and which version of the access changes it has in force: at once when that is another one.
pub(in crate::wiring) struct Presence {
    directory: Directory,
    system: System,
    said: Option<(Instant, Option<PolicyPoint>)>,
}

impl Presence {
    pub(in crate::wiring) fn new(directory: &Directory, system: System) -> Self {
        Self { directory: directory.clone(), system, said: None }
    }

    async fn say(&mut self) -> Result<u64, storage::DirectoryError> {
        let (now, point) = (Instant::now(), self.directory.in_force());
        let is_known =
            self.said.is_some_and(|(at, said)| said == point && now.duration_since(at) < SIGN_EVERY);
        if is_known {
            return Ok(0);
        }
        self.directory.report(&self.system).await?;
        self.said = Some((now, point));
        Ok(1)
    }
}

impl Worker<()> for Presence {
    const NAME: &'static str = "presence";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        if !self.directory.is_shared() {
            return Ok(Step::idle(ALONE));
        }
        // Those who follow say in the log that the rows cannot be reached. It is tried again as soon as ever: the rest of a worker that
        // fails would grow beyond the lease.
        let said = self.say().await;
        Ok(Step {
            items: said.as_ref().copied().unwrap_or_default(),
            failed: said.is_err().into(),
            rest: Some(LOOK),
        })
    }

    async fn stop(&mut self) {
        if let Err(error) = self.directory.leave(&self.system).await {
            tracing::debug!(
                error = with_causes(&error),
                "other nodes wait for this one until its lease is over"
            );
        }
    }
}
