//! A hundred grant changes a second on one core while the other checks at full speed (docs/api.md 11): no stall above those of a run
//! without changes, memory back to where it was, and in the end what a build from scratch makes of the same facts.
//!
//! `cargo bench -p benches --bench policy_churn`; the organisation is that of `permission_check`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench makes its own input, stops at the first surprise and prints what it measured"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use benches::{now, smoke};
use domain::{
    Caller, GrantFact, NodeId, Policy as _, PolicyChange, PolicyFacts, PolicyFeed as _, PrincipalId,
    TokenLimits,
};
use organisation::{Dice, FIRST_PRINCIPAL, FIRST_REPOSITORY, PRINCIPALS, REPOSITORIES};
use permission_cache::PermissionCache;
use rustix::thread::{CpuSet, sched_setaffinity};
use source::{Memory, StillClock};
use tokio::runtime::Runtime;

#[path = "../permission_check/organisation.rs"]
mod organisation;
#[path = "../permission_check/source.rs"]
mod source;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Between two changes.
const EVERY: Duration = Duration::from_millis(10);
/// From here on a check counts as a stall.
const STALL: Duration = Duration::from_micros(100);
/// Grants that come and go.
const COMING_AND_GOING: u32 = 500;
/// Whom a check is about, and where.
type Pair = (Caller, NodeId);

/// What a run of checks met.
#[derive(Default)]
struct Run {
    checks: u64,
    stalls: u64,
    longest: Duration,
}

/// The cache, and what was put into it besides.
struct Stage {
    cache: Arc<PermissionCache>,
    source: Arc<Memory>,
    runtime: Runtime,
    dice: Dice,
    present: BTreeMap<u32, GrantFact>,
    next: u32,
}

fn main() {
    let (turns, length) = if smoke() { (1, Duration::from_millis(200)) } else { (8, Duration::from_secs(4)) };
    let mut stage = Stage::open(organisation::facts());
    let pairs = pairs(1 << 18);
    // A first round, after which everything has been used once.
    stage.beside(&pairs, length / 4, true);
    stage.clear();
    let size = stage.cache.size();
    let (base, resident) = (size.matrix_bytes + size.names_bytes, resident_bytes());
    let (mut quiet, mut busy, mut changes) = (Run::default(), Run::default(), 0);
    for _ in 0..turns {
        quiet.add(stage.beside(&pairs, length, false).0);
        let (run, made) = stage.beside(&pairs, length, true);
        busy.add(run);
        changes += made;
    }
    println!(
        "{turns} turns of {length:?} each way, {changes} changes: {:.0}/s",
        per_second(changes, turns, length)
    );
    quiet.tell("without changes");
    busy.tell("beside them");
    stage.clear();
    let size = stage.cache.size();
    println!(
        "matrix and names: {base} bytes before, {} after; resident {} MB before, {} MB after",
        size.matrix_bytes + size.names_bytes,
        resident / 1_000_000,
        resident_bytes() / 1_000_000
    );
    assert!(size.matrix_bytes + size.names_bytes <= base + base / 100, "the snapshot grew");
    for _ in 0..COMING_AND_GOING / 2 {
        stage.change();
    }
    stage.is_as_built_anew(&pairs);
    stage.clear();
    stage.is_as_built_anew(&pairs);
}

