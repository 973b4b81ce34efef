//! `wharfinger apply` and `wharfinger export`: a whole file, which is the truth (docs/api.md 5).

use std::path::PathBuf;

use api::export::{Export, ExportAsked, ExportProject};
use api::planned::{Effect, Line, PlanShown};
use api::plans::{ApplyPlan, MakePlan, Part, PlanApplied, PlanWanted};
use api::{Ask, Code, Nothing};
use clap::{Args, ValueEnum};
use domain::{Permission, ProjectKey};
use serde_json::Value;

use super::calls::{Received, received};
use super::failure::Failure;
use super::flags::{Doing, Form, Remote};
use super::manage::shown::programs_read;
use super::manage::{connect, typed};
use super::{local, output};
use crate::bootstrap;
use crate::config::Environment;

/// A file, and how it is applied.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is given or not")]
pub(super) struct Apply {
    /// The file (TOML), as `serve --bootstrap` takes it
    file: PathBuf,
    /// Only show what it would do
    #[arg(long)]
    plan: bool,
    /// With --plan: exit with 10 if there is any difference
    #[arg(long, requires = "plan")]
    exit_code: bool,
    /// Whose memory of what was applied is compared with [default: the organisation's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Take away what this source made and the file names no longer
    #[arg(long)]
    prune: bool,
    /// A project, repository, person or application that may go for good: alpha, alpha/jars, member:alice
    #[arg(long, value_name = "NAME")]
    confirm_delete: Vec<String>,
    /// Take away what others made too, in this part, on what the file names
    #[arg(long, value_name = "SECTION", value_enum)]
    authoritative: Vec<SectionWord>,
    /// Give again what somebody took away since it was applied
    #[arg(long)]
    reopen: bool,
    /// Take over what was there before the file named it
    #[arg(long)]
    adopt: bool,
    /// Set what both the file and somebody else changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    doing: Doing,
}

