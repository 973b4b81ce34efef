//! The cache as its callers see it: a change is in force when the call returns, a grant ends at its time, a source that
//! fails, hangs or was set back does no harm.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use domain::{
    BoxFuture, Caller, Changes, Clock, FactSource, GrantFact, GrantId, GrantedWhat, NodeId, NodeName,
    Outcome, Permission, Permissions, Policy, PolicyChange, PolicyFacts, PolicyFeed, PolicyPoint,
    PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, RightKind as Right, SourceError, SubjectId,
    TeamId, Timestamp, TokenLimits,
};

use super::world;
use crate::oracle;
use crate::publish::PermissionCache;

/// Facts with the log of their changes, as storage keeps them.
struct Source {
    kept: Mutex<Kept>,
    failing: AtomicBool,
    hanging: AtomicBool,
}

#[derive(Default)]
struct Kept {
    facts: PolicyFacts,
    /// By version; `None` for one that nothing is known of.
    log: Vec<Option<PolicyChange>>,
}

struct HandClock(AtomicI64);

struct Stage {
    source: Arc<Source>,
    clock: Arc<HandClock>,
    cache: Arc<PermissionCache>,
}

const ALICE: u32 = 16;

#[tokio::test]
async fn a_change_is_in_force_when_the_call_returns() {
    let stage = Stage::set().await;
    assert!(!stage.alice_publishes());
    let version = stage.source.change(grant(1, None));
    assert!(!stage.alice_publishes(), "nobody was told yet");
    stage.cache.refresh_to(version).await.unwrap();
    assert!(stage.alice_publishes());
    assert_eq!(stage.cache.point(), version);
    let version = stage.source.change(PolicyChange::Grant(GrantId::new(1), None));
    stage.cache.refresh_to(version).await.unwrap();
    assert!(!stage.alice_publishes());
    stage.cache.refresh_to(PolicyPoint::default()).await.unwrap();
    assert_eq!(stage.cache.point(), version, "never backwards");
}

#[tokio::test(start_paused = true)]
async fn the_poll_finds_what_nobody_told() {
    let stage = Stage::set().await.maintained();
    stage.source.change(grant(1, None));
    stage.seconds(2).await;
    stage.until_alice_publishes(true).await;
}

