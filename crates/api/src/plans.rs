//! `/plans`: a whole file at once, worked out or applied (docs/api.md 5).

use domain::Acting;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{InForce, Obstacle, PlanAsked, PlanSign, PlanWhy, Planned, Section, Truth};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::words::{KeyText, Moment, Rights, Text200};

mod convert;
mod document;

pub use convert::hash_of;
pub use document::{
    ApplicationDocument, Document, GrantDocument, OrganisationDocument, PersonDocument, ProjectDocument,
    RepositoryDocument, RoleDocument, TeamDocument, TestDocument, TokenDocument,
};

/// `POST /plans`
pub enum MakePlan {}

/// `POST /plans/apply`
pub enum ApplyPlan {}

/// A file, and how it is to be applied.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is given or not")]
pub struct PlanWanted {
    /// Whose memory of what was applied is compared with; `null` for that of the organisation's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<KeyText>,
    /// What is to be.
    pub document: Document,
    /// Takes away what this source made and names no longer.
    #[serde(default)]
    pub prune: bool,
    /// Projects, repositories, people and applications that may go for good: `alpha`, `alpha/jars`, `member:alice`.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub confirm_delete: Vec<Text200>,
    /// Parts in which what others made goes too, on what the document names.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub authoritative: Vec<Part>,
    /// Gives again what somebody took away since the source was applied.
    #[serde(default)]
    pub reopen: bool,
    /// Takes over what was there before the source named it.
    #[serde(default)]
    pub adopt: bool,
    /// Sets what both the source and somebody else changed.
    #[serde(default)]
    pub force: bool,
}

/// A plan to apply.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanApplied {
    /// What is asked for, as it was planned.
    pub plan: PlanWanted,
    /// The digest of the plan that was shown; `null` applies whatever it comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub expect: Option<String>,
}

/// A part of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Part {
    /// Grants on its projects and repositories.
    Grants,
    /// What its roles hold, and the roles of its projects.
    Roles,
    /// Members of its teams.
    Teams,
    /// Tokens of its people and applications.
    Tokens,
}

/// A plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub struct PlanShown {
    /// Whose memory it is compared with.
    pub source: String,
    /// What it is recognised by.
    pub digest: String,
    /// Everything that would change, or is kept, or stands in the way.
    pub lines: Vec<Line>,
    /// Who gains or loses what; at most 200.
    pub effects: Vec<Effect>,
    /// Whether there are more effects.
    pub more_effects: bool,
    /// Whether anybody gains anything.
    pub widens: bool,
    /// How many lines of which kind.
    pub counts: Counts,
    /// How many tests there are.
    pub tests: u64,
    /// Tests that are not so afterwards.
    pub failed: Vec<Failed>,
    /// Client IDs of applications that were made and named none.
    pub client_ids: Vec<ClientId>,
    /// Whether it is in force.
    pub applied: bool,
    /// The version of all access changes that it is part of; `null` where nothing was applied.
    pub policy_version: Option<u64>,
}

/// One line of a plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanLine")]
pub struct Line {
    /// `+` made, `~` set, `-` taken away, `=` kept, `!` in the way.
    #[schemars(extend("x-open-enum" = true))]
    pub sign: String,
    /// What it is about: `repository alpha/images`, `grant of viewer to team:releasers on alpha`.
    pub object: String,
    /// Which field; `null` for the whole.
    pub field: Option<String>,
    /// What it is; `null` for lists and secrets.
    pub before: Option<String>,
    /// What it is to be; of a list what comes (`+`) and goes (`-`). `null` for secrets.
    pub after: Option<String>,
    /// `asked`, `drift`, `conflict`, `foreign`, `gone`, `left`, `extra`, `unconfirmed`, `token`, `lost`, `rule`, `denied`.
    #[schemars(extend("x-open-enum" = true))]
    pub why: String,
    /// Words for people, if there is more to say.
    pub detail: Option<String>,
    /// Who changed it last; `null` where that plays no part.
    pub last: Option<Last>,
    /// Whether somebody may have more afterwards.
    pub widens: bool,
}

