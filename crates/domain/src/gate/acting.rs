//! One change of many parts, each of which takes a right of its own: what its caller holds is asked of the matrix at each, in the
//! version that the change is made at.

use super::{CallerGate, Denied};
use crate::caller::{Caller, Credential, TokenLimits};
use crate::client::Client;
use crate::clock::Timestamp;
use crate::facts::PolicyFacts;
use crate::id::{NodeId, PrincipalId};
use crate::origin::Origin;
use crate::permission::{Permission, Permissions};
use crate::ports::Preview;
use crate::rights::RightKind;

/// Proof that somebody who logged in asks for a change of many parts. By itself it allows none of them.
#[derive(Clone)]
#[must_use]
pub struct Acting {
    asked: CallerGate,
}

/// What one caller holds where, as some facts make it, and what others would hold after a change of them.
#[must_use]
pub struct Prospect {
    preview: Box<dyn Preview>,
    caller: Caller,
}

impl CallerGate {
    /// Whoever asks, if they logged in.
    ///
    /// # Errors
    /// `Denied` for anonymous callers.
    pub fn acting(&self) -> Result<Acting, Denied> {
        if self.caller.is_authenticated() {
            return Ok(Acting { asked: self.clone() });
        }
        let right = RightKind::Permission(Permission::AccessManage);
        Err(Denied { authenticated: false, may_know: false, right })
    }
}

impl Acting {
    /// What the matrix makes of facts. Compiles all of it: off the threads that serve requests.
    pub fn prospect(&self, facts: PolicyFacts) -> Prospect {
        let preview = self.asked.gate.ports.policy.preview(facts);
        Prospect { preview, caller: self.asked.caller.clone() }
    }

    /// Who acts.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        self.asked.caller.principal()
    }

    /// Who is charged for what the request makes us hold.
    #[must_use]
    pub fn client(&self) -> Client {
        self.asked.client()
    }

    /// What the presented token is limited to: what it makes can be limited no less.
    #[must_use]
    pub const fn limits(&self) -> &TokenLimits {
        self.asked.caller.limits()
    }

    /// What was presented.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.asked.caller.credential()
    }

    /// From where.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.asked.origin()
    }
}

impl Prospect {
    /// What the caller holds at a node through the credential presented.
    #[must_use]
    pub fn held(&self, node: NodeId) -> Permissions {
        self.preview.held(&self.caller, node)
    }

    /// The same without a break until that moment, or for ever.
    #[must_use]
    pub fn lasting(&self, node: NodeId, until: Option<Timestamp>) -> Permissions {
        self.preview.lasting(&self.caller, node, until)
    }

    /// For what would be so after changes.
    #[must_use]
    pub fn into_preview(self) -> Box<dyn Preview> {
        self.preview
    }
}
