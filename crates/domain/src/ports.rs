use std::net::IpAddr;
use std::pin::Pin;

use crate::caller::{Caller, Who};
use crate::clock::Timestamp;
use crate::explanation::{Explanation, Reason, Verdict};
use crate::facts::{Changes, Followed, PolicyChange, PolicyFacts};
use crate::id::{NodeId, PolicyPoint, PolicyVersion, PrincipalId, RepositoryId, SubjectId, TokenId};
use crate::node::{NodeName, Project, ResolvedNode};
use crate::origin::Origin;
use crate::page::Limit;
use crate::permission::Permissions;
use crate::rights::RightKind;

/// A boxed future, for the few ports that wait.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Decides. Implemented once, by the permission cache: wait-free, without I/O, allocation or lock on the way to a decision.
pub trait Policy: Holdings {
    /// May this caller do this there?
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision;

    /// The repositories the caller may read, ascending by id, with the version that says so.
    fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion);

    /// The projects the caller takes part in, or may read something in, ascending by id, each with what the caller may do in it
    /// as a whole, and the version that says so. Walks all nodes: for administration.
    fn known_projects(&self, caller: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion);
}

/// Says what somebody holds, for what is to be given away, and why. As [`Policy`], by the permission cache, but off the way of
/// requests.
pub trait Holdings: Send + Sync + 'static {
    /// What a principal may do at a node or somewhere in it, whatever token it presents; nothing where there is no such node.
    fn somewhere(&self, principal: PrincipalId, node: NodeName<'_>) -> Holding;

    /// What the caller may do at a node through its credential without a break until that moment, or for ever: as the grants
    /// are now, and time goes on.
    fn lasting<'a>(
        &'a self,
        caller: &'a Caller,
        node: NodeId,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, Holding>;

    /// The matrix as these facts make it now. Compiles all of it: off the threads that serve requests.
    fn preview(&self, facts: PolicyFacts) -> Box<dyn Preview>;

    /// The decision about this caller there, with what led to it. What keeps no record of that knows nothing.
    fn explain<'a>(
        &'a self,
        _caller: &'a Caller,
        _node: NodeName<'a>,
        _right: RightKind,
    ) -> BoxFuture<'a, Explanation> {
        Box::pin(std::future::ready(Explanation::nothing_known(PolicyVersion::default())))
    }

    /// Why this very decision would be as it is, which is the first stage that leaves nothing of the right, and what is held instead.
    /// At once, and without the grants behind it; what keeps no record of its decisions knows nothing.
    fn verdict(&self, _caller: &Caller, _node: NodeName<'_>, _right: RightKind) -> Verdict {
        Verdict::nothing_known(PolicyVersion::default())
    }

    /// The nodes where the caller may do something, at a node and in it, ascending by name: those after `after`, at most `limit`,
    /// and the version that says so. Walks all nodes: for administration.
    fn held_within(
        &self,
        _caller: &Caller,
        _node: NodeName<'_>,
        _after: Option<&str>,
        _limit: Limit,
    ) -> (Vec<(ResolvedNode, Permissions)>, PolicyVersion) {
        (Vec::new(), PolicyVersion::default())
    }

    /// Who may do any of these there by their own rights, ascending by id: those after `after`, at most `limit`; what everybody may
    /// do, and the version that says so. Walks all principals: for administration.
    fn holders(&self, _node: NodeId, _any_of: Permissions, _after: PrincipalId, _limit: Limit) -> Holders {
        Holders::default()
    }
}

/// A matrix that is in force nowhere: as some facts make it, and as changes to them would.
pub trait Preview: Send + 'static {
    /// What a caller holds at a node through its credential, before any change.
    fn held(&self, caller: &Caller, node: NodeId) -> Permissions;

    /// The same without a break until that moment, or for ever. Before any change.
    fn lasting(&self, caller: &Caller, node: NodeId, until: Option<Timestamp>) -> Permissions;

    /// Takes changes in; at most once.
    fn change(&mut self, changes: Vec<PolicyChange>);

    /// What a principal, be it the anonymous one, holds at a node after the changes, whatever token it presents.
    fn would_hold(&self, principal: PrincipalId, node: NodeId) -> Permissions;

    /// Who gains or loses what by the changes, at most `limit`, and whether there is more. What follows from another one, in what lies
    /// in its node or for the members of its computed team, is left out.
    fn effects(&self, limit: usize) -> (Vec<Effect>, bool);
}

/// A matrix in which nobody holds anything: what doubles of [`Holdings`] compile.
impl Preview for () {
    fn held(&self, _: &Caller, _: NodeId) -> Permissions {
        Permissions::NONE
    }

