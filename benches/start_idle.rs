//! Start to ready, and resident memory when idle. Bars: 200 ms, 25 MB (docs/design.md 9). `cargo bench -p benches --bench start_idle`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::time::Duration;

use benches::gateway::Gateway;
use benches::{Outcome, now, smoke};

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let rounds = if smoke() { 1 } else { 10 };
    drop(Gateway::start(folder.path())?);
    let mut took = Vec::new();
    let mut resident_kib = 0;
    for _ in 0..rounds {
        let started = now();
        let gateway = Gateway::start(folder.path())?;
        took.push(started.elapsed());
        std::thread::sleep(Duration::from_millis(500));
        resident_kib = resident_kib.max(gateway.server.memory_kib("VmRSS")?);
    }
    took.sort_unstable();
    let (median, worst) = (took.get(took.len() / 2), took.last());
    println!("start to ready, with generating a token first, bar 200 ms: median {median:?}, worst {worst:?}");
    println!("resident when idle, bar 25 MB: {resident_kib} KiB");
    Ok(())
}
