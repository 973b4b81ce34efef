use std::sync::Arc;

use domain::{
    AuditView, Granted, Limit, NodeId, Organisation, OrganisationManage, PrincipalId, System, Timestamp,
};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::{Directory, InForce, names};
use crate::error::{DirectoryError, Error, Fault};
use crate::sql::jobs::{self, Ended, JobRecord, Reached};
use crate::sql::{Tx, gateways};

mod verify;

use verify::Step;

/// Jobs that wait or run at one time.
const OPEN_MAX: u64 = 16;
/// Jobs that have ended and are kept.
const KEPT_MAX: u32 = 100;
/// How long a process has a job without a sign of life, in seconds.
const LEASE_SECS: i64 = 30;

/// What can be asked for that takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Computes the chain of administrative events anew (docs/api.md 6).
    AuditVerify,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// Somebody is at it.
    Running,
    /// It was done.
    Done,
    /// It could not be done.
    Failed,
    /// Somebody said that it is not to be done.
    Cancelled,
}

/// Long work that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// Never used again.
    pub id: i64,
    /// Which work; another release may know others.
    pub kind: Box<str>,
    /// What is counted; empty for what only another release knows.
    pub unit: &'static str,
    /// How it stands.
    pub state: JobState,
    /// How much of it is done.
    pub done: u64,
    /// How much there is, as far as that is known.
    pub total: Option<u64>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it could not be done.
    pub problem: Option<Box<str>>,
    /// Who asked for it, as they were called then.
    pub created_by: Box<str>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When somebody began with it.
    pub started_at: Option<Timestamp>,
    /// When it ended, however.
    pub finished_at: Option<Timestamp>,
}

/// What a step of working on jobs did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStep {
    /// There is nothing to do here.
    Nothing,
    /// Another process is at what is next.
    Elsewhere,
    /// So much was done, and there may be more.
    Worked(u64),
}

impl JobKind {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuditVerify => "audit-verify",
        }
    }

    /// `None` for what only another release can do.
    fn parse(word: &str) -> Option<Self> {
        [Self::AuditVerify].into_iter().find(|kind| kind.as_str() == word)
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::AuditVerify => "events",
        }
    }
}

impl JobState {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(word: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| Error::corrupt("an unknown state of a job"))
    }
}

impl JobRow {
    fn of(record: JobRecord) -> Result<Self, Error> {
        let read = |text: Box<str>| {
            serde_json::from_str(&text).map_err(|_| Error::corrupt("the result of a job is no document"))
        };
        Ok(Self {
            id: record.id,
            unit: JobKind::parse(&record.kind).map_or("", JobKind::unit),
            kind: record.kind,
            state: JobState::parse(&record.state)?,
            done: record.done,
            total: record.total,
            result: record.result.map(read).transpose()?,
            problem: record.problem,
            created_by: record.created_by,
            created_at: record.created_at,
            started_at: record.started_at,
            finished_at: record.finished_at,
        })
    }
}

