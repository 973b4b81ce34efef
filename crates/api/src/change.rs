//! What is told of a change that has no resource to show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::InForce;

use crate::endpoint::Done;

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
    /// Always so: a change is in force before its answer leaves.
    pub in_force: bool,
    /// Whether it outlives this process. Not so (202) only for what takes something away while the disk is full.
    pub stored: bool,
    /// Words for people, if there is something to say.
    pub detail: Option<String>,
}

impl Done<Change> {
    /// An action whose answer is that it is done.
    pub(crate) fn told(force: InForce) -> Self {
        let answer = Change {
            policy_version: force.version.get(),
            changed: force.changed,
            in_force: true,
            stored: force.stored,
            detail: (!force.stored).then(|| UNSTORED.to_owned()),
        };
        Self::changed(answer, force)
    }
}
