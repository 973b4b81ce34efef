//! `/plans`: a whole file at once, worked out or applied (docs/api.md 5).

use std::sync::Arc;

use domain::Acting;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Obstacle, PlanAsked, Section, Truth};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::issuers;
use crate::planned::PlanShown;
use crate::problem::{Code, Fault};
use crate::words::{KeyText, Text200};

mod convert;
mod document;
mod hooks;
mod machines;

pub use convert::hash_of;
pub use document::{
    ApplicationDocument, Described, Document, GrantDocument, IssuerDocument, OrganisationDocument,
    PersonDocument, ProjectDocument, PublisherDocument, RepositoryDocument, RoleDocument, TeamDocument,
    TestDocument, TokenDocument, WebhookDocument,
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
    #[schemars(length(max = 6))]
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
    /// Publishers of its projects.
    Publishers,
    /// Webhooks at its nodes.
    Webhooks,
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
    Code::NotFresh,
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
        Ok(Done::read(PlanShown::of(&planned, None)))
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
        cx.fresh_if(true)?;
        let asked = asked(cx, &ask.body.plan)?;
        let (planned, done) = cx.directory.apply_plan(&may, &asked, ask.body.expect.as_deref()).await?;
        match done {
            Ok(force) => Ok(Done::changed(PlanShown::of(&planned, Some(force)), force)),
            Err(obstacle) => Err(in_the_way(obstacle, PlanShown::of(&planned, None))),
        }
    }
}

fn in_the_way(obstacle: Obstacle, plan: PlanShown) -> Fault {
    let (code, detail) = match obstacle {
        Obstacle::Changed => (Code::PlanChanged, "it would do something else by now; the plan says what"),
        Obstacle::Denied => (Code::Denied, "you may not do all of it; the plan says which lines"),
        Obstacle::Conflict => (Code::PlanConflict, "lines stand in the way; the plan says which"),
        Obstacle::TestFailed => (Code::TestFailed, "a test would not be so afterwards; the plan says which"),
    };
    Fault::Plan(code, detail, Arc::new(plan))
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
    let plan = convert::plan(cx, &wanted.document)?;
    for issuer in &plan.issuers {
        issuers::can_be_asked(cx, &issuer.wanted)?;
    }
    Ok(PlanAsked { source: wanted.source.as_ref().map(|source| source.as_str().into()), plan, truth })
}

impl From<Part> for Section {
    fn from(part: Part) -> Self {
        match part {
            Part::Grants => Self::Grants,
            Part::Roles => Self::Roles,
            Part::Teams => Self::Teams,
            Part::Tokens => Self::Tokens,
            Part::Publishers => Self::Publishers,
            Part::Webhooks => Self::Webhooks,
        }
    }
}
