//! Who may be told what of somebody's rights at a node (docs/api.md 7): of oneself always, of others who administers access there
//! or sees the directory. Of a node that whoever asks may not know nothing is said, and the same of one that is not there.

use std::net::IpAddr;

use super::{CallerGate, Denied};
use crate::caller::TokenLimits;
use crate::explanation::{Explanation, Reason, Verdict};
use crate::id::{NodeId, PrincipalId, TokenId};
use crate::node::{NodeName, ResolvedNode};
use crate::page::Limit;
use crate::permission::{Permission, Permissions};
use crate::ports::{Holders, Outcome, WouldBe};
use crate::rights::RightKind;

/// Proof that somebody may ask about rights at a node, and about whom.
#[must_use]
pub struct Inquiry<'n> {
    on: NodeName<'n>,
    asked: CallerGate,
    others: bool,
    directory: bool,
    /// From where, if not from where the question comes.
    elsewhere: Option<IpAddr>,
}

/// With what credential somebody would act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// With the one presented.
    Presented,
    /// With this token of theirs, or without any.
    Somebody(PrincipalId, Option<TokenId>),
}

/// An explanation, and about whom it is.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Who.
    pub principal: PrincipalId,
    /// With which token.
    pub token: Option<TokenId>,
    /// What that is limited to.
    pub limits: TokenLimits,
    /// Whether they may, and why. A credential that does not count comes before everything else.
    pub explanation: Explanation,
}

impl CallerGate {
    /// About whom the caller may ask at a node, whether it is there or not.
    ///
    /// # Errors
    /// `Denied` for anonymous callers.
    pub fn inquiry<'n>(&self, on: impl Into<NodeName<'n>>) -> Result<Inquiry<'n>, Denied> {
        if !self.caller.is_authenticated() {
            return Err(self.refused());
        }
        let on = on.into();
        let directory = self.holds(NodeName::Organisation, Permission::DirectoryView);
        let others = directory || self.holds(on, Permission::AccessManage);
        Ok(Inquiry { on, asked: self.clone(), others, directory, elsewhere: None })
    }

    /// Why the gate refused and what is held instead, for log and audit: never for the answer, which tells nobody what is not theirs to know.
    #[must_use]
    pub fn why(&self, node: NodeName<'_>, right: RightKind) -> Verdict {
        self.gate.ports.policy.verdict(&self.caller, node, right)
    }

    fn holds(&self, name: NodeName<'_>, permission: Permission) -> bool {
        let decision = self.gate.ports.policy.decide(&self.caller, name, RightKind::Permission(permission));
        matches!(decision.outcome, Outcome::Allowed { .. })
    }

    const fn refused(&self) -> Denied {
        let right = RightKind::Permission(Permission::AccessManage);
        Denied { authenticated: self.caller.is_authenticated(), may_know: false, right }
    }
}

