//! A plan as it is shown: what would change, and for whom (docs/api.md 5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{InForce, PlanSign, PlanWhy, Planned};

use crate::words::{Moment, Rights};

/// A plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanLast")]
pub struct Last {
    /// `member:alice`
    pub who: String,
    /// When.
    pub at: Moment,
}

/// What somebody gains or loses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanFailed")]
pub struct Failed {
    /// Which one, counted from 0.
    pub index: u64,
    /// What is other than it says.
    pub detail: String,
}

/// What an application logs in with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanClientId")]
pub struct ClientId {
    /// Its name.
    pub application: String,
    /// What it logs in with.
    pub client_id: String,
}

impl PlanShown {
    /// `done` where it was applied.
    pub(crate) fn of(planned: &Planned, done: Option<InForce>) -> Self {
        let applied = done.filter(|force| !force.rehearsed);
        Self {
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
