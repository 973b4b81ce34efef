use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::caller::PrincipalKind;
use crate::clock::Timestamp;
use crate::id::{NodeId, ProjectId};
use crate::name::{Format, Mode, RepositoryPath};
use crate::node::{Project, ResolvedNode};
use crate::origin::RequestId;
use crate::ports::{BoxFuture, Holding, Holdings};
use crate::rights::{Overwrite, Publish};

/// Allows what its masks say, on a repository whose id grows with every answer if it is `restless`.
struct Fixed {
    held: Permissions,
    restless: bool,
    asked: Mutex<u32>,
}

/// Lets everybody in again until it is told not to.
#[derive(Default)]
struct Withdrawn(AtomicBool);

impl CredentialCheck for Withdrawn {
    fn again(&self, caller: &Caller) -> Option<Caller> {
        (!self.0.load(Ordering::Relaxed)).then(|| caller.clone())
    }
}

impl Policy for Fixed {
    fn decide(&self, _: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        let NodeName::Repository(path) = node else { panic!("only repositories are asked for here") };
        let mut asked = self.asked.lock().unwrap();
        *asked += u32::from(self.restless);
        let id = RepositoryId::new(100 + *asked);
        let node = ResolvedNode::Repository(Repository::new(
            id,
            ProjectId::new(16),
            Format::new("oci"),
            Mode::Hosted,
            Arc::new(path.clone()),
        ));
        let outcome = if self.held.intersects(right.any_of()) {
            Outcome::Allowed { node, held: self.held }
        } else {
            Outcome::Refused { may_know: self.held.contains(Permission::Read) }
        };
        Decision { outcome, version: PolicyVersion::new(7) }
    }

    fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }

    fn readable(&self, _: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        (vec![RepositoryId::new(17), RepositoryId::new(40)], PolicyVersion::new(7))
    }
}

impl Holdings for Fixed {
    fn somewhere(&self, _: PrincipalId, _: NodeName<'_>) -> Holding {
        Holding { permissions: self.held, version: PolicyVersion::new(7) }
    }

    fn lasting<'a>(&'a self, _: &'a Caller, _: NodeId, _: Option<Timestamp>) -> BoxFuture<'a, Holding> {
        Box::pin(std::future::ready(Holding { permissions: self.held, version: PolicyVersion::new(7) }))
    }

    fn preview(&self, _: crate::facts::PolicyFacts) -> Box<dyn crate::ports::Preview> {
        Box::new(())
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<(RightKind, bool)>>);

impl AccessObserver for Heard {
    fn decided(&self, decided: &Decided<'_>) {
        self.0.lock().unwrap().push((decided.right, decided.allowed));
    }
}

fn gate(held: &[Permission], restless: bool) -> (CallerGate, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let policy = Fixed { held: Permissions::of(held), restless, asked: Mutex::new(0) };
    let gate = Gate::new(Arc::new(policy), Arc::default() as Arc<Withdrawn>, Arc::clone(&heard) as _);
    let caller = Caller::assertion(PrincipalId::new(20), PrincipalKind::Member, None, TokenLimits::Full);
    let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
    (gate.for_caller(caller, origin), heard)
}

fn path() -> RepositoryPath {
    RepositoryPath::parse("alpha/images").unwrap()
}

#[test]
fn a_proof_carries_its_node_and_the_observer_hears_both_answers() {
    let (gate, heard) = gate(&[Permission::Read], false);
    let may = gate.check::<Read, Repository>(&path()).unwrap();
    assert_eq!(
        (may.node().id(), may.principal(), may.version().get()),
        (RepositoryId::new(100), PrincipalId::new(20), 7)
    );
    let denied = gate.check::<Publish, Repository>(&path()).unwrap_err();
    assert!(denied.authenticated && denied.may_know);
    assert_eq!(
        *heard.0.lock().unwrap(),
        [
            (RightKind::Permission(Permission::Read), true),
            (RightKind::Permission(Permission::Publish), false)
        ]
    );
}

#[test]
fn a_second_right_is_about_the_same_node_or_there_is_none() {
    let both = [Permission::Publish, Permission::Overwrite];
    let (steady, _) = gate(&both, false);
    let may = steady.check::<Publish, Repository>(&path()).unwrap();
    assert!(steady.also::<Overwrite>(&may).is_some());
    let (recreated_between, _) = gate(&both, true);
    let may = recreated_between.check::<Publish, Repository>(&path()).unwrap();
    assert!(recreated_between.also::<Overwrite>(&may).is_none());
}

#[test]
fn only_persons_own_something() {
    let (gate, _) = gate(&[], false);
    let own = |who| gate.gate.own(&who, &gate.origin).map(|own| own.principal());
    let application =
        Caller::assertion(PrincipalId::new(9), PrincipalKind::Application, None, TokenLimits::Full);
    let guest = Caller::assertion(PrincipalId::new(8), PrincipalKind::Guest, None, TokenLimits::Full);
    assert!(own(application).unwrap_err().authenticated);
    assert!(!own(Caller::anonymous()).unwrap_err().authenticated);
    assert_eq!(own(guest).unwrap(), PrincipalId::new(8));
}

#[test]
fn visible_finds_by_id() {
    let (gate, _) = gate(&[], false);
    let visible = gate.readable();
    assert!(visible.contains(RepositoryId::new(40)) && !visible.contains(RepositoryId::new(41)));
}

/// A gate whose right and credential can be withdrawn.
fn withdrawable(restless: bool) -> (CallerGate, Arc<Withdrawn>, Arc<Withdrawn>) {
    struct Right(Fixed, Arc<Withdrawn>);
    impl Policy for Right {
        fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
            let decision = self.0.decide(caller, node, right);
            match self.1.0.load(Ordering::Relaxed) {
                false => decision,
                true => Decision { outcome: Outcome::Refused { may_know: true }, ..decision },
            }
        }

        fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
            (Vec::new(), PolicyVersion::new(1))
        }

        fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
            self.0.readable(caller)
        }
    }
    impl Holdings for Right {
        fn somewhere(&self, principal: PrincipalId, node: NodeName<'_>) -> Holding {
            self.0.somewhere(principal, node)
        }

        fn lasting<'a>(
            &'a self,
            caller: &'a Caller,
            node: NodeId,
            until: Option<Timestamp>,
        ) -> BoxFuture<'a, Holding> {
            self.0.lasting(caller, node, until)
        }

        fn preview(&self, _: crate::facts::PolicyFacts) -> Box<dyn crate::ports::Preview> {
            Box::new(())
        }
    }
    let (right, credential) = (Arc::new(Withdrawn::default()), Arc::new(Withdrawn::default()));
    let held = Permissions::of(&[Permission::Publish]);
    let policy = Right(Fixed { held, restless, asked: Mutex::new(0) }, Arc::clone(&right));
    let gate = Gate::new(Arc::new(policy), Arc::clone(&credential) as _, Arc::new(Heard::default()));
    let caller = Caller::assertion(PrincipalId::new(20), PrincipalKind::Member, None, TokenLimits::Full);
    let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
    (gate.for_caller(caller, origin), right, credential)
}

#[test]
fn a_proof_asks_again_for_the_right_and_for_the_credential() {
    let (gate, right, credential) = withdrawable(false);
    let may = gate.check::<Publish, Repository>(&path()).unwrap();
    let watch = may.watch();
    assert_eq!((may.recheck(), watch.recheck()), (Ok(()), Ok(())));
    right.0.store(true, Ordering::Relaxed);
    let publish = RightKind::Permission(Permission::Publish);
    let forbidden = Denied { authenticated: true, may_know: true, right: publish };
    assert_eq!((may.recheck(), watch.recheck()), (Err(forbidden), Err(forbidden)));
    credential.0.store(true, Ordering::Relaxed);
    let unknown = Denied { authenticated: false, may_know: false, right: publish };
    assert_eq!((may.recheck(), watch.recheck()), (Err(unknown), Err(unknown)));
}

#[test]
fn a_repository_made_anew_is_another_one() {
    let (gate, ..) = withdrawable(true);
    let may = gate.check::<Publish, Repository>(&path()).unwrap();
    assert!(may.recheck().is_err_and(|denied| denied.authenticated && !denied.may_know));
}
