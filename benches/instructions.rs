//! Instructions a request costs the gateway outside the kernel, counted by valgrind: the same on every machine and in every run, where rates
//! of a shared machine move by a third. `cargo bench -p benches --bench instructions`; needs `valgrind` and the release build.
//! `WHARFINGER_BENCH_BEFORE=PATH` names the binary of an earlier build to count beside it.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use benches::fetches::{Build, Fetch};
use benches::{Outcome, binary, now, send_on, smoke};

/// Longest wait for valgrind to write down what it counted, in seconds.
const DUMP_SECS_MAX: u64 = 30;

/// A build under valgrind.
struct Counted {
    build: Build,
    folder: PathBuf,
    dumps: u32,
}

impl Counted {
    fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        let out = format!("--callgrind-out-file={}/counts", folder.display());
        let build =
            Build::start(program, &["valgrind", "--tool=callgrind", "--quiet", &out], &folder.join("data"))?;
        Ok(Self { build, folder: folder.to_owned(), dumps: 0 })
    }

    /// Instructions since the last call. A process that sleeps writes nothing: it is asked for something until it has.
    fn instructions(&mut self) -> Outcome<u64> {
        self.dumps += 1;
        let file = self.folder.join(format!("counts.{}", self.dumps));
        let process = self.build.gateway.server.id().to_string();
        Command::new("callgrind_control").args(["--dump", &process]).output()?;
        let started = now();
        while started.elapsed() < Duration::from_secs(DUMP_SECS_MAX) {
            if let Some(total) = std::fs::read_to_string(&file).ok().as_deref().and_then(total) {
                return Ok(total);
            }
            benches::send(self.build.gateway.server.address, "GET", "/livez", &[], &[])?;
        }
        Err("valgrind wrote nothing down".into())
    }

    /// Instructions of one request: the difference between few and many, so that what a dump costs does not count.
    fn per_request(&mut self, index: usize, many: u32) -> Outcome<u64> {
        let mut counts = [0, 0];
        for (requests, count) in [many, 2 * many].into_iter().zip(&mut counts) {
            self.ask(index, 100)?;
            self.instructions()?;
            self.ask(index, requests)?;
            *count = self.instructions()?;
        }
        let [few, more] = counts;
        Ok(more.saturating_sub(few) / u64::from(many))
    }

    fn ask(&self, index: usize, requests: u32) -> Outcome<()> {
        let fetch = self.build.fetches.get(index).ok_or("no such fetch")?;
        let stream = TcpStream::connect(self.build.gateway.server.address)?;
        for _ in 0..requests {
            let answer = send_on(&stream, "GET", &fetch.path, &fetch.headers(), &[])?;
            if answer.status != 200 {
                return Err(format!("{}: {}", fetch.name, answer.head).into());
            }
        }
        Ok(())
    }
}

/// The sum at the end of valgrind's file; nothing as long as it is being written.
fn total(text: &str) -> Option<u64> {
    text.lines().rev().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let many = if smoke() { 10 } else { 1000 };
    let start = |program: &Path, name: &str| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder)?;
        Counted::start(program, &folder)
    };
    let mut ours = start(&binary()?, "now")?;
    let before = std::env::var_os("WHARFINGER_BENCH_BEFORE").map(PathBuf::from);
    let mut before = before.map(|program| start(&program, "before")).transpose()?;
    println!("{:<34} {:>12} {:>12} {:>7}", "instructions of a request", "wharfinger", "before", "ratio");
    let names: Vec<&str> = ours.build.fetches.iter().map(|fetch: &Fetch| fetch.name).collect();
    for (index, name) in names.into_iter().enumerate().filter(|(_, name)| !name.contains("MiB")) {
        let now = ours.per_request(index, many)?;
        let Some(before) = &mut before else {
            println!("{name:<34} {now:>12} {:>12} {:>7}", "-", "-");
            continue;
        };
        let before = before.per_request(index, many)?;
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        let ratio = now as f64 / before as f64;
        println!("{name:<34} {now:>12} {before:>12} {ratio:>7.2}");
    }
    Ok(())
}
