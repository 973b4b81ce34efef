use std::sync::{Arc, PoisonError, RwLock};

use domain::{
    BoxFuture, Caller, Decision, Effect, Holding, Holdings, NodeId, NodeName, Organisation, Outcome,
    Permissions, Policy, PolicyChange, PolicyFacts, PolicyVersion, Preview, PrincipalId, Project, Repository,
    RepositoryId, ResolvedNode, RightKind, Timestamp,
};

/// Resolves names by the stored rows and allows everything there, as if these permissions were held.
pub(super) struct AllowAll(pub(super) RwLock<Allowed>);

/// What the suite's gate and matrix say.
pub(super) struct Allowed {
    pub(super) facts: PolicyFacts,
    /// What every proof says is held.
    pub(super) held: Permissions,
    /// What everybody holds everywhere, and until when, for what is given away.
    pub(super) lasting: Vec<(Permissions, Option<Timestamp>)>,
    /// The version that says so.
    pub(super) lasting_version: PolicyVersion,
}

impl Allowed {
    /// The suite's gate is never behind; a story about one that is asks for it.
    pub(super) const NEVER_BEHIND: PolicyVersion = PolicyVersion::new(u64::MAX);

    pub(super) fn everything(facts: PolicyFacts, held: Permissions) -> Self {
        let lasting = vec![(Permissions::ALL, None)];
        Self { facts, held, lasting, lasting_version: Self::NEVER_BEHIND }
    }

    fn holding(&self, counts: impl Fn(Option<Timestamp>) -> bool) -> Holding {
        let counted = self.lasting.iter().filter(|(_, until)| counts(*until));
        let permissions = counted.fold(Permissions::NONE, |sum, (some, _)| sum.union(*some));
        Holding { permissions, version: self.lasting_version }
    }
}

impl Policy for AllowAll {
    fn decide(&self, _: &Caller, node: NodeName<'_>, _: RightKind) -> Decision {
        let Allowed { facts, held, .. } = &*self.0.read().unwrap_or_else(PoisonError::into_inner);
        let node = match node {
            NodeName::Organisation => Some(ResolvedNode::Organisation(Organisation)),
            NodeName::Project(key) => facts
                .projects
                .iter()
                .find(|project| project.key == *key)
                .map(|project| ResolvedNode::Project(Project::new(project.id, Arc::new(key.clone())))),
            NodeName::Repository(path) => {
                facts.repositories.iter().find(|fact| fact.path == *path).map(|fact| {
                    let path = Arc::new(path.clone());
                    ResolvedNode::Repository(Repository::new(
                        fact.id,
                        fact.project,
                        fact.format,
                        fact.mode,
                        path,
                    ))
                })
            }
        };
        let outcome = match node {
            Some(node) => Outcome::Allowed { node, held: *held },
            None => Outcome::Refused { may_know: false },
        };
        Decision { outcome, version: facts.version }
    }

    fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        let Allowed { facts, held, .. } = &*self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = |fact: &domain::ProjectFact| (Project::new(fact.id, Arc::new(fact.key.clone())), *held);
        (facts.projects.iter().map(known).collect(), facts.version)
    }

    fn readable(&self, _: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        let Allowed { facts, .. } = &*self.0.read().unwrap_or_else(PoisonError::into_inner);
        (facts.repositories.iter().map(|fact| fact.id).collect(), facts.version)
    }
}

impl Holdings for AllowAll {
    fn somewhere(&self, _: PrincipalId, node: NodeName<'_>) -> Holding {
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_there = match node {
            NodeName::Organisation => true,
            NodeName::Project(key) => allowed.facts.projects.iter().any(|project| project.key == *key),
            NodeName::Repository(path) => allowed.facts.repositories.iter().any(|fact| fact.path == *path),
        };
        allowed.holding(|_| is_there)
    }

    fn lasting<'a>(
        &'a self,
        caller: &'a Caller,
        node: NodeId,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, Holding> {
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let held = allowed.holding(|end| end.is_none() || until.is_some() && end >= until);
        let permissions = held.permissions.intersection(caller.limits().allowed_on(&[node]));
        Box::pin(std::future::ready(Holding { permissions, ..held }))
    }

    fn preview(&self, _: PolicyFacts) -> Box<dyn Preview> {
        Box::new(Everything)
    }
}

/// A matrix in which everybody holds everything.
struct Everything;

impl Preview for Everything {
    fn held(&self, _: &Caller, _: NodeId) -> Permissions {
        Permissions::ALL
    }

    fn lasting(&self, _: &Caller, _: NodeId, _: Option<Timestamp>) -> Permissions {
        Permissions::ALL
    }

    fn change(&mut self, _: Vec<PolicyChange>) {}

    fn would_hold(&self, _: PrincipalId, _: NodeId) -> Permissions {
        Permissions::ALL
    }

    fn effects(&self, _: usize) -> (Vec<Effect>, bool) {
        (Vec::new(), false)
    }
}
