//! Publishing and revoking under every interleaving. Run with
//! `RUSTFLAGS="--cfg loom" cargo test --release -p permission-cache --lib loom`.
//!
//! Real here: the facts, the compilation, the snapshot and its check. A model here: the cell (see `cell.rs`), and the
//! token's record of `auth`, of which only the state byte matters: it moves downwards by one atomic store.

use ::loom::sync::Arc;
use ::loom::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use ::loom::thread;
use domain::{
    Caller, GrantFact, GrantId, GrantedWhat, NodeId, Permission, Permissions, PolicyChange, PolicyFacts,
    PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, SubjectId, Timestamp, TokenLimits,
};

use crate::cell::Cell;
use crate::compile::Compiler;
use crate::model::Model;
use crate::snapshot::Snapshot;

const ACTIVE: u8 = 0;
const REVOKED: u8 = 2;

/// What readers and the writer share.
struct Shared {
    cell: Cell<Snapshot>,
    token: AtomicU8,
    /// The administrator was told that the change is in force.
    acknowledged: AtomicBool,
}

/// What one request saw, in the order in which a request looks.
struct Seen {
    acknowledged: bool,
    version: PolicyVersion,
    allowed: bool,
}

#[test]
fn loom_after_the_acknowledgement_nobody_is_let_in() {
    let (first, second) = snapshots();
    ::loom::model(move || {
        let (first, second) = (first.clone(), second.clone());
        let shared = shared(first);
        let readers: Vec<_> = (0..2).map(|_| spawn_reader::<1>(&shared)).collect();
        drop(shared.cell.swap(second));
        shared.acknowledged.store(true, Ordering::Release);
        for reader in readers {
            for seen in reader.join().unwrap() {
                assert!(!(seen.acknowledged && seen.allowed), "let in after the acknowledgement");
                let expected = seen.version == PolicyVersion::new(1);
                assert_eq!(seen.allowed, expected, "version and rights are of one snapshot");
            }
        }
    });
}

#[test]
fn loom_a_revoked_token_is_dead_at_once() {
    let (first, _) = snapshots();
    ::loom::model(move || {
        let shared = shared(first.clone());
        let readers: Vec<_> = (0..2).map(|_| spawn_reader::<1>(&shared)).collect();
        shared.token.store(REVOKED, Ordering::Release);
        shared.acknowledged.store(true, Ordering::Release);
        for reader in readers {
            let seen = reader.join().unwrap();
            assert!(
                seen.iter().all(|seen| !(seen.acknowledged && seen.allowed)),
                "a revoked token was let in"
            );
        }
    });
}

/// Grant first, then a new token in place of the revoked one, and the other way round: no mixture lets anybody in who
/// never had both.
#[test]
fn loom_versions_never_go_backwards() {
    let (first, second) = snapshots();
    ::loom::model(move || {
        let (first, second) = (first.clone(), second.clone());
        let shared = shared(first);
        let reader = spawn_reader::<2>(&shared);
        drop(shared.cell.swap(second));
        shared.token.store(REVOKED, Ordering::Release);
        shared.acknowledged.store(true, Ordering::Release);
        let seen = reader.join().unwrap();
        assert!(seen.is_sorted_by_key(|seen| seen.version), "a reader went back in time");
        assert!(seen.is_sorted_by_key(|seen| !seen.allowed), "a right came back");
    });
}

/// A reader of so many requests, one after the other.
fn spawn_reader<const REQUESTS: usize>(shared: &Arc<Shared>) -> thread::JoinHandle<[Seen; REQUESTS]> {
    let shared = Arc::clone(shared);
    thread::spawn(move || [(); REQUESTS].map(|()| request(&shared)))
}

/// A request as it comes in: first the token, then the matrix. The flag is read before both, so that a request that
/// began after the acknowledgement is known to have.
fn request(shared: &Shared) -> Seen {
    let acknowledged = shared.acknowledged.load(Ordering::Acquire);
    let active = shared.token.load(Ordering::Acquire) == ACTIVE;
    let snapshot = shared.cell.load();
    let alice = Caller::assertion(PrincipalId::new(16), PrincipalKind::Member, None, TokenLimits::Full);
    let held = snapshot.effective(&alice, NodeId::ORGANISATION);
    Seen { acknowledged, version: snapshot.version, allowed: active && held.contains(Permission::Publish) }
}

fn shared(first: std::sync::Arc<Snapshot>) -> Arc<Shared> {
    Arc::new(Shared {
        cell: Cell::new(first),
        token: AtomicU8::new(ACTIVE),
        acknowledged: AtomicBool::new(false),
    })
}

/// Alice may publish in the first version, and no longer in the second.
fn snapshots() -> (std::sync::Arc<Snapshot>, std::sync::Arc<Snapshot>) {
    let id = GrantId::new(1);
    let alice = PrincipalFact { id: PrincipalId::new(16), kind: PrincipalKind::Member, requested: None };
    let grant = GrantFact {
        id,
        subject: SubjectId::new(16),
        node: NodeId::ORGANISATION,
        what: GrantedWhat::Permissions(Permissions::of(&[Permission::Publish])),
        expires: None,
    };
    let facts = PolicyFacts {
        version: PolicyVersion::new(1),
        principals: vec![alice],
        grants: vec![grant],
        ..PolicyFacts::default()
    };
    let now = Timestamp::from_millis(0);
    let mut model = Model::new(facts, now);
    let mut compiler = Compiler::default();
    let first = compiler.full(&model);
    let touched = model.apply(vec![PolicyChange::Grant(id, None)], now);
    model.version = PolicyVersion::new(2);
    let second = compiler.update(&model, &first, touched);
    (std::sync::Arc::new(first), std::sync::Arc::new(second))
}
