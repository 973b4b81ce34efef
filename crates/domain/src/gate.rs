use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::caller::{Caller, Credential, TokenLimits, Who};
use crate::client::Client;
use crate::id::{PolicyVersion, PrincipalId, RepositoryId, TokenId};
use crate::node::{Node, NodeName, Repository, ResolvedNode};
use crate::origin::Origin;
use crate::permission::{Permission, Permissions};
use crate::ports::{AccessObserver, CredentialCheck, Decided, Decision, Outcome, Policy};
use crate::rights::{Read, Right, RightKind};

mod acting;
mod holdings;
mod inquiry;
mod known;

pub use acting::{Acting, Prospect};
pub use inquiry::{Explained, Inquiry, Whose};
pub use known::{KnownProject, KnownProjects};

/// The one mint of proofs. Built once, in the wiring.
#[derive(Clone)]
pub struct Gate {
    ports: Arc<Ports>,
}

/// Whom the gate asks and tells.
struct Ports {
    policy: Arc<dyn Policy>,
    credentials: Arc<dyn CredentialCheck>,
    observer: Arc<dyn AccessObserver>,
}

/// One caller's way to the gate, for one request: what an operation asks a second question with.
#[derive(Clone)]
pub struct CallerGate {
    gate: Gate,
    caller: Caller,
    origin: Arc<Origin>,
}

/// Proof that the gate allowed `R` on a node. Carries the node, so that there is no other way to name one to storage.
/// Lives for one request: neither `Clone` nor `Default`, and nobody but the gate can build one.
///
/// ```compile_fail
/// fn twice(may: domain::Granted<domain::Read>) -> [domain::Granted<domain::Read>; 2] {
///     [may.clone(), may]
/// }
/// ```
/// ```compile_fail,E0451
/// fn forge(node: domain::Repository) -> domain::Granted<domain::Read> {
///     domain::Granted { node, held: domain::Permissions::ALL }
/// }
/// ```
/// A proof of one right is no proof of another, but where either reading or publishing is enough both will do:
///
/// ```compile_fail,E0308
/// fn publish(_: domain::Granted<domain::Publish>) {}
/// fn reader(may: domain::Granted<domain::Read>) { publish(may) }
/// ```
/// ```compile_fail,E0277
/// fn content<R: domain::Implies<domain::Read>>(_: &domain::Granted<R>) {}
/// fn publisher(may: &domain::Granted<domain::Publish>) { content(may) }
/// ```
/// ```
/// fn head<R: domain::Implies<domain::Probe>>(_: &domain::Granted<R>) {}
/// fn publisher(may: &domain::Granted<domain::Publish>) { head(may) }
/// fn reader(may: &domain::Granted<domain::Read>) { head(may) }
/// ```
#[must_use]
pub struct Granted<R: Right, N: Node = Repository> {
    node: N,
    held: Permissions,
    version: PolicyVersion,
    asked: CallerGate,
    right: PhantomData<fn() -> R>,
}

/// Asks again whether a right that was granted on a repository still is, for what takes long. Itself a proof of nothing.
#[derive(Clone)]
pub struct Watch {
    asked: CallerGate,
    node: Repository,
    right: RightKind,
}

/// Proof of the set of repositories a caller may read: for search, catalogue and mounts without a named source.
#[must_use]
pub struct Visible {
    readable: Vec<RepositoryId>,
    asked: CallerGate,
}

/// Proof that somebody acts on what is their own, such as their tokens.
#[must_use]
pub struct Own {
    asked: CallerGate,
}

/// Proof that the gateway itself acts: start-up, bootstrap, first-run set-up, maintenance. Minted in the wiring only.
#[must_use]
pub struct System {
    reason: &'static str,
}

/// The gate refused. Whether that becomes 401, 403 or 404 follows from these facts alone (docs/design.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    /// Whether credentials were verified, and still count.
    pub authenticated: bool,
    /// Whether the caller may know that the node exists.
    pub may_know: bool,
    /// What was asked.
    pub right: RightKind,
}

impl Gate {
    /// Builds the gate. The repository's own test allows one call outside tests, in the wiring.
    #[must_use]
    pub fn new(
        policy: Arc<dyn Policy>,
        credentials: Arc<dyn CredentialCheck>,
        observer: Arc<dyn AccessObserver>,
    ) -> Self {
        Self { ports: Arc::new(Ports { policy, credentials, observer }) }
    }