impl Directory {
    /// Asks for long work. Of those that have ended the last hundred are kept.
    ///
    /// # Errors
    /// `Refused` if sixteen are open already.
    pub async fn start_job(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        kind: JobKind,
    ) -> Result<(JobRow, InForce), DirectoryError> {
        let start = move |change: &mut Change<'_>| {
            if jobs::open(change.tx)? >= OPEN_MAX {
                return Err(Error::refused("as many jobs as may wait do so; cancel one, or come back"));
            }
            jobs::forget_but(change.tx, KEPT_MAX)?;
            let (by, now) = (PrincipalId::new(change.author().id()), change.now);
            let by = names::subject_text(change.tx, by.into())?;
            let record = jobs::insert(change.tx, kind.as_str(), &by, now)?;
            let document = Document::default().with("kind", kind.as_str());
            happened(change, "job.start", &record, Turn::Made(document))?;
            JobRow::of(record)
        };
        let started = self.change(Author::of(may), start).await?;
        self.jobs.notify_one();
        Ok(started)
    }

    /// Takes back what was asked for. What has ended stays as it is.
    ///
    /// # Errors
    /// `Absent` if there is no such job.
    pub async fn cancel_job(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        id: i64,
    ) -> Result<(JobRow, InForce), DirectoryError> {
        let cancel = move |change: &mut Change<'_>| {
            let before = jobs::find(change.tx, id)?.ok_or(Error::Absent)?;
            let now = change.now;
            let ended = Ended { state: JobState::Cancelled.as_str(), result: None, problem: None };
            if jobs::end(change.tx, (id, before.fence), &ended, now)? {
                let state = |word: &str| Document::default().with("state", word);
                let turn = Turn::Changed { before: state(&before.state), after: state(ended.state) };
                happened(change, "job.cancel", &before, turn)?;
            }
            JobRow::of(jobs::find(change.tx, id)?.ok_or(Error::Absent)?)
        };
        Ok(self.change(Author::of(may), cancel).await?)
    }

    /// Jobs, the newest first, behind `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn jobs(
        &self,
        _may: &Granted<AuditView, Organisation>,
        after: Option<i64>,
        limit: Limit,
    ) -> Result<Vec<JobRow>, DirectoryError> {
        let before = after.unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Tx| {
            jobs::before(tx, before, limit.rows())?.into_iter().map(JobRow::of).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// One job.
    ///
    /// # Errors
    /// `Absent` if there is no such one, or it is kept no longer.
    pub async fn job(
        &self,
        _may: &Granted<AuditView, Organisation>,
        id: i64,
    ) -> Result<JobRow, DirectoryError> {
        let read = move |tx: &mut dyn Tx| jobs::find(tx, id)?.ok_or(Error::Absent).and_then(JobRow::of);
        Ok(self.database.read(read).await?)
    }

    /// Ends when somebody asks this process for a job.
    pub async fn job_asked_for(&self) {
        self.jobs.notified().await;
    }

    /// This process works on jobs no longer: another one goes on at once with what it was at.
    ///
    /// # Errors
    /// Failures of the database; others may take it then after half a minute.
    pub async fn leave_jobs(&self, _system: &System, holder: i64) -> Result<(), DirectoryError> {
        if self.database.point(jobs::first_open).await?.is_some_and(|job| job.holder == holder) {
            self.database.write(move |tx: &mut dyn Tx| jobs::leave(tx, holder)).await?;
        }
        Ok(())
    }

    /// A step of the job that is next. One that a process which is gone had begun is gone on with; `holder` is a random number of this
    /// one.
    ///
    /// # Errors
    /// Failures of the database; the step is made again.
    pub async fn work_on_jobs(&self, _system: &System, holder: i64) -> Result<JobStep, DirectoryError> {
        let Some(seen) = self.database.point(jobs::first_open).await? else { return Ok(JobStep::Nothing) };
        if JobKind::parse(&seen.kind).is_none() {
            return Ok(JobStep::Elsewhere);
        }
        let taken = if seen.holder == holder { Some(seen) } else { self.take_job(seen, holder).await? };
        let Some(job) = taken else { return Ok(JobStep::Elsewhere) };
        let asked = job.clone();
        let step = match self.database.read(move |tx: &mut dyn Tx| verify::step(tx, &asked)).await {
            Err(Error::Fault(Fault::Corrupt(what))) => {
                tracing::error!(job = job.id, %what, "a job cannot be done");
                Step::Failed("the rows cannot be read; the log says what happened".into())
            }
            step => step?,
        };
        let (row, now) = ((job.id, job.fence), self.clock.now());
        let note = move |tx: &mut dyn Tx| noted(tx, row, &step, now);
        Ok(JobStep::Worked(self.database.write(note).await?.saturating_sub(job.done)))
    }

    async fn take_job(&self, seen: JobRecord, holder: i64) -> Result<Option<JobRecord>, Error> {
        let begun = self.clock.now();
        let take = move |tx: &mut dyn Tx| {
            let now = gateways::clock(tx)?;
            if seen.lease_until > now {
                return Ok(None);
            }
            jobs::take(tx, (seen.id, seen.fence), (holder, now.plus_secs(LEASE_SECS)), begun)
        };
        self.database.write(take).await
    }
}

/// How far the job is then.
fn noted(tx: &mut dyn Tx, row: (i64, i64), step: &Step, now: Timestamp) -> Result<u64, Error> {
    match step {
        Step::Reached { done, total, sequence, chain } => {
            let until = gateways::clock(tx)?.plus_secs(LEASE_SECS);
            let reached = Reached { done: *done, total: *total, sequence: *sequence, chain };
            jobs::reach(tx, row, &reached, until)?;
            Ok(*done)
        }
        Step::Found { done, result } => {
            let until = gateways::clock(tx)?.plus_secs(LEASE_SECS);
            let (sequence, chain) = (result.last, &*result.chain);
            let reached = Reached { done: *done, total: *done, sequence, chain };
            let document = json!({
                "intact": result.broken.is_none(),
                "first": result.first,
                "last": result.last,
                "chain": result.chain,
                "detail": result.broken,
            });
            let document = document.to_string();
            let ended = Ended { state: JobState::Done.as_str(), result: Some(&document), problem: None };
            if jobs::reach(tx, row, &reached, until)? {
                jobs::end(tx, row, &ended, now)?;
            }
            Ok(*done)
        }
        Step::Failed(why) => {
            let ended = Ended { state: JobState::Failed.as_str(), result: None, problem: Some(why) };
            jobs::end(tx, row, &ended, now)?;
            Ok(0)
        }
    }
}

fn happened(change: &mut Change<'_>, action: &str, job: &JobRecord, turn: Turn) -> Result<(), Error> {
    let (node, kind, name) = (NodeId::ORGANISATION, ObjectKind::Job, job.id.to_string());
    change.happened(&Event { action, node, kind, object: job.id, name: &name, of: Some(&job.kind), turn })
}

/// Wakes whoever works on jobs here.
pub(super) type JobsWanted = Arc<Notify>;
