//! What a change would do, before it is made: worked out as a plan, which nothing is done with.

use api::Fault;
use api::plans::MakePlan;
use domain::Permission;
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::visit::Visit;
use crate::who::Who;

/// Whose memory plans are compared with: nobody's, since none of this name is ever applied.
const SOURCE: &str = "console-preview";

/// What a change would do.
pub(super) struct Preview {
    pub(super) effects: Vec<Effect>,
    /// Whether there are more than are told.
    pub(super) more: bool,
    /// What stands in the way, in the words of the operation.
    pub(super) obstacles: Vec<String>,
}

/// What somebody would gain and lose.
pub(super) struct Effect {
    pub(super) who: Who,
    pub(super) on: String,
    pub(super) gains: Vec<&'static str>,
    pub(super) loses: Vec<&'static str>,
}

impl Preview {
    /// What it would do if this document were so.
    ///
    /// # Errors
    /// As `POST /plans` answers.
    pub(super) async fn of(visit: &Visit<'_>, document: Value) -> Result<Self, Fault> {
        let wanted = json!({
            "source": SOURCE, "document": document, "adopt": true, "force": true, "reopen": true,
        });
        let plan = visit.change::<MakePlan>(&[], &wanted, Terms::default()).await?.answer;
        let words = |rights: api::Rights| rights.0.iter().map(Permission::as_str).collect();
        let effect = |effect: api::planned::Effect| Effect {
            who: Who::named(&effect.who),
            on: effect.on,
            gains: words(effect.gains),
            loses: words(effect.loses),
        };
        let obstacles = plan.lines.iter().filter(|line| line.sign == "!");
        Ok(Self {
            obstacles: obstacles
                .map(|line| format!("{}: {}", line.object, line.detail.as_deref().unwrap_or(&line.why)))
                .collect(),
            more: plan.more_effects,
            effects: plan.effects.into_iter().map(effect).collect(),
        })
    }
}
