//! `/jobs`: long work that is asked for, and looked at later.

use domain::{AuditView, Granted, Organisation, OrganisationManage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::JobRow;

use crate::at::JobAt;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /jobs`
pub enum ListJobs {}

/// `GET /jobs/{id}`
pub enum ShowJob {}

/// `POST /jobs`
pub enum StartJob {}

/// `DELETE /jobs/{id}`
pub enum CancelJob {}

/// Which work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum JobKind {
    /// Computes the chain of administrative events anew.
    AuditVerify,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// A node is at it.
    Running,
    /// It was done; `result` says what came of it.
    Done,
    /// It could not be done; `problem` says why.
    Failed,
    /// Somebody took it back.
    Cancelled,
}

/// What is to be done.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobWanted {
    /// Which work.
    pub kind: JobKind,
}

/// Long work that was asked for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Job")]
pub struct JobShown {
    /// Never used again.
    pub id: String,
    /// Which work.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// How it stands.
    pub state: JobState,
    /// How much of it is done.
    pub done: u64,
    /// How much there is, as far as that is known; `null` before it began.
    pub total: Option<u64>,
    /// What `done` and `total` count: `events`.
    #[schemars(extend("x-open-enum" = true))]
    pub unit: String,
    /// When a node began with it.
    pub started_at: Option<Moment>,
    /// When it ended, however.
    pub finished_at: Option<Moment>,
    /// What came of it, by its kind. Of `audit-verify`: `intact`; `first` and `last`, the numbers of the first event that is kept and of
    /// the last that is as it was written; `chain`, the hash of that; `detail`, what is wrong behind it.
    pub result: Option<Value>,
    /// Why it could not be done.
    pub problem: Option<JobProblem>,
    /// What nobody sets.
    pub about: AboutJob,
}

/// Why a job could not be done.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct JobProblem {
    /// As that of a problem.
    #[schemars(extend("x-open-enum" = true))]
    pub code: String,
    /// For people; may change.
    pub detail: String,
}

/// Who asked for a job.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AboutJob {
    /// When it was asked for.
    pub created_at: Moment,
    /// Who asked for it, as they were called then.
    pub created_by: String,
}

impl JobShown {
    fn of(row: &JobRow) -> Self {
        let problem = row
            .problem
            .as_deref()
            .map(|detail| JobProblem { code: Code::Internal.as_str().to_owned(), detail: detail.to_owned() });
        Self {
            id: row.id.to_string(),
            kind: row.kind.to_string(),
            state: row.state.into(),
            done: row.done,
            total: row.total,
            unit: row.unit.to_owned(),
            started_at: row.started_at.map(Moment),
            finished_at: row.finished_at.map(Moment),
            result: row.result.clone(),
            problem,
            about: AboutJob { created_at: Moment(row.created_at), created_by: row.created_by.to_string() },
        }
    }
}

impl Endpoint for ListJobs {
    const META: Meta = Meta {
        id: "job_list",
        method: Method::Get,
        path: "/jobs",
        summary: "Lists long work that was asked for, the newest first; of what has ended the last hundred are kept.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("job list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<JobShown>;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<JobShown>>, Fault> {
        let after = ask.query.after(|text| text.parse().ok())?;
        let rows = cx.directory.jobs(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.id.to_string(), JobShown::of)))
    }
}

impl Endpoint for ShowJob {
    const META: Meta = Meta {
        id: "job_show",
        method: Method::Get,
        path: "/jobs/{job}",
        summary: "Shows how long work stands.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("job show"),
    };
    type At = JobAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = JobShown;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<JobShown>, Fault> {
        Ok(Done::read(JobShown::of(&cx.directory.job(&may, ask.at.job()?).await?)))
    }
}

impl Endpoint for StartJob {
    const META: Meta = Meta {
        id: "job_start",
        method: Method::Post,
        path: "/jobs",
        summary: "Asks for long work, which a node begins with when all that was asked for before is done; sixteen may wait.",
        since: "0.1",
        audit: &["job.start"],
        faults: &[Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("job start"),
    };
    const BEGINS: bool = true;
    type At = ();
    type Query = Nothing;
    type Body = JobWanted;
    type Answer = JobShown;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<JobShown>, Fault> {
        let kind = match ask.body.kind {
            JobKind::AuditVerify => storage::JobKind::AuditVerify,
        };
        let (row, force) = cx.directory.start_job(&may, kind).await?;
        let shown = JobShown::of(&row);
        let at = format!("/jobs/{}", shown.id);
        Ok(Done::made(shown, force, at))
    }
}

impl Endpoint for CancelJob {
    const META: Meta = Meta {
        id: "job_cancel",
        method: Method::Delete,
        path: "/jobs/{job}",
        summary: "Takes long work back that has not ended; what has ended stays as it is.",
        since: "0.1",
        audit: &["job.cancel"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("job cancel"),
    };
    type At = JobAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = JobShown;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<JobShown>, Fault> {
        let (row, force) = cx.directory.cancel_job(&may, ask.at.job()?).await?;
        Ok(Done::changed(JobShown::of(&row), force))
    }
}

impl From<storage::JobState> for JobState {
    fn from(state: storage::JobState) -> Self {
        match state {
            storage::JobState::Queued => Self::Queued,
            storage::JobState::Running => Self::Running,
            storage::JobState::Done => Self::Done,
            storage::JobState::Failed => Self::Failed,
            storage::JobState::Cancelled => Self::Cancelled,
        }
    }
}
