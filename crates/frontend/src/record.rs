//! What comes to be known of a request while it is answered: who asked, with what, why it was refused, what was handed out. Told to
//! the log, and to the audit (docs/api.md 6).

use std::sync::Arc;

use api::Fault;
use auth::{AuthError, Authenticator, Claimed, Identity, Presented};
use domain::{
    CallerGate, Credential, Denied, Granted, NodeName, Origin, Permission, Permissions, PolicyVersion,
    Prefix, PrincipalId, PrincipalKind, Read, Reason, Repository, Verdict, Who, WrittenNode,
};
use edge::log::Asker;
use http::StatusCode;
use http::header::CONTENT_RANGE;
use storage::{AuditClass, AuditNote, AuditOutcome, AuditQueue, NotedObject, NotedPlace, UsageCounts};

use crate::config::AuditSettings;
use crate::protocol::HandedOut;
use crate::reply::Response;

mod first_uses;

pub(crate) use first_uses::FirstUses;

/// One request on its way.
pub(crate) struct Record {
    pub(crate) origin: Arc<Origin>,
    settings: AuditSettings,
    sender: Sender,
    refused: Option<Refused>,
    fetched: Option<Fetched>,
    /// Of the management API.
    operation: Option<&'static str>,
}

/// Who sent it.
#[derive(Debug, Clone, Copy)]
enum Sender {
    /// Nobody looked.
    Unknown,
    /// Whoever was let in.
    Proved { principal: PrincipalId, is_application: bool, credential: Credential, presented: Presented },
    /// Whom credentials named that failed, and whether the audit is told: bearers run out all the time.
    Claimed(Claimed, bool),
}

/// Why it was refused.
#[derive(Debug)]
struct Refused {
    word: &'static str,
    /// The version of the matrix, if that was asked.
    policy: Option<PolicyVersion>,
    /// Where, as it was asked for.
    node: Option<WrittenNode>,
    /// What for.
    right: Option<&'static str>,
    /// What is held there instead, if the matrix knows the place.
    held: Option<Permissions>,
}

/// What a read hands out.
struct Fetched {
    from: Repository,
    what: HandedOut,
    policy_version: PolicyVersion,
    /// Whether the audit is told.
    is_told: bool,
}

/// The first version, of what no version decided.
const NONE_DECIDED: PolicyVersion = PolicyVersion::new(1);
/// Nobody in particular asked for what takes somebody.
pub(crate) const NOT_AUTHENTICATED: &str = "not-authenticated";
/// The credential was good when the request came and did not count any more when it mattered.
const ENDED: &str = "credential-ended";
/// The gate refused, and has no better word for it by now.
const DENIED: &str = "denied";

impl Record {
    pub(crate) const fn new(origin: Arc<Origin>, settings: AuditSettings) -> Self {
        Self { origin, settings, sender: Sender::Unknown, refused: None, fetched: None, operation: None }
    }

    /// Somebody was let in.
    pub(crate) const fn proved(&mut self, identity: &Identity) {
        let caller = &identity.caller;
        self.sender = Sender::Proved {
            principal: caller.principal(),
            is_application: matches!(caller.who(), Who::Principal(_, PrincipalKind::Application)),
            credential: caller.credential(),
            presented: identity.presented,
        };
    }

    /// Credentials failed.
    pub(crate) fn failed(&mut self, error: &AuthError, claimed: Claimed) {
        let ran_out = *error == (AuthError::Invalid { bearer: true }) && claimed == Claimed::default();
        let is_ours = matches!(error, AuthError::Busy { .. } | AuthError::Unavailable);
        self.sender = Sender::Claimed(claimed, !ran_out && !is_ours);
        match error {
            AuthError::Malformed => self.refused("malformed"),
            AuthError::Invalid { .. } => {
                self.refused(claimed.refused.map_or("bad-credentials", Reason::as_str));
            }
            AuthError::Untaken { why, .. } => {
                self.refused(if why.is_genuine() { "no-rule" } else { "bad-credentials" });
            }
            AuthError::MustChange => self.refused("must-change-password"),
            AuthError::Throttled { .. } => self.refused("throttled"),
            AuthError::Busy { .. } => self.refused("busy"),
            AuthError::Unavailable => {}
        }
    }