    /// Asks the policy and tells the observer. The only mint of [`Granted`].
    ///
    /// # Errors
    /// `Denied` if the matrix does not allow it or there is no such node: the two look the same.
    pub fn check<R: Right, N: Node>(
        &self,
        caller: &Caller,
        origin: &Arc<Origin>,
        name: N::Name<'_>,
    ) -> Result<Granted<R, N>, Denied> {
        let name: NodeName<'_> = name.into();
        let Decision { outcome, version } = self.ports.policy.decide(caller, name, R::KIND);
        let (granted, may_know) = match outcome {
            Outcome::Allowed { node, held } => (N::from_resolved(node).map(|node| (node, held)), false),
            Outcome::Refused { may_know } => (None, may_know),
        };
        self.tell(caller, origin, (name, R::KIND), (granted.is_some(), version));
        let Some((node, held)) = granted else {
            return Err(Denied { authenticated: caller.is_authenticated(), may_know, right: R::KIND });
        };
        let asked = self.for_caller(caller.clone(), Arc::clone(origin));
        Ok(Granted { node, held, version, asked, right: PhantomData })
    }

    /// The repositories this caller may read.
    pub fn readable(&self, caller: &Caller, origin: &Arc<Origin>) -> Visible {
        let (readable, _) = self.ports.policy.readable(caller);
        Visible { readable, asked: self.for_caller(caller.clone(), Arc::clone(origin)) }
    }

    /// What is the caller's own: persons only. An application's tokens belong to who manages it (docs/access.md 2.7), so
    /// that a leaked build token cannot make itself a sibling.
    ///
    /// # Errors
    /// `Denied` for anonymous callers and applications.
    pub fn own(&self, caller: &Caller, origin: &Arc<Origin>) -> Result<Own, Denied> {
        match caller.who() {
            Who::Principal(_, kind) if kind.is_person() => {
                Ok(Own { asked: self.for_caller(caller.clone(), Arc::clone(origin)) })
            }
            Who::Principal(..) | Who::Anonymous => Err(Denied {
                authenticated: caller.is_authenticated(),
                may_know: false,
                right: RightKind::Permission(Permission::DirectoryManage),
            }),
        }
    }

    /// Binds the gate to one caller and request.
    #[must_use]
    pub fn for_caller(&self, caller: Caller, origin: Arc<Origin>) -> CallerGate {
        CallerGate { gate: self.clone(), caller, origin }
    }

    fn tell(
        &self,
        caller: &Caller,
        origin: &Origin,
        (node, right): (NodeName<'_>, RightKind),
        (allowed, version): (bool, PolicyVersion),
    ) {
        let (who, token) = (caller.who(), caller.token());
        self.ports.observer.decided(&Decided { who, token, origin, node, right, allowed, version });
    }
}

impl CallerGate {
    /// As [`Gate::check`].
    ///
    /// # Errors
    /// As [`Gate::check`].
    pub fn check<R: Right, N: Node>(&self, name: N::Name<'_>) -> Result<Granted<R, N>, Denied> {
        self.gate.check(&self.caller, &self.origin, name)
    }

    /// A second right on the node of a proof already held, such as Overwrite beside Publish: both are about the same,
    /// never-reused node, or there is no second proof.
    pub fn also<R: Right>(&self, with: &Granted<impl Right>) -> Option<Granted<R>> {
        self.second(with).ok()
    }

    /// As [`Self::also`], where nothing is done without it.
    ///
    /// # Errors
    /// As [`Gate::check`]; where another node has the name by now, as for one that is not there.
    pub fn second<R: Right>(&self, with: &Granted<impl Right>) -> Result<Granted<R>, Denied> {
        let second: Granted<R> = self.check(with.node().path())?;
        if second.node().id() == with.node().id() {
            return Ok(second);
        }
        let authenticated = self.caller.is_authenticated();
        Err(Denied { authenticated, may_know: false, right: R::KIND })
    }

    /// As [`Gate::readable`].
    pub fn readable(&self) -> Visible {
        self.gate.readable(&self.caller, &self.origin)
    }

    /// As [`Gate::own`].
    ///
    /// # Errors
    /// As [`Gate::own`].
    pub fn own(&self) -> Result<Own, Denied> {
        self.gate.own(&self.caller, &self.origin)
    }

    /// Who is calling.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// From where.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Who is charged for what the request makes us hold.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::of(&self.caller, &self.origin)
    }

