use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use domain::BoxFuture;

use super::*;

/// Numbers by name, as a source keeps them and a target has them.
type Numbers = BTreeMap<&'static str, u32>;

struct Facts(Numbers);

#[derive(Clone)]
struct Put(&'static str, Option<u32>);

impl Followed for Facts {
    type Change = Put;
}

#[derive(Default)]
struct Source {
    kept: Mutex<Kept>,
    fails: AtomicU64,
    loads: AtomicU64,
    hangs: AtomicBool,
}

#[derive(Default, Clone)]
struct Kept {
    point: PolicyPoint,
    numbers: Numbers,
    log: Vec<(PolicyPoint, Put)>,
    /// Taken away without being stored.
    withheld: Vec<Put>,
}

struct Numbered {
    numbers: Mutex<Numbers>,
    broken: AtomicBool,
}

impl Source {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    fn put(&self, name: &'static str, number: impl Into<Option<u32>>) -> PolicyPoint {
        let mut kept = self.kept();
        let put = Put(name, number.into());
        kept.point.version = PolicyVersion::new(kept.point.version.get() + 1);
        kept.point.stamp = another();
        set(&mut kept.numbers, &put);
        let point = kept.point;
        kept.log.push((point, put));
        point
    }

    async fn answer(&self) -> Result<(), SourceError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let failing = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if failing.is_ok() { Err(SourceError("told to fail".into())) } else { Ok(()) }
    }
}

/// Another number each time.
fn another() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

fn set(numbers: &mut Numbers, Put(name, number): &Put) {
    match number {
        Some(number) => drop(numbers.insert(name, *number)),
        None => drop(numbers.remove(name)),
    }
}

impl FactSource<Facts> for Source {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, Facts), SourceError>> {
        Box::pin(async {
            self.answer().await?;
            self.loads.fetch_add(1, Ordering::SeqCst);
            let kept = self.kept();
            Ok((kept.point, Facts(kept.numbers.clone())))
        })
    }

    fn changes_since(&self, point: PolicyPoint) -> BoxFuture<'_, Result<Changes<Put>, SourceError>> {
        Box::pin(async move {
            self.answer().await?;
            let kept = self.kept();
            let known = point == kept.point || kept.log.iter().any(|(at, _)| *at == point);
            if !known && point != PolicyPoint::default() {
                return Ok(Changes::Rebuild);
            }
            let newer = kept.log.iter().filter(|(at, _)| at.version > point.version);
            let changes = newer.map(|(_, put)| put.clone()).chain(kept.withheld.clone()).collect();
            Ok(Changes::Each { reached: kept.point, changes })
        })
    }
}

impl Numbered {
    fn new(facts: Facts) -> Self {
        Self { numbers: Mutex::new(facts.0), broken: AtomicBool::new(false) }
    }

    fn get(&self, name: &str) -> Option<u32> {
        self.numbers.lock().unwrap().get(name).copied()
    }
}

impl Target for Numbered {
    type Facts = Facts;

    const NAME: &'static str = "numbers";

    fn is_quick(changes: usize) -> bool {
        changes < 10
    }

    fn apply(&self, changes: Vec<Put>, _: PolicyVersion) {
        let mut numbers = self.numbers.lock().unwrap();
        changes.iter().for_each(|put| set(&mut numbers, put));
    }

    fn replace(&self, facts: Facts, _: PolicyVersion) {
        *self.numbers.lock().unwrap() = facts.0;
        self.broken.store(false, Ordering::SeqCst);
    }

    fn is_sound(&self) -> bool {
        !self.broken.load(Ordering::SeqCst)
    }
}

type Following = Follower<Source, Numbered>;

async fn follower() -> (Arc<Source>, Arc<Following>) {
    let source = Arc::new(Source::default());
    source.put("a", 1);
    let follower = Follower::open(Arc::clone(&source), Numbered::new).await.unwrap();
    (source, Arc::new(follower))
}

#[tokio::test]
async fn a_change_is_in_force_when_refresh_returns() {
    let (source, follower) = follower().await;
    let point = source.put("a", 2);
    assert_eq!(follower.target().get("a"), Some(1), "not before");
    follower.refresh_to(point).await.unwrap();
    assert_eq!((follower.target().get("a"), follower.point()), (Some(2), point));
    assert_eq!(source.loads.load(Ordering::SeqCst), 1, "it was told, not loaded again");
    // Nothing is asked for what is in force.
    source.fails.store(1, Ordering::SeqCst);
    follower.refresh_to(point).await.unwrap();
}

#[tokio::test]
async fn a_poll_finds_what_nobody_told_of_and_survives_an_outage() {
    let (source, follower) = follower().await;
    let point = source.put("a", None);
    source.fails.store(2, Ordering::SeqCst);
    follower.poll().await.unwrap_err();
    follower.poll().await.unwrap_err();
    assert_eq!(follower.target().get("a"), Some(1), "what was in force stays so");
    assert_eq!(follower.poll().await.unwrap(), point);
    assert_eq!(follower.target().get("a"), None);
}