impl Inquiry<'_> {
    /// The same about what would be done from this address.
    pub const fn from_address(mut self, address: IpAddr) -> Self {
        self.elsewhere = Some(address);
        self
    }

    /// From where: what was given, else where the question comes from.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.elsewhere.or_else(|| self.asked.origin().address)
    }

    /// Who asks.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        self.asked.caller.principal()
    }

    /// Whether others may be asked about.
    #[must_use]
    pub const fn about_others(&self) -> bool {
        self.others
    }

    /// Whether teams may be told of beyond what was granted there.
    #[must_use]
    pub const fn sees_directory(&self) -> bool {
        self.directory
    }

    /// The refusal of a question about others.
    #[must_use]
    pub const fn refused(&self) -> Denied {
        self.asked.refused()
    }

    /// Whether the caller could grant this at the node.
    #[must_use]
    pub fn could_grant(&self, permission: Permission) -> bool {
        let given = Permissions::of(&[permission]).closed();
        let right = RightKind::Permission(Permission::AccessManage);
        match self.asked.gate.ports.policy.decide(&self.asked.caller, self.on, right).outcome {
            Outcome::Allowed { held, .. } => held.contains_all(given),
            Outcome::Refused { .. } => false,
        }
    }

    /// Why somebody may or may not do something at the node; `None` where nobody is called so, or the token is not theirs.
    ///
    /// # Errors
    /// `Denied` for a question about others that the caller may not ask.
    pub async fn explain(&self, whose: Whose, right: RightKind) -> Result<Option<Explained>, Denied> {
        let Some(WouldBe { caller, refused }) = self.would_be(whose)? else { return Ok(None) };
        let policy = &self.asked.gate.ports.policy;
        let mut explanation = policy.explain(&caller, self.on, right).await;
        if !self.knows(self.on).await {
            explanation = Explanation::nothing_known(explanation.version);
        } else if let Some(reason) = refused.filter(|_| explanation.reason != Reason::NothingKnown) {
            explanation = Explanation { allowed: false, reason, ..explanation };
        }
        let limits = caller.limits().clone();
        Ok(Some(Explained { principal: caller.principal(), token: caller.token(), limits, explanation }))
    }

    /// The nodes at the one asked about, and in it if `below`, where somebody may do something, ascending by name, after `after`:
    /// those that the caller may know.
    ///
    /// # Errors
    /// As [`Self::explain`], and `None` as there.
    pub async fn rights(
        &self,
        whose: Whose,
        (after, limit): (Option<&str>, Limit),
        below: bool,
    ) -> Result<Option<Vec<(ResolvedNode, Explanation)>>, Denied> {
        let Some(WouldBe { caller, .. }) = self.would_be(whose)? else { return Ok(None) };
        let policy = &self.asked.gate.ports.policy;
        let mut rights = Vec::new();
        let mut last = after.map(str::to_owned);
        let wanted = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
        loop {
            let (held, _) = policy.held_within(&caller, self.on, last.as_deref(), limit);
            let ended = held.len() < wanted;
            for (node, _) in held {
                let written = node.written();
                last = Some(written.to_string());
                let is_meant = below || written.name() == self.on;
                if is_meant && rights.len() < wanted && self.knows(written.name()).await {
                    let explanation = policy.explain(&caller, written.name(), RightKind::Probe).await;
                    rights.push((node, explanation));
                }
            }
            if ended || rights.len() == wanted || !below {
                return Ok(Some(rights));
            }
        }
    }

    /// Who may do any of these at a node, by rights of their own, ascending by id, after `after`.
    ///
    /// # Errors
    /// `Denied` if the caller may not ask about others.
    pub fn holders(
        &self,
        node: NodeId,
        any_of: Permissions,
        after: PrincipalId,
        limit: Limit,
    ) -> Result<Holders, Denied> {
        if !self.others {
            return Err(self.refused());
        }
        Ok(self.asked.gate.ports.policy.holders(node, any_of, after, limit))
    }

    fn would_be(&self, whose: Whose) -> Result<Option<WouldBe>, Denied> {
        let own = &self.asked.caller;
        let (principal, token) = match whose {
            Whose::Presented => (own.principal(), own.token()),
            Whose::Somebody(principal, token) => (principal, token),
        };
        let is_own = principal == own.principal();
        // A limited credential knows no other of its owner.
        let credentials = &self.asked.gate.ports.credentials;
        if is_own && (token.is_none() || token == own.token()) {
            // It was just let in, but from elsewhere it may not be.
            let elsewhere = self.elsewhere.map(Some);
            let would_be = elsewhere.and_then(|from| credentials.would_be(principal, own.token(), from));
            let refused = would_be.and_then(|would_be| would_be.refused);
            return Ok(Some(WouldBe { caller: own.clone(), refused }));
        }
        let may_ask = match token {
            None => self.others,
            Some(_) => self.directory || is_own && *own.limits() == TokenLimits::Full,
        };
        if !may_ask {
            return Err(self.refused());
        }
        Ok(credentials.would_be(principal, token, self.address()))
    }

    /// Whether the caller may know a node.
    async fn knows(&self, on: NodeName<'_>) -> bool {
        if on == NodeName::Organisation {
            return true;
        }
        let policy = &self.asked.gate.ports.policy;
        if !policy.explain(&self.asked.caller, on, RightKind::Probe).await.held.is_empty() {
            return true;
        }
        match on {
            NodeName::Project(key) => {
                policy.known_projects(&self.asked.caller).0.iter().any(|(project, _)| project.key() == key)
            }
            NodeName::Organisation | NodeName::Repository(_) => false,
        }
    }
}
