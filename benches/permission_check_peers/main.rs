//! The permission cache beside Cedar and casbin on a scenario all three can express, in one run. All answers are compared
//! before anything is measured.
//!
//! `cargo bench -p benches --features peers --bench permission_check_peers`; one thread, whose processor
//! time is counted.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench makes its own input, stops at the first surprise and prints what it measured"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use casbin_scenario::Casbin;
use cedar_scenario::Cedar;
use cpu_time::CpuTime;
use criterion::measurement::Measurement as _;
use ours::Ours;
use scenario::{Question, Scenario, questions};

#[path = "casbin.rs"]
mod casbin_scenario;
#[path = "cedar.rs"]
mod cedar_scenario;
#[path = "../cpu_time.rs"]
mod cpu_time;
mod ours;
mod scenario;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The engines under one roof, each with its own form of the questions, prepared before the clock starts.
struct Engines {
    ours: Ours,
    per_grant: Cedar,
    attributes: Cedar,
    casbin: Casbin,
}

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let scenario = Scenario::new();
    println!(
        "{} users in {} of {} groups each, {} projects, {} repositories, {} grants",
        scenario::USERS,
        scenario::GROUPS_PER_USER,
        scenario::GROUPS,
        scenario::PROJECTS,
        scenario::REPOSITORIES,
        scenario::GRANTS
    );
    let engines = Engines {
        ours: Ours::new(&scenario, &runtime),
        per_grant: Cedar::with_a_policy_per_grant(&scenario),
        attributes: Cedar::with_attributes(&scenario),
        casbin: Casbin::new(&scenario, &runtime),
    };
    engines.agree(&scenario, &questions(if smoke { 200 } else { 10_000 }));
    engines.measure(&scenario, &questions(20_000), Duration::from_millis(if smoke { 20 } else { 3000 }));
}

impl Engines {
    fn agree(&self, scenario: &Scenario, questions: &[Question]) {
        let mut allowed = 0;
        for question in questions {
            let asked = Ours::asked(scenario, *question);
            let ours = self.ours.allows(&asked);
            let cedar = Cedar::asked(*question);
            let others = [
                self.ours.allows_by_id(&asked),
                self.per_grant.allows(&cedar),
                self.attributes.allows(&cedar),
                self.casbin.allows(&Casbin::asked(*question)),
            ];
            assert_eq!(others, [ours; 4], "{question:?}");
            allowed += usize::from(ours);
        }
        println!("{} answers are the same in all engines, {allowed} of them yes", questions.len());
        assert!(
            allowed > questions.len() / 50 && allowed < questions.len() / 2,
            "the scenario tells nothing"
        );
    }

    fn measure(&self, scenario: &Scenario, questions: &[Question], duration: Duration) {
        let asked: Vec<_> = questions.iter().map(|question| Ours::asked(scenario, *question)).collect();
        let by_id = nanos_per_check(&asked, duration, |asked| self.ours.allows_by_id(asked));
        let ours = nanos_per_check(&asked, duration, |asked| self.ours.allows(asked));
        let asked: Vec<_> = questions.iter().map(|question| Cedar::asked(*question)).collect();
        let attributes = nanos_per_check(&asked, duration, |asked| self.attributes.allows(asked));
        let per_grant = nanos_per_check(&asked, duration, |asked| self.per_grant.allows(asked));
        let asked: Vec<_> = questions.iter().map(|question| Casbin::asked(*question)).collect();
        let casbin = nanos_per_check(&asked, duration, |asked| self.casbin.allows(asked));
        println!("{:<40} {:>12} {:>12}", "one check", "ns", "ratio");
        for (name, nanos) in [
            ("permission-cache, with names", ours),
            ("permission-cache, resolved ids", by_id),
            ("Cedar 4, attributes of the resource", attributes),
            ("Cedar 4, a policy for each grant", per_grant),
            ("casbin 2, resource roles", casbin),
        ] {
            println!("{name:<40} {nanos:>12.0} {:>12.1}", nanos / ours);
        }
    }
}

fn nanos_per_check<Q>(questions: &[Q], duration: Duration, allows: impl Fn(&Q) -> bool) -> f64 {
    let (start, cpu_start) = (now(), CpuTime.start());
    let mut checks = 0_u32;
    for question in questions.iter().cycle() {
        black_box(allows(question));
        checks += 1;
        // Looking at the clock costs as much as a check.
        if checks.is_multiple_of(64) && start.elapsed() >= duration {
            break;
        }
    }
    CpuTime.end(cpu_start).as_nanos() as f64 / f64::from(checks)
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a bench measures")]
    Instant::now()
}
