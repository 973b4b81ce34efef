//! A decision allocates nothing, whatever it decides. A binary of its own, because an allocator is for a whole program.
#![expect(
    unsafe_code,
    reason = "an allocator that counts can only be written so; it hands everything to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use domain::{
    BoxFuture, Caller, Changes, Clock, FactSource, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId,
    NodeName, Organisation, Outcome, Permission, Permissions, Policy, PolicyChange, PolicyFacts, PolicyPoint,
    PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact, ProjectId, ProjectKey,
    RepositoryFact, RepositoryId, RepositoryPath, RightKind, SourceError, SubjectId, TeamId, Timestamp,
    TokenLimits,
};
use permission_cache::PermissionCache;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a thread-local number only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`, which is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `place` came from `alloc` above, that is from the system's allocator, with this layout.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Fixed(PolicyFacts);
struct StillClock;

#[tokio::test]
async fn deciding_allocates_nothing() {
    let limits = TokenLimits::Only([(NodeId::new(16), Permissions::ALL)].into_iter().collect());
    let callers = [TokenLimits::Full, limits]
        .map(|limits| Caller::assertion(PrincipalId::new(16), PrincipalKind::Member, None, limits));
    let (key, path) = (ProjectKey::parse("alpha").unwrap(), RepositoryPath::parse("alpha/jars").unwrap());
    let facts = facts(key.clone(), path.clone());
    let cache = PermissionCache::open(Arc::new(Fixed(facts)), Arc::new(StillClock)).await.unwrap();
    let nowhere = RepositoryPath::parse("alpha/nothing").unwrap();
    let names = [
        NodeName::Organisation,
        NodeName::from(Organisation),
        NodeName::Project(&key),
        NodeName::Repository(&path),
        NodeName::Repository(&nowhere),
    ];
    let decide_all = || {
        let mut allowed = 0;
        for caller in callers.iter().chain([&Caller::anonymous()]) {
            for name in names {
                for right in Permission::ALL.map(RightKind::Permission).into_iter().chain([RightKind::Probe])
                {
                    let decision = cache.decide(caller, name, right);
                    allowed += usize::from(matches!(decision.outcome, Outcome::Allowed { .. }));
                }
                allowed += usize::from(!cache.effective(caller, NodeId::new(60)).is_empty());
            }
        }
        allowed
    };
    // The first load of a thread takes a place among the readers, once.
    let allowed = decide_all();
    assert!(allowed > 10, "some decisions allow");
    let before = ALLOCATIONS.with(Cell::get);
    assert_eq!(decide_all(), allowed);
    assert_eq!(ALLOCATIONS.with(Cell::get), before);
    drop(Box::new(allowed));
    assert_eq!(ALLOCATIONS.with(Cell::get), before + 1, "the counter counts");
}

fn facts(key: ProjectKey, path: RepositoryPath) -> PolicyFacts {
    let id = PrincipalId::new(16);
    let team = TeamId::new(20);
    let grant = |id: u32, node: u32, permission| GrantFact {
        id: GrantId::new(id),
        subject: if id == 1 { team.into() } else { SubjectId::new(16) },
        node: NodeId::new(node),
        what: GrantedWhat::Permissions(Permissions::of(&[permission])),
        expires: None,
    };
    PolicyFacts {
        version: PolicyVersion::new(1),
        principals: vec![PrincipalFact { id, kind: PrincipalKind::Member, requested: None }],
        teams: vec![domain::TeamFact { id: team, members: vec![id.into()] }],
        roles: Vec::new(),
        projects: vec![ProjectFact { id: ProjectId::new(16), key, team: TeamId::new(21) }],
        repositories: vec![RepositoryFact {
            id: RepositoryId::new(60),
            project: ProjectId::new(16),
            path,
            format: Format::new("maven"),
            mode: Mode::Hosted,
        }],
        grants: vec![
            grant(1, 16, Permission::Publish),
            grant(2, 60, Permission::DeletePackage),
            grant(3, 1, Permission::AuditView),
        ],
    }
}

impl FactSource<PolicyFacts> for Fixed {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, PolicyFacts), SourceError>> {
        Box::pin(async { Ok((PolicyPoint::default(), self.0.clone())) })
    }

    fn changes_since(
        &self,
        reached: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<PolicyChange>, SourceError>> {
        Box::pin(async move { Ok(Changes::Each { reached, changes: Vec::new() }) })
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}