#[tokio::test]
async fn many_changes_at_once_are_brought_into_force_too() {
    let (source, follower) = follower().await;
    let mut last = PolicyPoint::default();
    for number in 0..50 {
        last = source.put("a", number);
    }
    follower.refresh_to(last).await.unwrap();
    assert_eq!((follower.target().get("a"), follower.point()), (Some(49), last));
}

#[tokio::test]
async fn a_version_the_source_does_not_have_is_an_error() {
    let (source, follower) = follower().await;
    let unheard_of = PolicyPoint { version: PolicyVersion::new(99), ..source.kept().point };
    let error = follower.refresh_to(unheard_of).await.unwrap_err();
    assert_eq!(error.0.to_string(), "version 99 was asked for, the source has only 1");
}

#[tokio::test]
async fn what_is_taken_away_needs_no_version() {
    let (source, follower) = follower().await;
    let point = follower.point();
    source.kept().withheld.push(Put("a", None));
    assert_eq!(follower.refresh().await.unwrap(), point);
    assert_eq!(follower.target().get("a"), None);
}

/// The version that a change draws after that was in force before, of another change.
#[tokio::test]
async fn a_change_after_the_database_was_set_back_is_in_force_too() {
    let (source, follower) = follower().await;
    let backup = source.kept().clone();
    source.put("b", 1);
    let before = source.put("c", 1);
    follower.refresh_to(before).await.unwrap();
    *source.kept() = backup;
    let after = source.put("a", None);
    assert!(after.version < before.version);
    follower.refresh_to(after).await.unwrap();
    assert_eq!(*follower.target().numbers.lock().unwrap(), Numbers::new());
    assert_eq!(follower.point(), after);
}

#[tokio::test]
async fn a_database_set_back_is_noticed_after_its_numbers_have_caught_up() {
    let (source, follower) = follower().await;
    let backup = source.kept().clone();
    let before = source.put("b", 1);
    follower.refresh_to(before).await.unwrap();
    *source.kept() = backup;
    let after = source.put("a", None);
    assert_eq!((after.version, after.epoch), (before.version, before.epoch));
    follower.poll().await.unwrap();
    assert_eq!(*follower.target().numbers.lock().unwrap(), Numbers::new());
}

#[tokio::test]
async fn a_copy_that_broke_in_the_middle_is_made_anew() {
    let (source, follower) = follower().await;
    follower.target().apply(vec![Put("a", Some(7))], PolicyVersion::new(1));
    follower.target().broken.store(true, Ordering::SeqCst);
    follower.refresh().await.unwrap();
    assert_eq!((follower.target().get("a"), source.loads.load(Ordering::SeqCst)), (Some(1), 2));
}

#[tokio::test]
async fn a_copy_is_compared_at_one_point() {
    let (source, follower) = follower().await;
    let (loaded, mut fresh) = source.load().await.unwrap();
    let point = source.put("a", 2);
    follower.refresh_to(point).await.unwrap();
    let last = source.put("b", 3);
    let same = follower.compare(loaded, move |target, changes, version| {
        changes.iter().for_each(|put| set(&mut fresh.0, put));
        target.apply(changes, version);
        *target.numbers.lock().unwrap() == fresh.0
    });
    assert_eq!((same.await.unwrap(), follower.point()), (Some(true), last));
    let of_another = PolicyPoint { epoch: 9, ..loaded };
    assert_eq!(follower.compare(of_another, |_, _, _| true).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn who_waits_behind_a_source_that_hangs_may_stop_waiting() {
    let (source, follower) = follower().await;
    source.hangs.store(true, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_secs(1), follower.refresh()).await.unwrap_err();
    source.hangs.store(false, Ordering::SeqCst);
    let point = source.put("a", 2);
    follower.refresh_to(point).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_may_ask_and_each_finds_its_own_change() {
    let (source, follower) = follower().await;
    let mut all = tokio::task::JoinSet::new();
    for id in 0..64 {
        let (source, follower) = (Arc::clone(&source), Arc::clone(&follower));
        all.spawn(async move {
            for round in 0..20 {
                let point = source.put("a", round);
                let waits = follower.refresh_to(point);
                if (id + round) % 5 == 0 {
                    // Somebody whose connection broke: the work must not be left half done.
                    let _ = tokio::time::timeout(Duration::ZERO, waits).await;
                } else {
                    waits.await.unwrap();
                    assert!(follower.point().version >= point.version);
                }
            }
        });
    }
    while let Some(end) = all.join_next().await {
        end.unwrap();
    }
    follower.refresh().await.unwrap();
    let kept = source.kept().clone();
    assert_eq!((follower.point(), &*follower.target().numbers.lock().unwrap()), (kept.point, &kept.numbers));
}

#[test]
fn what_runs_on_its_own_thread_waits_for_no_blocking_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (release, released) = std::sync::mpsc::sync_channel::<()>(0);
        let traffic = tokio::task::spawn_blocking(move || released.recv());
        assert_eq!(on_own_thread::<Numbered, _>(|| 7).await.unwrap(), 7);
        assert!(on_own_thread::<Numbered, _>(|| panic!("for the test")).await.is_err());
        release.send(()).unwrap();
        traffic.await.unwrap().unwrap();
    });
}