impl Stage {
    fn open(facts: PolicyFacts) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).on_thread_start(|| bind(1)).build().expect("a runtime");
        let source = Memory::new(facts);
        let cache = PermissionCache::open(Arc::clone(&source) as _, Arc::new(StillClock));
        let cache = runtime.block_on(cache).expect("facts in memory");
        Self { cache, source, runtime, dice: Dice::new(11), present: BTreeMap::new(), next: 0 }
    }

    /// Checks on core 0 for so long, and changes on core 1 if wanted.
    fn beside(&mut self, pairs: &[Pair], length: Duration, changing: bool) -> (Run, u32) {
        let (stop, cache) = (AtomicBool::new(false), Arc::clone(&self.cache));
        std::thread::scope(|scope| {
            let checking = scope.spawn(|| {
                bind(0);
                let run = check(&cache, pairs, length);
                stop.store(true, Ordering::Relaxed);
                run
            });
            bind(1);
            let (start, mut made) = (now(), 0);
            while !stop.load(Ordering::Relaxed) {
                if changing {
                    self.change();
                    made += 1;
                    std::thread::sleep((EVERY * made).saturating_sub(start.elapsed()));
                } else {
                    std::thread::sleep(EVERY);
                }
            }
            (checking.join().expect("checks end"), made)
        })
    }

    /// Gives one grant more, or takes one away that was given before.
    fn change(&mut self) {
        let number = self.next % COMING_AND_GOING;
        self.next += 1;
        match self.present.remove(&number) {
            Some(gone) => self.publish(PolicyChange::Grant(gone.id, None)),
            None => {
                let fact = organisation::extra_grant(number, &mut self.dice);
                self.present.insert(number, fact.clone());
                self.publish(PolicyChange::Grant(fact.id, Some(fact)));
            }
        }
    }

    fn clear(&mut self) {
        for (_, gone) in std::mem::take(&mut self.present) {
            self.publish(PolicyChange::Grant(gone.id, None));
        }
    }

    fn publish(&self, change: PolicyChange) {
        let point = self.source.change(vec![change]);
        self.runtime.block_on(self.cache.refresh_to(point)).expect("in force");
    }

    /// What stands after all changes is what the same facts are built to.
    fn is_as_built_anew(&self, pairs: &[Pair]) {
        let mut facts = organisation::facts();
        facts.grants.extend(self.present.values().cloned());
        let anew = Self::open(facts);
        let there = self.present.values().map(|grant| grant.node);
        let touched: Vec<NodeId> = there.collect();
        let mut compared = 0_u64;
        let random = pairs.iter().map(|(caller, node)| (caller, *node));
        let at_changes = pairs.iter().zip(touched.iter().cycle()).map(|((caller, _), node)| (caller, *node));
        for (caller, node) in random.chain(at_changes) {
            let (ours, theirs) = (self.cache.effective(caller, node), anew.cache.effective(caller, node));
            assert_eq!(ours, theirs, "{caller:?} at {node}");
            compared += 1;
        }
        for (caller, _) in pairs.iter().take(200) {
            // The lists, not the versions that told them.
            assert!(self.cache.readable(caller).0 == anew.cache.readable(caller).0, "{caller:?}");
        }
        println!("{} grants more than at first: {compared} decisions as built anew", touched.len());
    }
}

impl Run {
    fn add(&mut self, other: Self) {
        self.checks += other.checks;
        self.stalls += other.stalls;
        self.longest = self.longest.max(other.longest);
    }

    fn tell(&self, how: &str) {
        let share = self.stalls as f64 / self.checks as f64 * 1e6;
        println!(
            "{how}: {} checks, {} over {STALL:?} ({share:.2} of a million), longest {:?}",
            self.checks, self.stalls, self.longest
        );
    }
}

fn check(cache: &PermissionCache, pairs: &[Pair], length: Duration) -> Run {
    let (mut run, start) = (Run::default(), now());
    let mut last = start;
    for (caller, node) in pairs.iter().cycle() {
        black_box(cache.effective(caller, *node));
        let at = now();
        let took = at.duration_since(last);
        last = at;
        run.checks += 1;
        run.stalls += u64::from(took >= STALL);
        run.longest = run.longest.max(took);
        if at.duration_since(start) >= length {
            break;
        }
    }
    run
}

fn pairs(count: usize) -> Vec<Pair> {
    let mut dice = Dice::new(7);
    let pair = |_| {
        let (who, place) = (dice.below(PRINCIPALS), dice.below(REPOSITORIES));
        let id = PrincipalId::new(FIRST_PRINCIPAL + who);
        let caller = Caller::assertion(id, organisation::kind(who), None, TokenLimits::Full);
        (caller, NodeId::new(FIRST_REPOSITORY + place))
    };
    (0..count).map(pair).collect()
}

fn per_second(changes: u32, turns: u32, length: Duration) -> f64 {
    f64::from(changes) / (f64::from(turns) * length.as_secs_f64())
}

/// Binds this thread to one core.
fn bind(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).expect("a machine with two cores");
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("a number of pages") * 4096
}