    /// The gate refused; `node` as it was asked for, `None` for what none can be called.
    pub(crate) fn denied(&mut self, gate: &CallerGate, denied: &Denied, node: Option<NodeName<'_>>) {
        let (word, verdict) = match node {
            _ if !denied.authenticated && gate.caller().is_authenticated() => (ENDED, None),
            _ if !denied.authenticated => (NOT_AUTHENTICATED, None),
            None => (Reason::NothingKnown.as_str(), None),
            Some(node) => match gate.why(node, denied.right) {
                // It may have been granted since, or have been refused by a rule besides the matrix.
                verdict @ Verdict { reason: Reason::Granted | Reason::Public, .. } => (DENIED, Some(verdict)),
                verdict => (verdict.reason.as_str(), Some(verdict)),
            },
        };
        self.refused = Some(Refused {
            policy: verdict.map(|verdict| verdict.version),
            node: node.map(WrittenNode::from),
            right: Some(denied.right.as_str()),
            held: verdict.filter(|of| of.reason != Reason::NothingKnown).map(|of| of.held),
            ..Refused::by(word)
        });
    }

    /// The management refused or failed; what was not let in for its credentials is known already.
    pub(crate) fn fault(
        &mut self,
        fault: &Fault,
        gate: Option<&CallerGate>,
        (operation, node): (Option<&'static str>, Option<NodeName<'_>>),
    ) {
        self.operation = operation;
        let is_somebody = gate.is_some_and(|gate| gate.caller().is_authenticated());
        match (fault, gate) {
            (Fault::Auth(_), None) => {}
            // A code was shown that is not good.
            (Fault::Auth(error), Some(_)) if !is_somebody => self.failed(error, Claimed::default()),
            (Fault::Denied(denied), Some(gate)) => self.denied(gate, denied, node),
            _ if matches!(fault.code().status(), 401 | 403) => {
                let node = node.map(WrittenNode::from);
                self.refused = Some(Refused { node, ..Refused::by(fault.code().as_str()) });
            }
            _ => {}
        }
    }

    /// It was refused, in the word of whoever did.
    pub(crate) fn refused(&mut self, word: &'static str) {
        self.refused = Some(Refused::by(word));
    }

    /// Content is about to be handed out, if it is there.
    pub(crate) fn fetches(&mut self, may: &Granted<Read>, what: Option<HandedOut>) {
        let AuditSettings { fetches, anonymous_fetches, strict: _ } = self.settings;
        let is_told = fetches && (anonymous_fetches || may.principal() != PrincipalId::ANONYMOUS);
        let (from, policy_version) = (may.node(), may.version());
        self.fetched = what.map(|what| Fetched { from: from.clone(), what, policy_version, is_told });
    }

    /// Counts what is handed out, once that is over (docs/guide/usage.md 1). A download is an answer that begins with the first byte, and of
    /// which every byte was handed out.
    pub(crate) fn counted(&self, counts: &Arc<UsageCounts>, response: &mut Response) {
        let Some(Fetched { from, what, .. }) = &self.fetched else { return };
        let is_first = match response.status() {
            StatusCode::OK => true,
            StatusCode::PARTIAL_CONTENT => {
                let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
                range.is_some_and(|range| range.starts_with("bytes 0-"))
            }
            _ => return,
        };
        let (counts, repository, version) = (Arc::clone(counts), from.id(), what.version.clone());
        response.body_mut().tell(move |bytes, is_whole| {
            if bytes > 0 || is_whole {
                counts.fetched(repository, version, (bytes, is_first && is_whole));
            }
        });
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
        // What publishers make belongs to applications: a person's tokens are not looked for among it.
        let (principal, token, session, with, by_rule) = match self.sender {
            Sender::Unknown => ("-".to_owned(), None, None, Presented::Nothing.as_str(), false),
            Sender::Proved { principal, is_application, credential, presented } => {
                let (token, session) = (credential.token(), credential.session());
                (label(Some(principal), ""), token, session, presented.as_str(), is_application)
            }
            Sender::Claimed(claimed, _) => {
                (label(claimed.principal, "!"), claimed.token, None, "refused", true)
            }
        };
        let rule = token.filter(|_| by_rule).and_then(|token| names.rule(token));
        let (token, session) = (token.map(|id| id.to_string()), session.map(|id| id.to_string()));
        let refused = self.refused.as_ref();
        let held = refused.and_then(|refused| refused.held).map(words);
        tell(Asker {
            principal: &principal,
            token: token.as_deref(),
            session: session.as_deref(),
            with,
            rule: rule.as_deref(),
            reason: refused.map(|refused| refused.word),
            need: refused.and_then(|refused| refused.right),
            held: held.as_deref(),
            policy: refused.and_then(|refused| refused.policy).map(PolicyVersion::get),
        });
    }