#[derive(Debug, Args)]
pub(super) struct ExportFlags {
    /// Only this project
    #[arg(long, value_name = "PROJECT", conflicts_with = "token_hashes")]
    on: Option<String>,
    /// With ids and hashes of tokens, so that they go on to work elsewhere
    #[arg(long)]
    token_hashes: bool,
    #[command(flatten)]
    pub(super) remote: Remote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SectionWord {
    Grants,
    Roles,
    Teams,
    Tokens,
    Publishers,
    Webhooks,
}

impl From<SectionWord> for Part {
    fn from(word: SectionWord) -> Self {
        match word {
            SectionWord::Grants => Self::Grants,
            SectionWord::Roles => Self::Roles,
            SectionWord::Teams => Self::Teams,
            SectionWord::Tokens => Self::Tokens,
            SectionWord::Publishers => Self::Publishers,
            SectionWord::Webhooks => Self::Webhooks,
        }
    }
}

pub(super) async fn apply(flags: Apply, environment: &Environment) -> Result<(), Failure> {
    let Doing { waiting, remote } = flags.doing;
    let client = connect(&remote, environment)?;
    let (only_plan, exit_code, form) = (flags.plan, flags.exit_code, remote.form);
    let (document, warnings) = bootstrap::document(&flags.file, environment).map_err(local::wrong)?;
    warnings.iter().for_each(|warning| output::complain(&format!("warning: {warning}")));
    let plan = PlanWanted {
        source: flags.source.map(|source| typed("--source", source)).transpose()?,
        document,
        prune: flags.prune,
        confirm_delete: flags
            .confirm_delete
            .into_iter()
            .map(|name| typed("--confirm-delete", name))
            .collect::<Result<_, _>>()?,
        authoritative: flags.authoritative.into_iter().map(Into::into).collect(),
        reopen: flags.reopen,
        adopt: flags.adopt,
        force: flags.force,
    };
    let ask = Ask::<MakePlan>::new((), Nothing {}, plan);
    let planned = client.call(&ask).await?;
    if only_plan {
        show(&planned, form);
        let differs = exit_code && (!planned.answer.lines.is_empty() || !planned.answer.failed.is_empty());
        return if differs { Err(Failure::Difference("there are differences".to_owned())) } else { Ok(()) };
    }
    if form.is_table() {
        lines(&planned.answer);
    }
    let expect = Some(planned.answer.digest.clone());
    let body = PlanApplied { plan: ask.body, expect };
    let ask = Ask::<ApplyPlan> { wait: waiting.into(), ..Ask::new((), Nothing {}, body) };
    match client.attempt(&ask).await {
        Ok(applied) if programs_read(form, &applied.document) => {}
        Ok(applied) => {
            output::say(&summary(&applied.answer));
            for made in &applied.answer.client_ids {
                output::say(&format!("application {} logs in with {}", made.application, made.client_id));
            }
        }
        Err(refused) => {
            not_applied(&planned, &refused.problem, form)?;
            return Err(refused.failure);
        }
    }
    Ok(())
}

pub(super) async fn export(flags: ExportFlags, environment: &Environment) -> Result<(), Failure> {
    let client = connect(&flags.remote, environment)?;
    let exported = match &flags.on {
        Some(key) => {
            let key = ProjectKey::parse_folded(key).map_err(|why| Failure::Usage(format!("{key}: {why}")))?;
            client.call(&Ask::<ExportProject>::new(key, Nothing {}, Nothing {})).await?
        }
        None => {
            let asked = ExportAsked { token_hashes: flags.token_hashes.then_some(true) };
            client.call(&Ask::<Export>::new((), asked, Nothing {})).await?
        }
    };
    if !programs_read(flags.remote.form, &exported.document) {
        output::say(bootstrap::written(&exported.answer).trim_end());
    }
    Ok(())
}

/// What stood in the way, by the plan that the server has by now.
fn not_applied(planned: &Received<PlanShown>, problem: &Value, form: Form) -> Result<(), Failure> {
    let now = match problem.get("plan") {
        Some(plan) => &received::<MakePlan>(plan.clone())?,
        None => planned,
    };
    if programs_read(form, &now.document) {
        return Ok(());
    }
    if problem.get("code").and_then(Value::as_str) == Some(Code::PlanChanged.as_str()) {
        output::say("by now it is another plan:");
        show(now, form);
    } else {
        output::say(&summary(&now.answer));
    }
    Ok(())
}

fn show(planned: &Received<PlanShown>, form: Form) {
    if programs_read(form, &planned.document) {
        return;
    }
    lines(&planned.answer);
    output::say(&summary(&planned.answer));
}

/// Everything but the summary.
fn lines(plan: &PlanShown) {
    let rows: Vec<Vec<String>> = plan.lines.iter().map(row).collect();
    let text = output::rows(&rows);
    if !text.is_empty() {
        output::say(text.trim_end());
    }
    for effect in &plan.effects {
        output::say(&told(effect));
    }
    if plan.more_effects {
        output::say("! and more effects than are shown");
    }
    for failed in &plan.failed {
        output::say(&format!("! test {} fails: {}", failed.index.saturating_add(1), failed.detail));
    }
}

fn row(line: &Line) -> Vec<String> {
    let field = line.field.clone().unwrap_or_default();
    let values = match (&line.before, &line.after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => after.clone(),
        _ => String::new(),
    };
    let clean = |text: String| text.chars().filter(|letter| !letter.is_control()).collect();
    [line.sign.clone(), line.object.clone(), field, values, why(line)].map(clean).into()
}

/// Why a line is what it is, and what helps.
fn why(line: &Line) -> String {
    let in_the_way = line.sign == "!";
    let words = match line.why.as_str() {
        "asked" => "",
        "drift" if in_the_way => "changed at run time, and somebody would have more again: --reopen",
        "drift" => "changed at run time",
        "conflict" if in_the_way => "the file and somebody else changed it: --force",
        "conflict" => "somebody else changed it too",
        "foreign" if in_the_way => "it was there before the file named it: --adopt",
        "foreign" => "it was there before the file named it",
        "gone" if in_the_way => "removed at run time: --reopen",
        "gone" => "removed at run time",
        "left" => "left the file",
        "extra" if line.sign == "=" => "kept: not in the file",
        "extra" => "not in the file",
        "unconfirmed" => "goes for good: --confirm-delete NAME",
        "denied" => "you may not do this, or it does not exist",
        other => other,
    };
    let detail = line.detail.iter().map(|detail| format!(": {detail}"));
    let last = line
        .last
        .iter()
        .map(|last| format!("; last changed by {} on {}", last.who, domain::time::show(last.at.0)));
    std::iter::once(words.to_owned()).chain(detail).chain(last).collect()
}

fn told(effect: &Effect) -> String {
    let who = effect.who.strip_prefix("team:").filter(|team| *team == "anyone").unwrap_or(&effect.who);
    let words = |rights: &api::Rights| rights.0.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ");
    let gains = (!effect.gains.0.is_empty()).then(|| format!("gains {}", words(&effect.gains)));
    let loses = (!effect.loses.0.is_empty()).then(|| format!("loses {}", words(&effect.loses)));
    let both: Vec<String> = [gains, loses].into_iter().flatten().collect();
    format!("! {who} {} on {}", both.join(", "), effect.on)
}

/// The last line.
fn summary(plan: &PlanShown) -> String {
    let counts = &plan.counts;
    let mut parts = vec![
        format!("{} to add", counts.add),
        format!("{} to change", counts.change),
        format!("{} to remove", counts.remove),
        format!("{} kept", counts.kept),
        format!("{} in the way", counts.conflicts),
    ];
    if counts.denied > 0 {
        parts.push(format!("{} denied", counts.denied));
    }
    let failed = plan.failed.len() as u64;
    let tests = match (plan.tests, failed) {
        (0, _) => String::new(),
        (tests, 0) => format!("; tests: {tests} passed"),
        (tests, failed) => format!("; tests: {} passed, {failed} failed", tests.saturating_sub(failed)),
    };
    let widens = if plan.widens { "yes" } else { "no" };
    let applied = if plan.applied { "applied" } else { "nothing applied" };
    format!("{}; widens: {widens}{tests}; {applied}", parts.join(", "))
}
