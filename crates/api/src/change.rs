//! What is told of a change that has no resource to show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::InForce;

use crate::endpoint::Done;
use crate::problem::{Code, Fault};

/// What is told of a change that is in force without its rows.
const UNSTORED: &str = "it is in force here, but the disk is full: it is stored as soon as there is room, and a restart before \
                        that would undo it";

/// A change that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The version of all access changes that it is part of, or the present one if nothing changed.
    pub policy_version: u64,
    /// Whether anything changed.
    pub changed: bool,
    /// Always so, but for one that was only tried: a change is in force before its answer leaves.
    pub in_force: bool,
    /// Whether it outlives this process. Not so (202) only for what takes something away while the disk is full.
    pub stored: bool,
    /// Words for people, if there is something to say.
    pub detail: Option<String>,
}

/// A change that takes something away for good, confirmed by the name of what goes.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// The name of what goes, as the path has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub confirm: Option<String>,
}

impl Confirmed {
    /// Insists on the name.
    pub(crate) fn insist(given: Option<&str>, name: &str) -> Result<(), Fault> {
        if given == Some(name) {
            return Ok(());
        }
        let detail = "it cannot be taken back: say `confirm` with the name of what goes";
        Err(Fault::Told(Code::Confirm, detail.into()))
    }
}

impl Done<Change> {
    /// An action whose answer is that it is done.
    pub(crate) fn told(force: InForce) -> Self {
        let answer = Change {
            policy_version: force.version.get(),
            changed: force.changed,
            in_force: !force.rehearsed,
            stored: force.stored,
            detail: (!force.stored && !force.rehearsed).then(|| UNSTORED.to_owned()),
        };
        Self::changed(answer, force)
    }
}