    /// Tells the audit.
    pub(crate) fn noted(mut self, queue: &AuditQueue, uses: &FirstUses, response: &Response) {
        match self.sender {
            Sender::Unknown | Sender::Claimed(_, false) => return,
            Sender::Claimed(claimed, true) => {
                let note = self.access("auth.refused", NotedObject::Principal(claimed.principal));
                queue.note(AuditNote { token: claimed.token, who: None, ..note });
                return;
            }
            Sender::Proved { principal, credential, .. } => {
                let action = match credential {
                    Credential::None => "",
                    Credential::Token(_) => "token.first-use",
                    Credential::Password(_) => "password.first-use",
                    Credential::Session(..) => "session.first-use",
                };
                let from = Prefix::of(self.origin.address);
                if principal != PrincipalId::ANONYMOUS && uses.is_first((principal, credential), from) {
                    let note = self.access(action, NotedObject::Principal(Some(principal)));
                    queue.note(AuditNote { outcome: AuditOutcome::Done, reason: None, ..note });
                }
                // Who shows no credentials is told to show some: every client begins so.
                if principal != PrincipalId::ANONYMOUS && self.refused.is_some() {
                    queue.note(self.denial());
                }
            }
        }
        let whole_or_part = [StatusCode::OK, StatusCode::PARTIAL_CONTENT];
        if let Some(fetched) = self.fetched.take().filter(|fetched| fetched.is_told)
            && whole_or_part.contains(&response.status())
        {
            queue.note(self.fetch(fetched, response.body().left_bytes()));
        }
    }

    fn denial(&self) -> AuditNote {
        let refused = self.refused.as_ref();
        let note = self.access("access.denied", NotedObject::Node(refused.and_then(|refused| refused.right)));
        let place = refused.and_then(|refused| refused.node.clone()).map(NotedPlace::Asked);
        AuditNote { place: place.unwrap_or(NotedPlace::Nowhere), ..note }
    }

    fn fetch(&self, fetched: Fetched, bytes: Option<u64>) -> AuditNote {
        let name = &fetched.what.name;
        let object = NotedObject::Named { kind: name.kind.as_str(), name: name.to_string().into() };
        AuditNote {
            class: AuditClass::Transfer,
            outcome: AuditOutcome::Done,
            place: NotedPlace::In(fetched.from),
            bytes,
            policy_version: fetched.policy_version,
            ..self.access("package.fetch", object)
        }
    }

    /// A refusal.
    fn access(&self, action: &'static str, object: NotedObject) -> AuditNote {
        let (who, credential) = match self.sender {
            Sender::Proved { principal, credential, .. } => (Some(principal), credential),
            Sender::Unknown | Sender::Claimed(..) => (None, Credential::None),
        };
        let refused = self.refused.as_ref();
        AuditNote {
            action,
            class: AuditClass::Access,
            outcome: AuditOutcome::Refused,
            who: who.filter(|who| *who != PrincipalId::ANONYMOUS),
            token: credential.token(),
            session: credential.session(),
            origin: Arc::clone(&self.origin),
            operation: self.operation,
            place: NotedPlace::Nowhere,
            object,
            bytes: None,
            digest: None,
            reason: refused.map(|refused| refused.word),
            held: refused.and_then(|refused| refused.held),
            policy_version: refused.and_then(|refused| refused.policy).unwrap_or(NONE_DECIDED),
        }
    }
}

impl Refused {
    /// By whoever has this word for it; the matrix was not asked.
    const fn by(word: &'static str) -> Self {
        Self { word, policy: None, node: None, right: None, held: None }
    }
}

/// As the log has them: `read,publish`, and `-` for none.
fn words(held: Permissions) -> String {
    if held.is_empty() {
        return "-".to_owned();
    }
    held.iter().map(Permission::as_str).collect::<Vec<_>>().join(",")
}