    fn lasting(&self, _: &Caller, _: NodeId, _: Option<Timestamp>) -> Permissions {
        Permissions::NONE
    }

    fn change(&mut self, _: Vec<PolicyChange>) {}

    fn would_hold(&self, _: PrincipalId, _: NodeId) -> Permissions {
        Permissions::NONE
    }

    fn effects(&self, _: usize) -> (Vec<Effect>, bool) {
        (Vec::new(), false)
    }
}

/// What somebody gains or loses by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// A principal, or the computed team `anyone`, `everyone` or `org-members`.
    pub who: SubjectId,
    /// There and below.
    pub node: NodeId,
    /// What is new.
    pub gains: Permissions,
    /// What is gone.
    pub loses: Permissions,
}

/// Who may do something at a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// Ascending by id, each with all that they may do there.
    pub each: Vec<(PrincipalId, Permissions)>,
    /// What everybody may do there, logged in or not.
    pub anyone: Permissions,
    /// The version that says so.
    pub version: PolicyVersion,
}

/// What somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// With their closure.
    pub permissions: Permissions,
    /// The version of the matrix that says so.
    pub version: PolicyVersion,
}

/// Looks again at the credential behind a caller. Implemented once, by `auth`: without waiting or I/O.
pub trait CredentialCheck: Send + Sync + 'static {
    /// The caller as the same credential gives it now; `None` if it does not count any more. A bearer counts as long as what is
    /// behind it: its own end bounds when it may be presented, not what was begun with it.
    fn again(&self, caller: &Caller) -> Option<Caller>;

    /// Whom somebody would be with a token of theirs, or without any, at that address; `None` for whom it does not know, and for a
    /// token that is not theirs. Nothing is proved by that: it is what may be asked about, never who asks.
    fn would_be(
        &self,
        _principal: PrincipalId,
        _token: Option<TokenId>,
        _from: Option<IpAddr>,
    ) -> Option<WouldBe> {
        None
    }
}

/// Whom somebody would be with a credential, if it counts or not.
#[derive(Debug, Clone)]
pub struct WouldBe {
    /// The caller they would be.
    pub caller: Caller,
    /// Why the credential does not count, if it does not.
    pub refused: Option<Reason>,
}

/// The policy's answer.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Yes or no.
    pub outcome: Outcome,
    /// The version of the matrix that decided.
    pub version: PolicyVersion,
}

/// Yes or no.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Allowed, on this node.
    Allowed {
        /// The node, resolved by the version that decided.
        node: ResolvedNode,
        /// Everything the caller may do there through this very credential: whoever grants must hold what is granted.
        held: Permissions,
    },
    /// Refused.
    Refused {
        /// Whether the caller holds Probe there and so may know that it exists.
        may_know: bool,
    },
}

/// Something that follows the order of access changes. A change is in force once `refresh_to` returned (docs/design.md 5, rule 4).
pub trait PolicyFeed: Send + Sync + 'static {
    /// What is in force.
    fn point(&self) -> PolicyPoint;

    /// Brings at least this point into force, whatever history was followed before.
    fn refresh_to(&self, point: PolicyPoint) -> BoxFuture<'_, Result<(), SourceError>>;

    /// Brings into force whatever the source tells now, also without a new version: what was taken away and is not stored yet.
    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>>;
}

/// Where somebody who follows access changes gets the facts: the permission cache, and `auth`.
pub trait FactSource<F: Followed>: Send + Sync + 'static {
    /// Everything, at one point.
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, F), SourceError>>;

    /// What changed after `point`, and what was taken away and is not stored yet, at whatever point.
    fn changes_since(&self, point: PolicyPoint) -> BoxFuture<'_, Result<Changes<F::Change>, SourceError>>;
}

/// Told of every decision; for metrics and audit. Must not block.
pub trait AccessObserver: Send + Sync + 'static {
    /// A decision was made.
    fn decided(&self, decided: &Decided<'_>);
}

/// A decision, as told to the observer.
#[derive(Debug)]
pub struct Decided<'a> {
    /// Who asked.
    pub who: Who,
    /// The token that was presented.
    pub token: Option<TokenId>,
    /// From where.
    pub origin: &'a Origin,
    /// On what.
    pub node: NodeName<'a>,
    /// For what.
    pub right: RightKind,
    /// The answer.
    pub allowed: bool,
    /// The version that decided.
    pub version: PolicyVersion,
}

/// A source of facts could not answer. The detail is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the access data could not be read")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