/// Who changed something last.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanLast")]
pub struct Last {
    /// `member:alice`
    pub who: String,
    /// When.
    pub at: Moment,
}

/// What somebody gains or loses.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanEffect")]
pub struct Effect {
    /// `member:dora`, or `team:anyone`, `team:everyone`, `team:org-members`.
    pub who: String,
    /// There and below.
    pub on: String,
    /// What is new.
    pub gains: Rights,
    /// What is gone.
    pub loses: Rights,
}

/// How many lines of which kind.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanCounts")]
pub struct Counts {
    /// Made.
    pub add: u64,
    /// Set.
    pub change: u64,
    /// Taken away.
    pub remove: u64,
    /// Left as they are, though the document says otherwise.
    pub kept: u64,
    /// In the way.
    pub conflicts: u64,
    /// In the way because you may not do them; also among those.
    pub denied: u64,
}

/// A test that is not so.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanFailed")]
pub struct Failed {
    /// Which one, counted from 0.
    pub index: u64,
    /// What is other than it says.
    pub detail: String,
}

/// What an application logs in with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanClientId")]
pub struct ClientId {
    /// Its name.
    pub application: String,
    /// What it logs in with.
    pub client_id: String,
}

/// What a plan may fail for before anything of it is told.
const FAULTS: &[Code] = &[
    Code::UnknownName,
    Code::NameTaken,
    Code::Absent,
    Code::Rule,
    Code::Builtin,
    Code::InUse,
    Code::NotEmpty,
    Code::Cycle,
    Code::LastAdmin,
    Code::FormatFixed,
    Code::OwnTokens,
    Code::BeyondOwn,
    Code::WiderThanToken,
    Code::Stale,
    Code::NotYetInForce,
    Code::PlanChanged,
    Code::PlanConflict,
    Code::TestFailed,
];

/// Largest document, in bytes.
const BYTES_MAX: u64 = 4 << 20;

impl Endpoint for MakePlan {
    const META: Meta = Meta {
        id: "plan_make",
        method: Method::Post,
        path: "/plans",
        summary: "Works out what applying a document would do, line by line and for whom; does nothing.",
        since: "0.1",
        audit: &[],
        faults: FAULTS,
        cli: Some("apply"),
    };
    const BODY_BYTES_MAX: u64 = BYTES_MAX;
    type At = ();
    type Query = Nothing;
    type Body = PlanWanted;
    type Answer = PlanShown;
    type May = Acting;

    async fn call(cx: &Cx, may: Acting, ask: &Ask<Self>) -> Result<Done<PlanShown>, Fault> {
        let planned = cx.directory.plan(&may, &asked(cx, &ask.body)?).await?;
        Ok(Done::read(shown(&planned, None)))
    }
}

impl Endpoint for ApplyPlan {
    const META: Meta = Meta {
        id: "plan_apply",
        method: Method::Post,
        path: "/plans/apply",
        summary: "Applies a document: all of it or nothing.",
        since: "0.1",
        audit: &["plan.apply"],
        faults: FAULTS,
        cli: Some("apply"),
    };
    const BODY_BYTES_MAX: u64 = BYTES_MAX;
    type At = ();
    type Query = Nothing;
    type Body = PlanApplied;
    type Answer = PlanShown;
    type May = Acting;

    async fn call(cx: &Cx, may: Acting, ask: &Ask<Self>) -> Result<Done<PlanShown>, Fault> {
        let asked = asked(cx, &ask.body.plan)?;
        let (planned, done) = cx.directory.apply_plan(&may, &asked, ask.body.expect.as_deref()).await?;
        match done {
            Ok(force) => Ok(Done::changed(shown(&planned, Some(force)), force)),
            Err(obstacle) => Err(in_the_way(obstacle)),
        }
    }
}

fn in_the_way(obstacle: Obstacle) -> Fault {
    let (code, detail) = match obstacle {
        Obstacle::Changed => (Code::PlanChanged, "it would do something else by now; plan it again"),
        Obstacle::Denied => (Code::Denied, "you may not do all of it; the plan says which lines"),
        Obstacle::Conflict => (Code::PlanConflict, "lines stand in the way; the plan says which"),
        Obstacle::TestFailed => (Code::TestFailed, "a test would not be so afterwards; the plan says which"),
    };
    Fault::Told(code, detail.into())
}