    /// Whether the same credential would be let in again, and would be granted this on this very node.
    fn recheck(&self, node: &Repository, right: RightKind) -> Result<(), Denied> {
        let Some(caller) = self.gate.ports.credentials.again(&self.caller) else {
            return Err(Denied { authenticated: false, may_know: false, right });
        };
        let name = NodeName::Repository(node.path());
        let Decision { outcome, version } = self.gate.ports.policy.decide(&caller, name, right);
        let (allowed, may_know) = match outcome {
            // Ids are never used again: what was made anew under the name is something else.
            Outcome::Allowed { node: ResolvedNode::Repository(found), .. } => {
                (found.id() == node.id(), false)
            }
            Outcome::Allowed { .. } => (false, false),
            Outcome::Refused { may_know } => (false, may_know),
        };
        self.gate.tell(&caller, &self.origin, (name, right), (allowed, version));
        if allowed {
            Ok(())
        } else {
            Err(Denied { authenticated: caller.is_authenticated(), may_know, right })
        }
    }
}

impl<R: Right, N: Node> Granted<R, N> {
    /// The node the right was granted on.
    #[must_use]
    pub const fn node(&self) -> &N {
        &self.node
    }

    /// Everything the caller may do there through the credential presented: nobody gives what they do not hold.
    #[must_use]
    pub const fn held(&self) -> Permissions {
        self.held
    }

    /// The version of the matrix that decided.
    #[must_use]
    pub const fn version(&self) -> PolicyVersion {
        self.version
    }

    /// Who acts; the anonymous principal if nobody in particular.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        self.asked.caller.principal()
    }

    /// The permanent token presented.
    #[must_use]
    pub const fn token(&self) -> Option<TokenId> {
        self.asked.caller.token()
    }

    /// What was presented.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.asked.caller.credential()
    }

    /// Who is charged for what the request makes us hold.
    #[must_use]
    pub fn client(&self) -> Client {
        self.asked.client()
    }

    /// What the presented token is limited to: a token made with it can be limited no less.
    #[must_use]
    pub const fn limits(&self) -> &TokenLimits {
        self.asked.caller.limits()
    }

    /// From where.
    #[must_use]
    pub const fn origin(&self) -> &Arc<Origin> {
        &self.asked.origin
    }
}

impl<R: Right> Granted<R> {
    /// Asks again, credential and right, whether the proof would be given now: what follows may come long after it was.
    ///
    /// # Errors
    /// `Denied`, without `authenticated` if the credential does not count any more: revoked, expired, its owner suspended, its
    /// password changed.
    pub fn recheck(&self) -> Result<(), Denied> {
        self.asked.recheck(&self.node, R::KIND)
    }

    /// For asking again where the proof itself cannot go.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch { asked: self.asked.clone(), node: self.node.clone(), right: R::KIND }
    }

    /// As [`Self::watch`], where nothing needs the proof any more.
    #[must_use]
    pub fn into_watch(self) -> Watch {
        Watch { asked: self.asked, node: self.node, right: R::KIND }
    }
}

impl Watch {
    /// As [`Granted::recheck`].
    ///
    /// # Errors
    /// As there.
    pub fn recheck(&self) -> Result<(), Denied> {
        self.asked.recheck(&self.node, self.right)
    }

    /// Who is charged for what the request makes us hold.
    #[must_use]
    pub fn client(&self) -> Client {
        self.asked.client()
    }
}

impl Visible {
    /// Ascending by id.
    #[must_use]
    pub fn repositories(&self) -> &[RepositoryId] {
        &self.readable
    }

    /// Whether this repository is among them.
    #[must_use]
    pub fn contains(&self, repository: RepositoryId) -> bool {
        self.readable.binary_search(&repository).is_ok()
    }

    /// Who asks.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        self.asked.caller.principal()
    }

    /// Who is charged for what the request makes us hold.
    #[must_use]
    pub fn client(&self) -> Client {
        self.asked.client()
    }
}

impl Own {
    /// Whose own.
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

    /// The permanent token presented.
    #[must_use]
    pub const fn token(&self) -> Option<TokenId> {
        self.asked.caller.token()
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

impl System {
    /// Mints the proof for one purpose, which the audit shows. The repository's own test allows it in the wiring only.
    pub const fn mint(reason: &'static str) -> Self {
        Self { reason }
    }

    /// What for.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

impl Granted<Read> {
    /// Gives the weaker proof, for verbs that serve readers and publishers alike.
    pub fn probe(self) -> Granted<crate::rights::Probe> {
        Granted {
            node: self.node,
            held: self.held,
            version: self.version,
            asked: self.asked,
            right: PhantomData,
        }
    }
}

impl<R: Right, N: Node + fmt::Debug> fmt::Debug for Granted<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Granted<{}>({:?})", R::KIND.as_str(), self.node)
    }
}

#[cfg(test)]
mod tests;
