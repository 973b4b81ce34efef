//! How far a change has come into force when it is answered (docs/api.md 1).

use storage::{Directory, InForce};

use crate::problem::{Fault, Unconfirmed};

/// Where a change is in force when it is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wait {
    /// At the node that answers.
    #[default]
    Node,
    /// At every node that lives.
    All,
}

impl Wait {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Node, Self::All];

    /// As the query has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::All => "all",
        }
    }

    /// Waits until a change that is in force here is so as far as was asked. What was only tried, or is not stored yet, no other node
    /// can have.
    ///
    /// # Errors
    /// `Unconfirmed` if a node that lives has not said so in time, or nobody can tell: the change stays.
    pub(crate) async fn confirmed(
        self,
        directory: &Directory,
        change: Option<InForce>,
        location: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(change) = change.filter(|change| self == Self::All && change.stored) else { return Ok(()) };
        match directory.confirmed(change.version).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => {
                Err(Fault::Unconfirmed(Unconfirmed { change, location: location.map(str::to_owned) }))
            }
        }
    }
}

/// Waits until what the caller was told of by another node is in force here too.
///
/// # Errors
/// `Behind` if it is not within a second.
pub async fn reach(directory: &Directory, version: domain::PolicyVersion) -> Result<(), Fault> {
    if directory.reach(version).await { Ok(()) } else { Err(Fault::Behind) }
}