#[tokio::test(start_paused = true)]
async fn a_grant_ends_at_its_time_even_if_the_source_hangs() {
    let stage = Stage::set().await;
    let version = stage.source.change(grant(1, Some(10_000)));
    stage.cache.refresh_to(version).await.unwrap();
    let stage = stage.maintained();
    stage.source.hanging.store(true, Ordering::Relaxed);
    stage.seconds(9).await;
    assert!(stage.alice_publishes());
    stage.seconds(2).await;
    stage.until_alice_publishes(false).await;
    // The clock is set back, and the grant holds again.
    stage.clock.0.store(5_000, Ordering::Relaxed);
    stage.seconds(2).await;
    stage.until_alice_publishes(true).await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_leaves_the_last_version_in_force() {
    let stage = Stage::set().await;
    let version = stage.source.change(grant(1, None));
    stage.cache.refresh_to(version).await.unwrap();
    let stage = stage.maintained();
    stage.source.failing.store(true, Ordering::Relaxed);
    let version = stage.source.change(PolicyChange::Grant(GrantId::new(1), None));
    assert!(stage.cache.refresh_to(version).await.is_err());
    stage.seconds(5).await;
    assert!(stage.alice_publishes());
    stage.source.failing.store(false, Ordering::Relaxed);
    stage.seconds(2).await;
    stage.until_alice_publishes(false).await;
}

#[tokio::test]
async fn too_much_at_once_loads_everything_again() {
    let stage = Stage::set().await;
    oracle::apply(&mut stage.source.kept.lock().unwrap().facts, &grant(1, None));
    let version = stage.source.lose_track();
    stage.cache.refresh_to(version).await.unwrap();
    assert!(stage.alice_publishes());
}

#[tokio::test(start_paused = true)]
async fn a_database_set_back_to_its_backup_is_followed() {
    let stage = Stage::set().await;
    let backup = stage.source.kept.lock().unwrap().facts.clone();
    let version = stage.source.change(grant(1, None));
    stage.cache.refresh_to(version).await.unwrap();
    *stage.source.kept.lock().unwrap() = Kept { facts: backup, log: vec![None] };
    let stage = stage.maintained();
    stage.seconds(2).await;
    stage.until_alice_publishes(false).await;
    // Said once the matrix is in force, which the thread that makes it may be a moment earlier with.
    stage.until(|stage| stage.cache.point().version == PolicyVersion::new(1)).await;
}

#[tokio::test]
async fn callers_at_once_all_find_their_own_change() {
    let stage = Stage::set().await;
    let mut calls = tokio::task::JoinSet::new();
    for id in 1..50 {
        let (source, cache) = (Arc::clone(&stage.source), Arc::clone(&stage.cache));
        calls.spawn(async move {
            let version = source.change(grant_to(id, 100 + id));
            cache.refresh_to(version).await.unwrap();
            assert!(cache.point().version >= version.version);
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert!(stage.cache.verify().await.unwrap());
}

/// On real threads: whoever begins to ask after a call returned gets the answer of after it, and nobody goes back in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_at_full_speed_see_every_change_at_once() {
    let stage = Stage::set().await;
    let stop = Arc::new(AtomicBool::new(false));
    let started = Arc::new(Barrier::new(3));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (cache, stop) = (Arc::clone(&stage.cache), Arc::clone(&stop));
            let started = Arc::clone(&started);
            std::thread::spawn(move || {
                let alice = world::caller(ALICE, TokenLimits::Full);
                let mut last = PolicyVersion::default();
                started.wait();
                while !stop.load(Ordering::Relaxed) {
                    let decision =
                        cache.decide(&alice, NodeName::Organisation, Right::Permission(Permission::Publish));
                    let allowed = matches!(decision.outcome, Outcome::Allowed { .. });
                    // Versions alternate, and each answer is the one of its own version.
                    assert_eq!(allowed, decision.version.get() % 2 == 0, "{decision:?}");
                    assert!(last <= decision.version);
                    last = decision.version;
                }
            })
        })
        .collect();
    started.wait();
    for _ in 0..200 {
        for (change, expected) in
            [(grant(1, None), true), (PolicyChange::Grant(GrantId::new(1), None), false)]
        {
            let version = stage.source.change(change);
            stage.cache.refresh_to(version).await.unwrap();
            assert_eq!(stage.alice_publishes(), expected);
        }
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}

/// A change that reached the facts but not the log stands for a mistake in the incremental way.
#[tokio::test]
async fn the_nightly_comparison_puts_things_right() {
    let stage = Stage::set().await;
    assert!(stage.cache.verify().await.unwrap());
    oracle::apply(&mut stage.source.kept.lock().unwrap().facts, &grant(1, None));
    assert!(!stage.cache.verify().await.unwrap());
    assert!(stage.alice_publishes());
    assert!(stage.cache.verify().await.unwrap());
}

#[test]
fn everything_is_compared_at_three_in_the_morning() {
    const HOUR: i64 = 3_600_000;
    let night = |now: i64| crate::next_night(Timestamp::from_millis(now)).millis();
    assert_eq!(
        [night(0), night(3 * HOUR - 1), night(3 * HOUR), night(20 * HOUR)],
        [3, 3, 27, 27].map(|hour| hour * HOUR)
    );
}

#[tokio::test]
async fn opening_fails_if_the_source_does() {
    let source = Source::new();
    source.failing.store(true, Ordering::Relaxed);
    assert!(PermissionCache::open(source, Arc::new(HandClock(AtomicI64::new(0)))).await.is_err());
}

/// As the binary does it.
async fn every_second(cache: Arc<PermissionCache>, work: impl AsyncFn(&PermissionCache)) {
    loop {
        work(&cache).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl Stage {
    async fn set() -> Self {
        let source = Source::new();
        let clock = Arc::new(HandClock(AtomicI64::new(0)));
        let cache = PermissionCache::open(
            Arc::clone(&source) as Arc<dyn FactSource<PolicyFacts>>,
            Arc::clone(&clock) as _,
        );
        let cache = cache.await.unwrap();
        Self { source, clock, cache }
    }

    fn maintained(self) -> Self {
        tokio::spawn(every_second(Arc::clone(&self.cache), async |cache| drop(cache.poll().await)));
        tokio::spawn(every_second(Arc::clone(&self.cache), async |cache| drop(cache.end_grants().await)));
        self
    }

    /// Lets seconds go by, on the clock on the wall and on the one of the runtime.
    async fn seconds(&self, seconds: u32) {
        for _ in 0..seconds {
            self.clock.0.fetch_add(1000, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn until_alice_publishes(&self, publishes: bool) {
        self.until(|stage| stage.alice_publishes() == publishes).await;
    }

    /// Compiling has a thread of its own, which the clock of the runtime does not wait for.
    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            std::thread::yield_now();
        }
    }

    fn alice_publishes(&self) -> bool {
        let alice: Caller = world::caller(ALICE, TokenLimits::Full);
        self.cache.effective(&alice, NodeId::ORGANISATION).contains(Permission::Publish)
    }
}

impl Source {
    fn new() -> Arc<Self> {
        let facts = PolicyFacts {
            version: PolicyVersion::new(1),
            principals: vec![PrincipalFact {
                id: PrincipalId::new(ALICE),
                kind: PrincipalKind::Member,
                requested: None,
            }],
            ..PolicyFacts::default()
        };
        let kept = Mutex::new(Kept { facts, log: vec![None] });
        Arc::new(Self { kept, failing: false.into(), hanging: false.into() })
    }

    /// Commits one change.
    fn change(&self, change: PolicyChange) -> PolicyPoint {
        let mut kept = self.kept.lock().unwrap();
        oracle::apply(&mut kept.facts, &change);
        kept.next(Some(change))
    }

    /// Commits something that cannot be told one by one.
    fn lose_track(&self) -> PolicyPoint {
        self.kept.lock().unwrap().next(None)
    }

    async fn answer<T>(&self, read: impl FnOnce(&Kept) -> T) -> Result<T, SourceError> {
        if self.hanging.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.failing.load(Ordering::Relaxed) {
            return Err(SourceError("the disk is gone".into()));
        }
        Ok(read(&self.kept.lock().unwrap()))
    }
}

impl Kept {
    fn point(&self) -> PolicyPoint {
        PolicyPoint { version: self.facts.version, ..PolicyPoint::default() }
    }

    fn next(&mut self, change: Option<PolicyChange>) -> PolicyPoint {
        self.facts.version = PolicyVersion::new(self.facts.version.get() + 1);
        self.log.push(change);
        self.point()
    }
}

impl FactSource<PolicyFacts> for Source {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, PolicyFacts), SourceError>> {
        Box::pin(self.answer(|kept| (kept.point(), kept.facts.clone())))
    }

    fn changes_since(&self, point: PolicyPoint) -> BoxFuture<'_, Result<Changes<PolicyChange>, SourceError>> {
        Box::pin(self.answer(move |kept| {
            let newer = kept.log.get(usize::try_from(point.version.get()).unwrap()..);
            match newer.and_then(|newer| newer.iter().cloned().collect::<Option<Vec<_>>>()) {
                Some(changes) => Changes::Each { reached: kept.point(), changes },
                None => Changes::Rebuild,
            }
        }))
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Alice may publish everywhere.
fn grant(id: u32, expires: Option<i64>) -> PolicyChange {
    let id = GrantId::new(id);
    let fact = GrantFact {
        id,
        subject: SubjectId::new(ALICE),
        node: NodeId::ORGANISATION,
        what: GrantedWhat::Permissions(Permissions::of(&[Permission::Publish])),
        expires: expires.map(Timestamp::from_millis),
    };
    PolicyChange::Grant(id, Some(fact))
}

fn grant_to(id: u32, team: u32) -> PolicyChange {
    let PolicyChange::Grant(id, Some(fact)) = grant(id, None) else { unreachable!("a grant") };
    PolicyChange::Grant(id, Some(GrantFact { subject: TeamId::new(team).into(), ..fact }))
}
