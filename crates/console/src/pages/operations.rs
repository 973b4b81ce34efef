//! `/-/operations`: how the gateway is, and long work that is asked for.

use api::health::{Health, ListWorkers, ShowHealth, WorkerShown};
use api::jobs::{CancelJob, JobShown, JobState, ListJobs, StartJob};
use api::nodes::{ListNodes, NodeShown};
use api::{Code, Fault};
use domain::Permission;
use serde_json::json;

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::lists::Pager;
use crate::parts::filters;
use crate::texts::Texts;
use crate::visit::Visit;

/// Jobs of a page.
const JOBS: &str = "20";
/// Most workers and nodes that are shown; there are fewer.
const ROWS: &str = "50";

/// `/-/operations`
pub(super) enum Operations {}

#[derive(askama::Template)]
#[template(path = "operations.html")]
struct OperationsPage<'a> {
    f: &'a Frame,
    health: Health,
    workers: Vec<WorkerShown>,
    nodes: Vec<NodeShown>,
    jobs: Vec<JobShown>,
    may_manage: bool,
    wrong: Wrong,
    pager: Pager,
}

impl Operations {
    async fn show(visit: &Visit<'_>, wrong: Wrong) -> Result<Answer, Fault> {
        let health = visit.read::<ShowHealth>(&[], &[]).await?;
        let workers = visit.read::<ListWorkers>(&[], &[("limit", ROWS.into())]).await?;
        let nodes = visit.read::<ListNodes>(&[], &[("limit", ROWS.into())]).await?;
        let after = visit.given("after").map(|after| ("after", after.into()));
        let query: Vec<_> = after.into_iter().chain([("limit", JOBS.into())]).collect();
        let jobs = visit.read::<ListJobs>(&[], &query).await?;
        let page = OperationsPage {
            f: &Frame::of(visit),
            health,
            workers: workers.items,
            nodes: nodes.items,
            jobs: jobs.items,
            may_manage: visit.may_here(Permission::OrganisationManage),
            pager: Pager::of(visit, jobs.next.as_ref()),
            wrong,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Does what a form asks for; the word of the notice.
    async fn done(visit: &Visit<'_>, form: &Form<'_>) -> Result<&'static str, Fault> {
        if let Some(job) = form.given("cancel") {
            visit.remove::<CancelJob>(&[job], &[]).await?;
            return Ok("withdrawn");
        }
        let kind = form.given("start");
        let kind = kind.ok_or_else(|| Fault::Told(Code::Malformed, "nothing was asked".into()))?;
        visit.change::<StartJob>(&[], &json!({ "kind": kind }), Terms::default()).await?;
        Ok("started")
    }
}

impl Page for Operations {
    const PATH: &'static str = "/-/operations";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Wrong::default()).await;
        }
        let form = visit.form()?;
        match Self::done(visit, &form).await {
            Ok(word) => Ok(Answer::see(format!("{}?done={word}", Self::PATH))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, wrong).await
            }
        }
    }
}

/// What a job is called; one that this release does not know, by its word.
fn named<'a>(t: &'a Texts, job: &'a JobShown) -> &'a str {
    if job.kind == "audit-verify" { t.operations.verify } else { &job.kind }
}

/// How a job stands: the class of its mark, and the word in it.
const fn state(t: &Texts, job: &JobShown) -> (&'static str, &'static str) {
    let t = &t.operations;
    match job.state {
        JobState::Queued => ("", t.queued),
        JobState::Running => ("act", t.running),
        JobState::Done => ("ok", t.is_done),
        JobState::Failed => ("bad", t.failed),
        JobState::Cancelled => ("", t.cancelled),
    }
}

/// Whether it can still be taken back.
const fn goes_on(job: &JobShown) -> bool {
    matches!(job.state, JobState::Queued | JobState::Running)
}
