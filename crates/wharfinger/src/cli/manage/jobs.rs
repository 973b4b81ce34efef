//! Long work: asked for, looked at, waited for, taken back.

use std::time::Duration;

use api::jobs::{CancelJob, JobKind, JobShown, JobState, JobWanted, ListJobs, ShowJob, StartJob};
use api::{Ask, JobAt, Nothing, Paging};
use serde_json::Value;

use super::super::calls::Received;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::flags::Trying;
use super::super::jobs::{JobCommand, KindWord};
use super::super::{Remote, progress};
use super::shown::{show_done, show_fields};
use super::{changing, connect};
use crate::config::Environment;

/// Between two looks at a job that is waited for.
const LOOK: Duration = Duration::from_millis(500);

pub(in crate::cli) async fn job(command: JobCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        JobCommand::List { remote } => {
            let titles = ["id", "kind", "state", "done", "total", "started_at", "finished_at", "created_by"];
            changing::list::<_, ListJobs>(((), Paging::default()), &titles, &remote, environment).await
        }
        JobCommand::Show { job, following, remote } => {
            let client = connect(&remote, environment)?;
            let shown = client.call(&show(&job)).await?;
            let shown = if following.follow { ended(&client, shown).await? } else { shown };
            show_fields(&remote, &shown.document);
            if following.follow { outcome(&shown) } else { Ok(()) }
        }
        JobCommand::Start { kind, following, trying } => {
            let Trying { dry_run, waiting, remote } = trying;
            let kind = match kind {
                KindWord::AuditVerify => JobKind::AuditVerify,
            };
            let body = JobWanted { kind };
            let ask = Ask::<StartJob> { dry_run, wait: waiting.into(), ..Ask::new((), Nothing {}, body) };
            let client = connect(&remote, environment)?;
            let started = client.call(&ask).await?;
            let id = &started.answer.id;
            if following.follow && !dry_run {
                let shown = ended(&client, client.call(&show(id)).await?).await?;
                show_fields(&remote, &shown.document);
                return outcome(&shown);
            }
            told(&remote, dry_run, &started.document, &format!("job {id} waits for its turn"));
            Ok(())
        }
        JobCommand::Cancel { job, trying } => {
            let Trying { dry_run, waiting, remote } = trying;
            let wait = waiting.into();
            let ask =
                Ask::<CancelJob> { dry_run, wait, ..Ask::new(JobAt::new(&job), Nothing {}, Nothing {}) };
            let done = connect(&remote, environment)?.call(&ask).await?;
            let line = match done.answer.state {
                JobState::Cancelled => format!("job {job} is cancelled"),
                _ => format!("job {job} had ended before"),
            };
            told(&remote, dry_run, &done.document, &line);
            Ok(())
        }
    }
}

fn show(job: &str) -> Ask<ShowJob> {
    Ask::new(JobAt::new(job), Nothing {}, Nothing {})
}

fn told(remote: &Remote, dry_run: bool, document: &Value, line: &str) {
    let tried = if dry_run { "only tried: " } else { "" };
    show_done(remote, document, &format!("{tried}{line}"));
}

/// Waits until it has ended; on a terminal a bar says how far it is.
async fn ended(client: &Client, mut shown: Received<JobShown>) -> Result<Received<JobShown>, Failure> {
    let bar = progress::bar();
    while shown.answer.finished_at.is_none() {
        let JobShown { done, total, unit, .. } = &shown.answer;
        bar.set_length(total.unwrap_or_default());
        bar.set_position(*done);
        bar.set_message(unit.clone());
        tokio::time::sleep(LOOK).await;
        shown = client.call(&show(&shown.answer.id)).await?;
    }
    bar.finish_and_clear();
    Ok(shown)
}

/// What its end means for who waited for it.
fn outcome(shown: &Received<JobShown>) -> Result<(), Failure> {
    let job = &shown.answer;
    let detail = |of: Option<&Value>| of.and_then(Value::as_str).unwrap_or_default().to_owned();
    match job.state {
        JobState::Queued | JobState::Running | JobState::Done => {}
        JobState::Cancelled => return Err(Failure::Conflict(format!("job {} was cancelled", job.id))),
        JobState::Failed => {
            let why = job.problem.as_ref().map(|problem| problem.detail.clone()).unwrap_or_default();
            return Err(Failure::Other(format!("job {} failed: {why}", job.id)));
        }
    }
    let result = job.result.as_ref();
    match result.and_then(|result| result.get("intact")) {
        Some(Value::Bool(false)) => Err(Failure::Difference(detail(result.and_then(|of| of.get("detail"))))),
        _ => Ok(()),
    }
}
