//! Long work that somebody asked for.

use std::time::Duration;

use domain::System;
use storage::{BoxError, Directory, JobStep};

use super::{Step, Worker};
use crate::error::with_causes;

/// Between two looks for jobs that another node was asked for, or that one which is gone had begun.
const LOOK: Duration = Duration::from_secs(2);

/// Works on jobs: one at a time, whichever node it is.
pub(in crate::wiring) struct Jobs {
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
    /// A random number of this process.
    pub(in crate::wiring) holder: i64,
}

impl Worker<()> for Jobs {
    const NAME: &'static str = "jobs";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        Ok(match self.directory.work_on_jobs(&self.system, self.holder).await? {
            JobStep::Nothing | JobStep::Elsewhere => Step::idle(LOOK),
            JobStep::Worked(items) => Step::busy(items, 0),
        })
    }

    async fn woken(&mut self) {
        self.directory.job_asked_for().await;
    }

    async fn stop(&mut self) {
        if let Err(error) = self.directory.leave_jobs(&self.system, self.holder).await {
            tracing::debug!(error = with_causes(&error), "a job was not given back; others may take it soon");
        }
    }
}
