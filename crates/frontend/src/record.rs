//! What comes to be known of a request while it is answered: who asked, with what, and why it was refused.

use std::sync::Arc;

use api::Fault;
use auth::{AuthError, Authenticator, Claimed, Identity, Presented};
use domain::{CallerGate, Denied, NodeName, Origin, PolicyVersion, PrincipalId, Reason, TokenId};
use edge::log::Asker;

/// One request on its way.
pub(crate) struct Record {
    pub(crate) origin: Arc<Origin>,
    sender: Sender,
    refused: Option<Refused>,
}

/// Who sent it.
#[derive(Debug, Clone, Copy)]
enum Sender {
    /// Nobody looked.
    Unknown,
    /// Whoever was let in.
    Proved { principal: PrincipalId, token: Option<TokenId>, presented: Presented },
    /// Whom credentials named that failed.
    Claimed(Claimed),
}

/// Why it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refused {
    word: &'static str,
    /// The version of the matrix, if that was asked.
    policy: Option<PolicyVersion>,
}

/// Nobody in particular asked for what takes somebody.
pub(crate) const NOT_AUTHENTICATED: &str = "not-authenticated";
/// The credential was good when the request came and did not count any more when it mattered.
const ENDED: &str = "credential-ended";
/// The gate refused, and has no better word for it by now.
const DENIED: &str = "denied";

impl Record {
    pub(crate) const fn new(origin: Arc<Origin>) -> Self {
        Self { origin, sender: Sender::Unknown, refused: None }
    }

    /// Somebody was let in.
    pub(crate) const fn proved(&mut self, identity: &Identity) {
        let caller = &identity.caller;
        let (principal, token) = (caller.principal(), caller.token());
        self.sender = Sender::Proved { principal, token, presented: identity.presented };
    }

    /// Credentials failed.
    pub(crate) fn failed(&mut self, error: &AuthError, claimed: Claimed) {
        self.sender = Sender::Claimed(claimed);
        let word = match error {
            AuthError::Malformed => "malformed",
            AuthError::Invalid { .. } => claimed.refused.map_or("bad-credentials", Reason::as_str),
            AuthError::Throttled { .. } => "throttled",
            AuthError::Busy { .. } => "busy",
            AuthError::Unavailable => return,
        };
        self.refused(word);
    }

    /// The gate refused; `node` as it was asked for, `None` for what none can be called.
    pub(crate) fn denied(&mut self, gate: &CallerGate, denied: &Denied, node: Option<NodeName<'_>>) {
        if !denied.authenticated {
            return self.refused(if gate.caller().is_authenticated() { ENDED } else { NOT_AUTHENTICATED });
        }
        let Some(node) = node else { return self.refused(Reason::NothingKnown.as_str()) };
        let (reason, version) = gate.why(node, denied.right);
        // It may have been granted since, or have been refused by a rule besides the matrix.
        let granted = matches!(reason, Reason::Granted | Reason::Public);
        let word = if granted { DENIED } else { reason.as_str() };
        self.refused = Some(Refused { word, policy: Some(version) });
    }

    /// The management refused or failed; what was not let in for its credentials is known already.
    pub(crate) fn fault(&mut self, fault: &Fault, gate: Option<&CallerGate>, node: Option<NodeName<'_>>) {
        match (fault, gate) {
            (Fault::Auth(_), _) => {}
            (Fault::Denied(denied), Some(gate)) => self.denied(gate, denied, node),
            _ if matches!(fault.code().status(), 401 | 403) => self.refused(fault.code().as_str()),
            _ => {}
        }
    }

    /// It was refused, in the word of whoever did.
    pub(crate) const fn refused(&mut self, word: &'static str) {
        self.refused = Some(Refused { word, policy: None });
    }

    /// Tells the log, in the names of this moment.
    pub(crate) fn told(&self, names: &Authenticator, tell: impl FnOnce(Asker<'_>)) {
        if !edge::log::is_read() {
            return;
        }
        let label = |principal: Option<PrincipalId>, before: &str| {
            let label = principal.and_then(|principal| names.label(principal));
            label.map_or_else(|| "-".to_owned(), |label| format!("{before}{label}"))
        };
        let (principal, token, with) = match self.sender {
            Sender::Unknown => ("-".to_owned(), None, Presented::Nothing.as_str()),
            Sender::Proved { principal, token, presented } => {
                (label(Some(principal), ""), token, presented.as_str())
            }
            Sender::Claimed(claimed) => (label(claimed.principal, "!"), claimed.token, "refused"),
        };
        let (reason, policy) =
            self.refused.map_or((None, None), |refused| (Some(refused.word), refused.policy));
        tell(Asker { principal: &principal, token, with, reason, policy });
    }
}