fn asked(cx: &Cx, wanted: &PlanWanted) -> Result<PlanAsked, Fault> {
    let truth = Truth {
        prune: wanted.prune,
        confirm_delete: wanted.confirm_delete.iter().map(|name| name.as_str().into()).collect(),
        authoritative: wanted.authoritative.iter().map(|part| (*part).into()).collect(),
        reopen: wanted.reopen,
        adopt: wanted.adopt,
        force: wanted.force,
    };
    let plan = convert::plan(&cx.directory, &wanted.document)?;
    Ok(PlanAsked { source: wanted.source.as_ref().map(|source| source.as_str().into()), plan, truth })
}

impl From<Part> for Section {
    fn from(part: Part) -> Self {
        match part {
            Part::Grants => Self::Grants,
            Part::Roles => Self::Roles,
            Part::Teams => Self::Teams,
            Part::Tokens => Self::Tokens,
        }
    }
}

fn shown(planned: &Planned, done: Option<InForce>) -> PlanShown {
    let applied = done.filter(|force| !force.rehearsed);
    PlanShown {
        source: planned.source.to_string(),
        digest: planned.digest.to_string(),
        lines: planned.lines.iter().map(Line::of).collect(),
        effects: planned.effects.iter().map(Effect::of).collect(),
        more_effects: planned.more_effects,
        widens: planned.effects.iter().any(|effect| !effect.gains.is_empty()),
        counts: Counts::of(planned),
        tests: planned.tests as u64,
        failed: planned.failed.iter().map(Failed::of).collect(),
        client_ids: planned.client_ids.iter().map(ClientId::of).collect(),
        applied: applied.is_some(),
        policy_version: applied.map(|force| force.version.get()),
    }
}

impl Line {
    fn of(line: &storage::PlanLine) -> Self {
        let detail = match &line.why {
            PlanWhy::Rule(words) => Some(words.to_string()),
            PlanWhy::Denied(words) => words.as_ref().map(ToString::to_string),
            PlanWhy::Token(was) => Some(format!("it was {was}; give it a new secret")),
            PlanWhy::Unconfirmed => Some("it goes for good: confirm it by its name".to_owned()),
            _ => None,
        };
        let text = |text: &Option<Box<str>>| text.as_ref().map(ToString::to_string);
        Self {
            sign: line.sign.as_str().to_owned(),
            object: line.object.to_string(),
            field: line.field.map(str::to_owned),
            before: text(&line.before),
            after: text(&line.after),
            why: line.why.as_str().to_owned(),
            detail,
            last: line.last.as_ref().map(|last| Last { who: last.who.to_string(), at: Moment(last.at) }),
            widens: line.widens,
        }
    }
}

impl Effect {
    fn of(effect: &storage::EffectLine) -> Self {
        let (who, on) = (effect.who.to_string(), effect.on.to_string());
        Self { who, on, gains: Rights(effect.gains), loses: Rights(effect.loses) }
    }
}

impl Counts {
    fn of(planned: &Planned) -> Self {
        let mut counts = Self::default();
        for line in &planned.lines {
            let count = match line.sign {
                PlanSign::Make => &mut counts.add,
                PlanSign::Set => &mut counts.change,
                PlanSign::Remove => &mut counts.remove,
                PlanSign::Keep => &mut counts.kept,
                PlanSign::Conflict => &mut counts.conflicts,
            };
            *count = count.saturating_add(1);
            if matches!(line.why, PlanWhy::Denied(_)) {
                counts.denied = counts.denied.saturating_add(1);
            }
        }
        counts
    }
}

impl Failed {
    fn of(failed: &storage::FailedTest) -> Self {
        Self { index: failed.index as u64, detail: failed.why.to_string() }
    }
}

impl ClientId {
    fn of((application, client_id): &(Box<str>, domain::Login)) -> Self {
        Self { application: application.to_string(), client_id: client_id.as_str().to_owned() }
    }
}
