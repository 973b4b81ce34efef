//! May they: how fast the permission cache decides for 200,000 principals, 1 M memberships and 50,000 repositories, how
//! long its longest checks take, what a busy writer does to them, and how soon a change is in force (docs/design.md 9).
//!
//! `cargo bench -p benches --bench permission_check`; one thread checks and its processor time is
//! counted, so checks/s are per core.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench makes its own input, stops at the first surprise and prints what it measured"
)]

use std::hint::black_box;
use std::time::Duration;

use cpu_time::CpuTime;
use criterion::{BatchSize, Criterion, Throughput};
use domain::{
    Caller, NodeId, NodeName, Permission, Permissions, Policy, PrincipalId, RepositoryPath, RightKind,
    TokenLimits,
};
use figures::{Stage, instant as now};
use organisation::{Dice, FIRST_PRINCIPAL, FIRST_REPOSITORY, PRINCIPALS, REPOSITORIES};

#[path = "../cpu_time.rs"]
mod cpu_time;
mod figures;
mod histogram;
mod organisation;
mod source;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who asks about what.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    principal: u32,
    repository: u32,
}

impl Pair {
    pub(crate) fn caller(self) -> Caller {
        self.caller_with(TokenLimits::Full)
    }

    fn caller_with(self, limits: TokenLimits) -> Caller {
        let kind = organisation::kind(self.principal);
        Caller::assertion(PrincipalId::new(FIRST_PRINCIPAL + self.principal), kind, None, limits)
    }

    pub(crate) fn node(self) -> NodeId {
        NodeId::new(FIRST_REPOSITORY + self.repository)
    }

    pub(crate) fn path(self) -> RepositoryPath {
        organisation::path(self.repository)
    }
}

/// Random pairs: with many of them next to none is met twice while it is still in a cache.
pub(crate) fn pairs(count: usize) -> Vec<Pair> {
    let mut dice = Dice::new(7);
    let pair = |_| Pair { principal: dice.below(PRINCIPALS), repository: dice.below(REPOSITORIES) };
    (0..count).map(pair).collect()
}

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let stage = Stage::build();
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    throughput(&mut criterion, &stage);
    criterion.final_summary();
    stage.tails(if smoke { 1000 } else { 2_000_000 });
    stage.beside_a_writer(Duration::from_millis(if smoke { 50 } else { 3000 }));
    stage.publications(if smoke { 5 } else { 2000 });
    stage.lists();
    stage.explanations(if smoke { 50 } else { 900 });
}

fn throughput(criterion: &mut Criterion<CpuTime>, stage: &Stage) {
    let cache = &stage.cache;
    let all = pairs(1 << 20);
    let right = RightKind::Permission(Permission::Read);
    let mut group = criterion.benchmark_group("permission_check");
    group.throughput(Throughput::Elements(1));
    for (name, pairs) in [("2,000 hot pairs", &all[..2000]), ("random cold pairs", &all[..])] {
        let mut next = pairs.iter().copied().cycle();
        let mut pair = move || next.next().expect("a cycle never ends");
        group.bench_function(format!("{name}, resolved ids"), |bencher| {
            bencher.iter(|| {
                let pair = pair();
                black_box(cache.effective(&pair.caller(), pair.node()))
            });
        });
        group.bench_function(format!("{name}, with names"), |bencher| {
            bencher.iter_batched_ref(
                || {
                    let pair = pair();
                    (pair.caller(), pair.path())
                },
                |(caller, path)| cache.decide(caller, NodeName::Repository(path), right),
                BatchSize::NumIterations(64),
            );
        });
    }
    let mut next = all.iter().cycle();
    let limits = TokenLimits::Only((0..8).map(|node| (NodeId::new(100 + node), Permissions::ALL)).collect());
    group.bench_function("random cold pairs, resolved ids, token limited to 8 nodes", |bencher| {
        bencher.iter_batched_ref(
            || {
                let pair = next.next().expect("a cycle never ends");
                (pair.caller_with(limits.clone()), pair.node())
            },
            |(caller, node)| cache.effective(caller, *node),
            BatchSize::NumIterations(64),
        );
    });
    let mut next = all.iter().cycle();
    group.bench_function("anonymous, resolved ids", |bencher| {
        let nobody = Caller::anonymous();
        bencher.iter(|| black_box(cache.effective(&nobody, next.next().expect("a cycle never ends").node())));
    });
    group.finish();
}
