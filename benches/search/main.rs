//! Searches for packages through storage, on SQLite on disk, over 10,000 versions in 2,000 packages and over ten times as many.
//! Bars: p50 ≤ 2 ms and ≤ 5 ms, p99 ≤ 20 ms, the worst of the hostile set ≤ 100 ms, growth of p50 by less than 3.
//! `cargo bench -p benches --bench search`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::time::Duration;

use benches::{Outcome, now, smoke};
use domain::{EntryKey, EntryKind, Format, Granted, Limit, PackageName, Publish, Read, RefName};
use rustix::time::{ClockId, clock_gettime};
use storage::testing::{Bench, Place};
use storage::{Batch, NewEntry, Plan, ProjectSpec, RepositorySpec, Rule, Search, Storage};

mod corpus;
mod queries;

use corpus::Package;
use queries::{Query, hostile, realistic};

const FEED: &str = "bench/feed";
/// Versions of each package.
const VERSIONS: u64 = 5;
/// Packages of one commit.
const COMMIT_PACKAGES: u64 = 200;

/// What a set of queries took each: on the clock, and of the processor.
struct Took {
    clock: Vec<Duration>,
    cpu: Vec<Duration>,
}

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (sizes, queries) = if smoke() { ([20, 200], 40) } else { ([2_000, 20_000], 4_000) };
    println!(
        "{:>8} {:>9} {:<9} {:>28} {:>28}",
        "packages", "versions", "queries", "clock p50/p99/worst, ms", "cpu p50/p99/worst, ms"
    );
    let mut medians = Vec::new();
    for packages in sizes {
        let bench = runtime.block_on(filled(packages))?;
        let storage = &bench.opened.storage;
        let may = bench.on::<Read>(FEED);
        let usual = (0..queries).map(|number| realistic(number, packages));
        let usual = runtime.block_on(measured(storage, &may, usual))?;
        medians.push((Took::at(&usual.clock, 500), Took::at(&usual.cpu, 500)));
        say(packages, "realistic", &usual);
        say(packages, "hostile", &runtime.block_on(measured(storage, &may, hostile().into_iter()))?);
    }
    if let [small, large] = medians.as_slice() {
        let growth = |small: Duration, large: Duration| large.as_secs_f64() / small.as_secs_f64();
        println!(
            "growth of p50, bar 3: {:.2} on the clock, {:.2} of the processor",
            growth(small.0, large.0),
            growth(small.1, large.1)
        );
    }
    println!("bars: p50 2 ms and 5 ms, p99 20 ms, worst of the hostile 100 ms");
    Ok(())
}

/// A feed of so many packages.
async fn filled(packages: u64) -> Outcome<Bench> {
    let repository = RepositorySpec {
        webhooks: Vec::new(),
        description: None,
        name: domain::RepositoryName::parse("feed")?,
        format: Format::new("nuget"),
        visibility: domain::Visibility::Private,
        policy: None,
    };
    let project = ProjectSpec {
        webhooks: Vec::new(),
        description: None,
        publishers: Vec::new(),
        key: domain::ProjectKey::parse("bench")?,
        title: None,
        access: None,
        roles: Vec::new(),
        repositories: vec![repository],
    };
    let bench = Bench::with(Place::disk(), Plan { projects: vec![project], ..Plan::default() }).await;
    let (mut first, started) = (0, now());
    while first < packages {
        let last = packages.min(first + COMMIT_PACKAGES);
        let entries = (first..last).flat_map(versions).collect::<Result<_, _>>()?;
        let batch = Batch { entries, ..Batch::default() };
        bench.opened.storage.commit(bench.on::<Publish>(FEED), None, batch).await?;
        first = last;
    }
    println!("{packages} packages published in {:.1} s", started.elapsed().as_secs_f64());
    Ok(bench)
}

fn versions(number: u64) -> Vec<Outcome<NewEntry>> {
    let package = Package::new(number);
    let version = |version: u64| {
        let name = format!("1.{version}");
        let key = EntryKey {
            kind: EntryKind::Version,
            package: PackageName::folded(&package.id, &package.id.to_lowercase())?,
            name: RefName::exact(&name)?,
        };
        Ok(NewEntry {
            key,
            content: None,
            rule: Rule::ByPolicy,
            media_type: "".into(),
            attributes: "{}".into(),
            words: package.words(version),
            edges: Vec::new(),
        })
    };
    (0..VERSIONS).map(version).collect()
}

async fn measured(
    storage: &Storage,
    may: &Granted<Read>,
    queries: impl Iterator<Item = Query>,
) -> Outcome<Took> {
    let mut took = Took { clock: Vec::new(), cpu: Vec::new() };
    for query in queries {
        let search = Search {
            wanted: &query.wanted,
            facet: query.facet,
            first: query.first.as_deref(),
            skip: query.skip,
            limit: Limit::capped(query.take),
        };
        let (started, before) = (now(), cpu());
        storage.search(may, &search).await?;
        took.clock.push(started.elapsed());
        took.cpu.push(cpu().saturating_sub(before));
    }
    took.clock.sort_unstable();
    took.cpu.sort_unstable();
    Ok(took)
}

/// What this process has used of the processors so far.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl Took {
    /// What so many of a thousand stay within.
    fn at(sorted: &[Duration], per_mille: usize) -> Duration {
        let at = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}

fn say(packages: u64, name: &str, took: &Took) {
    let figures = |sorted: &[Duration]| {
        let [p50, p99, worst] = [500, 990, 1000].map(|share| Took::at(sorted, share).as_secs_f64() * 1000.0);
        format!("{p50:.2} / {p99:.2} / {worst:.2}")
    };
    println!(
        "{packages:>8} {:>9} {name:<9} {:>28} {:>28}",
        packages * VERSIONS,
        figures(&took.clock),
        figures(&took.cpu)
    );
}
