//! What criterion does not print: tails, the effect of a writer, publishing, memory.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::measurement::Measurement as _;
use domain::{
    Holdings as _, NodeName, Permission, Policy, PolicyChange, PolicyFacts, PolicyFeed, ProjectId, RightKind,
    RoleFact, SubjectId, TeamFact,
};
use permission_cache::PermissionCache;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

use crate::cpu_time::CpuTime;
use crate::histogram::Histogram;
use crate::organisation::{self, Dice};
use crate::source::{Memory, StillClock};
use crate::{Pair, now, pairs};

/// The cache with the source that feeds it.
pub(crate) struct Stage {
    pub(crate) cache: Arc<PermissionCache>,
    source: Arc<Memory>,
    runtime: Runtime,
}

const RIGHT: RightKind = RightKind::Permission(Permission::Read);

impl Stage {
    /// Builds the cache and prints how long that took and how large it is.
    pub(crate) fn build() -> Self {
        let before = resident_bytes();
        let facts = organisation::facts();
        let memberships: usize = facts.teams.iter().map(|team| team.members.len()).sum();
        println!(
            "organisation: {} principals, {} teams, {memberships} memberships, {} projects, {} repositories, {} grants",
            facts.principals.len(),
            facts.teams.len(),
            facts.projects.len(),
            facts.repositories.len(),
            facts.grants.len()
        );
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let (cache, source, took) = open(&runtime, facts);
        let size = cache.size();
        let [wall, cpu] = took;
        println!("full build: {wall:?}, {cpu:?} of processor time");
        println!("snapshot: {} KB matrix, {} KB names", size.matrix_bytes / 1000, size.names_bytes / 1000);
        // Pages that were only needed to build go back after a moment.
        std::thread::sleep(Duration::from_secs(2));
        let resident = resident_bytes().saturating_sub(before);
        println!("resident with the writer's own indexes: {} MB", resident / 1_000_000);
        Self { cache, source, runtime }
    }

    /// Times every single check. The clock's own cost is in the figures; it is printed too.
    pub(crate) fn tails(&self, checks: u32) {
        let mut clock = Histogram::new();
        for _ in 0..checks {
            let start = now();
            clock.add(nanos(black_box(start).elapsed()));
        }
        println!("the clock itself: {clock}");
        let cold = pairs(1 << 20);
        let hot = &cold[..2000];
        for (name, pairs) in [("2,000 hot pairs", hot), ("random cold pairs", &cold[..])] {
            let (mut ids, mut names) = (Histogram::new(), Histogram::new());
            for pair in pairs.iter().cycle().take(checks as usize) {
                let caller = pair.caller();
                let start = now();
                black_box(self.cache.effective(&caller, pair.node()));
                ids.add(nanos(start.elapsed()));
            }
            for pair in pairs.iter().cycle().take(checks as usize) {
                let (caller, path) = (pair.caller(), pair.path());
                let start = now();
                black_box(self.cache.decide(&caller, NodeName::Repository(&path), RIGHT));
                names.add(nanos(start.elapsed()));
            }
            println!("one check, {name}, resolved ids: {ids}");
            println!("one check, {name}, with names: {names}");
        }
    }

