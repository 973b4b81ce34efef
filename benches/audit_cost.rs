//! What the audit costs a pull: manifests of a private repository from a gateway that tells of each fetch and from one that tells of
//! none, one core each in turns. Bar: 3 % (docs/api.md 11). `cargo bench -p benches --bench audit_cost`; needs `wrk`, `taskset` and the
//! release build. All pulls are alike and so become one event a second: what is measured is what a request pays for being told of, and
//! not the rows of many different ones, which are written beside the requests.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use benches::fetches::Build;
use benches::{Outcome, binary, smoke, wrk};

/// Each is started this often: where a process lies in memory makes it fast or slow by a tenth for as long as it lives.
const STARTS: usize = 3;
/// Runs it with fetches left out.
const SILENT: &[&str] = &["env", "WHARFINGER__AUDIT__FETCHES=false"];

fn main() -> Outcome<()> {
    let (secs, turns, starts) = if smoke() { (1, 1, 1) } else { (1, 8, STARTS) };
    let program = binary()?;
    let mut ratios: Vec<(&str, Vec<f64>)> = Vec::new();
    for _ in 0..starts {
        let folder = tempfile::tempdir()?;
        let told = Build::start(&program, &[], &folder.path().join("told"))?;
        let silent = Build::start(&program, SILENT, &folder.path().join("silent"))?;
        let pulls = told.fetches.iter().zip(&silent.fetches);
        for (told_of, same) in
            pulls.filter(|(fetch, _)| fetch.authorization.is_some() && fetch.file == "manifest")
        {
            let mut asked = [(told.gateway.server.address, told_of), (silent.gateway.server.address, same)];
            let mut each = Vec::new();
            for turn in 0..turns {
                let mut rates = [0.0; 2];
                for (rate, (address, fetch)) in rates.iter_mut().zip(&asked) {
                    *rate = wrk(secs, &format!("http://{address}{}", fetch.path), &fetch.headers())?;
                }
                let [first, second] = rates;
                each.push(if turn % 2 == 0 { first / second } else { second / first });
                // Who comes second finds another machine than who comes first.
                asked.reverse();
            }
            match ratios.iter_mut().find(|(name, _)| *name == told_of.name) {
                Some((_, ratios)) => ratios.extend(each),
                None => ratios.push((told_of.name, each)),
            }
        }
    }
    println!("{:<34} {:>18}", "what the audit costs, bar 3 %", "of the rate, in %");
    for (name, mut ratios) in ratios {
        ratios.sort_by(f64::total_cmp);
        let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
        println!("{name:<34} {:>18.1}", (1.0 - median) * 100.0);
    }
    Ok(())
}
