//! What somebody holds, for who is to give it away: nobody gives more, or longer, than that. The answer names the version of the
//! matrix that gave it, so that whoever acts on it in a transaction can see that it was not overtaken.

use super::{Granted, Own};
use crate::clock::Timestamp;
use crate::id::PrincipalId;
use crate::node::{Node, NodeName, Organisation};
use crate::ports::Holding;
use crate::rights::{AccessManage, DirectoryManage};

impl<N: Node> Granted<AccessManage, N> {
    /// What the caller may do at the node of the proof through the credential presented, without a break until then, or for ever.
    pub async fn lasting(&self, until: Option<Timestamp>) -> Holding {
        let gate = &self.asked.gate;
        gate.ports.policy.lasting(&self.asked.caller, self.node.node_id(), until).await
    }
}

impl Granted<DirectoryManage, Organisation> {
    /// What anybody may do at a node or somewhere in it, whatever token they present.
    #[must_use]
    pub fn somewhere(&self, principal: PrincipalId, node: NodeName<'_>) -> Holding {
        self.asked.gate.ports.policy.somewhere(principal, node)
    }
}

impl Own {
    /// What one may do at a node or somewhere in it, whatever token one presents.
    #[must_use]
    pub fn somewhere(&self, node: NodeName<'_>) -> Holding {
        self.asked.gate.ports.policy.somewhere(self.principal(), node)
    }
}
