//! Every page of the console over a large organisation: 200 projects, 2,000 repositories, 100,000 versions, 20,000 people; one request at a
//! time over loopback, as who administers everything and as a member. Bars: 60 kB of HTML, p99 10 ms (docs/console.md 8).
//! `cargo bench -p benches --bench console`; needs `taskset` and the release build. `-- --keep DIR` keeps the organisation there, and
//! takes one that is there already.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use benches::gateway::Gateway;
use benches::{Outcome, header, now, smoke};

mod fat;
mod filling;
mod visitor;
mod walk;
mod world;

use visitor::Visitor;
use walk::{Found, Map};

/// Most bytes of the HTML of a page.
const HTML_BYTES_MAX: usize = 60_000;
/// Longest time that 99 of 100 requests take.
const P99_MAX: Duration = Duration::from_millis(10);
/// How long one address is asked, unless it is slow.
const LONG_ENOUGH: Duration = Duration::from_secs(1);
/// File that says that the organisation was filled.
const FILLED: &str = "filled";

/// One line of the table.
struct Line {
    kind: String,
    by: &'static str,
    statuses: Vec<u16>,
    /// Whether it is a page; what is saved as a file may take its time.
    is_html: bool,
    bytes: usize,
    median: Duration,
    p99: Duration,
    /// Of the processor, for each request.
    cpu: Duration,
    /// The address that took longest.
    worst: String,
}

fn main() -> Outcome<()> {
    let (sizes, times) = if smoke() { (world::SMALL, 1) } else { (world::LARGE, 100) };
    let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let folder = kept().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let gateway = Gateway::start_organised(&folder, &world::organisation(&sizes)?)?;
    fill(&gateway, &folder, &sizes)?;
    let before = gateway.server.memory_kib("RssAnon")?;
    let visitors =
        [Visitor::log_in(gateway.server.address, "bench")?, Visitor::log_in(gateway.server.address, "mia")?];
    let (map, mut found) = (Map::new()?, Found::default());
    for visitor in &visitors {
        found.walk(&map, visitor)?;
    }
    let mut lines = Vec::new();
    for (kind, addresses) in &found.pages {
        for visitor in &visitors {
            lines.push(measured(&gateway, visitor, kind, addresses, times)?);
        }
    }
    let over = told(&lines);
    let reached = |pattern: &&&str| found.pages.keys().any(|kind| is_of(kind, pattern));
    let missing: Vec<_> = map.patterns.iter().filter(|pattern| !reached(pattern)).collect();
    println!("no link leads to: {missing:?}");
    println!(
        "memory of its own: {before} KiB before the first page, {} KiB after all of them; with what is mapped of files {} KiB at most",
        gateway.server.memory_kib("RssAnon")?,
        gateway.server.memory_kib("VmHWM")?
    );
    if over > 0 && !smoke() {
        return Err(format!("{over} of {} lines are above a bar", lines.len()).into());
    }
    Ok(())
}

fn fill(gateway: &Gateway, folder: &Path, sizes: &world::Sizes) -> Outcome<()> {
    let filled = folder.join(FILLED);
    if !filled.try_exists()? {
        filling::fill(gateway.server.address, &gateway.basic, sizes)?;
        std::fs::write(filled, "")?;
    }
    Ok(())
}

/// Where the organisation is kept, if it is to be.
fn kept() -> Option<PathBuf> {
    std::env::args().skip_while(|word| word != "--keep").nth(1).map(PathBuf::from)
}

/// Whether a kind of page is of this line of the list.
fn is_of(kind: &str, pattern: &str) -> bool {
    let path = kind.split(['?', ' ']).next().unwrap_or(kind);
    let (begin, end) = pattern.split_once("{repository}").unwrap_or((pattern, ""));
    let end = end.strip_suffix("/{*below}").unwrap_or(end);
    match path.strip_prefix(begin) {
        _ if begin == pattern => path == pattern,
        Some(rest) if pattern.ends_with("{*below}") => rest.contains('…'),
        Some(rest) => rest.split_once('/').map_or("", |(_, rest)| rest) == end.trim_start_matches('/'),
        None => false,
    }
}

fn measured(
    gateway: &Gateway,
    visitor: &Visitor,
    kind: &str,
    addresses: &[String],
    times: usize,
) -> Outcome<Line> {
    let (mut statuses, mut bytes, mut all) = (Vec::new(), 0, Vec::new());
    let mut is_html = false;
    let (mut slowest, mut worst) = (Duration::ZERO, String::new());
    let before = gateway.server.processor_time()?;
    for address in addresses {
        let mut took = Vec::with_capacity(times);
        let begun = now();
        for _ in 0..times {
            // What is slow is known to be so soon.
            if begun.elapsed() > LONG_ENOUGH && took.len() >= times / 10 {
                break;
            }
            let (answer, time) = visitor.open(address)?;
            took.push(time);
            bytes = bytes.max(answer.body.len());
            is_html |= header(&answer.head, "content-type").is_some_and(|kind| kind.starts_with("text/html"));
            if !statuses.contains(&answer.status) {
                statuses.push(answer.status);
            }
        }
        took.sort_unstable();
        let median = share(&took, 500);
        if median >= slowest {
            (slowest, worst) = (median, address.clone());
        }
        all.extend(took);
    }
    let requests = u32::try_from(all.len())?.max(1);
    let cpu = gateway.server.processor_time()?.saturating_sub(before) / requests;
    all.sort_unstable();
    let (median, p99) = (share(&all, 500), share(&all, 990));
    Ok(Line { kind: kind.to_owned(), by: visitor.name, statuses, is_html, bytes, median, p99, cpu, worst })
}

/// What so many of a thousand stay within.
fn share(sorted: &[Duration], per_mille: usize) -> Duration {
    let at = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// Prints the table, and says how many lines are above a bar.
fn told(lines: &[Line]) -> usize {
    println!(
        "{:<72} {:<6} {:>8} {:>7} {:>8} {:>8} {:>8}",
        "page", "by", "status", "bytes", "p50, ms", "p99, ms", "cpu, ms"
    );
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let mut over = 0;
    for line in lines {
        let is_over = (line.is_html && (line.bytes >= HTML_BYTES_MAX || line.p99 > P99_MAX))
            || line.statuses.iter().any(|status| *status >= 500);
        over += usize::from(is_over);
        let statuses: Vec<String> = line.statuses.iter().map(u16::to_string).collect();
        println!(
            "{:<72} {:<6} {:>8} {:>7} {:>8.2} {:>8.2} {:>8.2}{}",
            line.kind,
            line.by,
            statuses.join(","),
            line.bytes,
            millis(line.median),
            millis(line.p99),
            millis(line.cpu),
            if is_over { format!("  OVER, the slowest: {}", line.worst) } else { String::new() },
        );
    }
    over
}