    /// Checks per second with and without a writer that publishes about a thousand times per second on another thread.
    pub(crate) fn beside_a_writer(&self, duration: Duration) {
        let cold = pairs(1 << 20);
        let quiet = per_second(&self.cache, &cold, duration);
        let stop = AtomicBool::new(false);
        let (busy, published) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| self.publish_until(&stop));
            let busy = per_second(&self.cache, &cold, duration);
            stop.store(true, Ordering::Relaxed);
            (busy, writer.join().expect("the writer ends"))
        });
        let ratio = busy / quiet;
        println!(
            "checks: {quiet:.2} M/s quiet, {busy:.2} M/s beside {published:.0} publications/s, ratio {ratio:.2}"
        );
    }

    /// How long one change takes from the call to being in force.
    pub(crate) fn publications(&self, count: u32) {
        let mut dice = Dice::new(5);
        let mut grants = Vec::new();
        for number in 0..count {
            let fact = organisation::extra_grant(number, &mut dice);
            grants.push(self.publish(PolicyChange::Grant(fact.id, Some(fact))));
        }
        println!("one grant in force: {}", spread(grants));
        let facts = organisation::facts();
        let teams = facts.teams.iter().take(count as usize).map(|team| {
            let mut members = team.members.clone();
            members
                .push(SubjectId::new(organisation::FIRST_PRINCIPAL + dice.below(organisation::PRINCIPALS)));
            self.publish(PolicyChange::Team(team.id, Some(TeamFact { id: team.id, members })))
        });
        println!("one member more in a team: {}", spread(teams.collect()));
        let roles = facts.roles.iter().take(count as usize).map(|role| {
            let permissions = role.permissions.union(domain::Permissions::of(&[Permission::AuditView]));
            self.publish(PolicyChange::Role(role.id, Some(RoleFact { permissions, ..role.clone() })))
        });
        println!("one role edited: {}", spread(roles.collect()));
        let renames = facts.projects.iter().take(count as usize).map(|project| {
            let key = domain::ProjectKey::parse(&format!("renamed-{}", project.id)).expect("a key");
            let renamed = domain::ProjectFact { key, ..project.clone() };
            let took = self.publish(PolicyChange::Project(ProjectId::new(project.id.get()), Some(renamed)));
            self.publish(PolicyChange::Project(project.id, Some(project.clone())));
            took
        });
        println!("one project renamed: {}", spread(renames.collect()));
    }

    /// Lists are for people: they may take a while, and say how long.
    pub(crate) fn lists(&self) {
        let lists = pairs(50).into_iter().map(|pair| {
            let start = now();
            black_box(self.cache.readable(&pair.caller()));
            start.elapsed()
        });
        println!("all readable repositories: {}", spread(lists.collect()));
        let lists = pairs(50).into_iter().map(|pair| {
            let start = now();
            black_box(self.cache.known_projects(&pair.caller()));
            start.elapsed()
        });
        println!("all visible projects: {}", spread(lists.collect()));
    }

    /// Explaining is off the way of requests, and is bounded all the same: 50 µs each (docs/api.md 11).
    pub(crate) fn explanations(&self, count: usize) {
        let explained = pairs(count).into_iter().map(|pair| {
            let (caller, path) = (pair.caller(), pair.path());
            let start = now();
            let told = self.cache.explain(&caller, NodeName::Repository(&path), RIGHT);
            black_box(self.runtime.block_on(told));
            start.elapsed()
        });
        println!("one explanation: {}", spread(explained.collect()));
    }

    fn publish(&self, change: PolicyChange) -> Duration {
        let point = self.source.change(vec![change]);
        let start = now();
        self.runtime.block_on(self.cache.refresh_to(point)).expect("in force");
        start.elapsed()
    }

    /// Publications per second that it reached.
    fn publish_until(&self, stop: &AtomicBool) -> f64 {
        let mut dice = Dice::new(6);
        let start = now();
        let mut count = 0;
        while !stop.load(Ordering::Relaxed) {
            let fact = organisation::extra_grant(count % 1000, &mut dice);
            self.publish(PolicyChange::Grant(fact.id, Some(fact)));
            count += 1;
            let due = Duration::from_millis(count.into());
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    }
}

/// Opens a cache over these facts.
pub(crate) fn open(
    runtime: &Runtime,
    facts: PolicyFacts,
) -> (Arc<PermissionCache>, Arc<Memory>, [Duration; 2]) {
    let source = Memory::new(facts);
    let (start, cpu_start) = (now(), process_cpu_time());
    let cache = PermissionCache::open(Arc::clone(&source) as _, Arc::new(StillClock));
    let cache = runtime.block_on(cache).expect("facts in memory");
    (cache, source, [start.elapsed(), process_cpu_time().saturating_sub(cpu_start)])
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize =
        statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
    pages * 4096
}

/// Of all threads: compiling has its own.
fn process_cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// Millions of checks per second of this thread's processor time.
fn per_second(cache: &PermissionCache, pairs: &[Pair], duration: Duration) -> f64 {
    let (start, cpu_start) = (now(), CpuTime.start());
    let mut checks = 0_u64;
    for chunk in pairs.chunks(4096).cycle() {
        for pair in chunk {
            black_box(cache.effective(&pair.caller(), pair.node()));
        }
        checks += chunk.len() as u64;
        if start.elapsed() >= duration {
            break;
        }
    }
    checks as f64 / CpuTime.end(cpu_start).as_secs_f64() / 1e6
}

fn spread(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    format!("median {:?}, p99 {:?}, longest {:?}", at(50), at(99), took.last().copied().unwrap_or_default())
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The clock that measures; the product gets its time injected.
pub(crate) fn instant() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a bench measures")]
    Instant::now()
}
