//! GET of images, Maven files and NuGet documents against nginx serving the same bytes as static files: one core each, all in one run, in
//! turns. `cargo bench -p benches --bench http_ratio`; needs `nginx`, `wrk`, `taskset` and the release build. Prints ratios.
//! `WHARFINGER_BENCH_BEFORE=PATH` names the binary of an earlier build that is measured in the same turns.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use benches::fetches::{Build, Fetch};
use benches::{Outcome, Server, binary, free_address, on_core, smoke, wrk};

/// Each build is started this often: where a process lies in memory makes it fast or slow by a tenth for as long as it lives.
const STARTS: usize = 3;

fn main() -> Outcome<()> {
    let (secs, turns, starts) = if smoke() { (1, 1, 1) } else { (1, 4, STARTS) };
    let (now, before) = (binary()?, std::env::var_os("WHARFINGER_BENCH_BEFORE").map(PathBuf::from));
    let mut rates = Vec::new();
    let mut resident_kib = 0;
    for _ in 0..starts {
        let folder = tempfile::tempdir()?;
        let build = Build::start(&now, &[], &folder.path().join("now"))?;
        let earlier =
            before.as_deref().map(|program| Build::start(program, &[], &folder.path().join("before")));
        let earlier = earlier.transpose()?;
        let nginx = nginx(folder.path(), &build.files)?;
        rates.resize_with(build.fetches.len(), Rates::default);
        for ((index, fetch), rates) in build.fetches.iter().enumerate().zip(&mut rates) {
            rates.name = fetch.name;
            let file = Fetch { name: "", path: format!("/{}", fetch.file), authorization: None, file: "" };
            let mut asked = vec![(&mut rates.ours, build.gateway.server.address, fetch)];
            if let Some(earlier) = &earlier {
                let same = earlier.fetches.get(index).ok_or("no such fetch")?;
                asked.push((&mut rates.before, earlier.gateway.server.address, same));
            }
            asked.push((&mut rates.nginx, nginx.address, &file));
            for _ in 0..turns {
                for (rates, address, fetch) in &mut asked {
                    rates.push(measure(secs, *address, fetch)?);
                }
                // Who comes second finds another machine than who comes first.
                asked.reverse();
            }
        }
        resident_kib = resident_kib.max(build.gateway.server.memory_kib("VmRSS")?);
    }
    println!(
        "{:<34} {:>12} {:>12} {:>7} {:>8} {:>12}",
        "one core each, 16 connections", "wharfinger/s", "nginx/s", "ratio", "before", "now/before"
    );
    for Rates { name, ours, before, nginx } in rates {
        let (earlier, change) = match before.as_slice() {
            [] => ("-".to_owned(), "-".to_owned()),
            before => {
                let ratio = |of: &[f64], to: &[f64]| format!("{:.2}", median(turn_by_turn(of, to)));
                (ratio(before, &nginx), ratio(&ours, before))
            }
        };
        let ratio = median(turn_by_turn(&ours, &nginx));
        let (ours, nginx) = (median(ours), median(nginx));
        println!("{name:<34} {ours:>12.0} {nginx:>12.0} {ratio:>7.2} {earlier:>8} {change:>12}");
    }
    println!("resident after the run: {resident_kib} KiB");
    Ok(())
}

/// Requests per second of one fetch, turn by turn.
#[derive(Default)]
struct Rates {
    name: &'static str,
    ours: Vec<f64>,
    before: Vec<f64>,
    nginx: Vec<f64>,
}

/// A virtual machine is fast in one second and slow in the next: only what was measured in the same turn is compared.
fn turn_by_turn(of: &[f64], to: &[f64]) -> Vec<f64> {
    of.iter().zip(to).map(|(of, to)| of / to).collect()
}

/// Turns are short, and the one in the middle counts.
fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn measure(secs: u32, address: SocketAddr, fetch: &Fetch) -> Outcome<f64> {
    wrk(secs, &format!("http://{address}{}", fetch.path), &fetch.headers())
}

/// nginx with one worker on core 0, logs off, tuned as its own documentation says for static files.
fn nginx(folder: &Path, files: &[(&str, Vec<u8>)]) -> Outcome<Server> {
    let root = folder.join("www");
    std::fs::create_dir(&root)?;
    for (name, bytes) in files {
        std::fs::write(root.join(name), bytes)?;
    }
    let (address, at) = (free_address()?, folder.display());
    let config = format!(
        "daemon off; master_process off; worker_processes 1; pid {at}/nginx.pid; error_log {at}/nginx.log crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;\n\
         client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n\
         server {{ listen {address}; root {}; }} }}\n",
        root.display()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config)?;
    let mut command = on_core(0, Path::new("nginx"));
    command.arg("-p").arg(folder).arg("-c").arg(file);
    Server::start(command, address, "/manifest")
}
