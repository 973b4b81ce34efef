//! Durable writes by clients on one core, against two loops of the same bytes and parallelism in the same run, each on the
//! gateway's one core: a bare write + fsync (bar 0.8, docs/design.md 9), and the [`floor`] of any server, which receives and hashes the
//! bytes too. The second is the one to tune by where fsync hardly waits. Blobs of 1 MiB by 8 clients, Maven deploys of
//! a 100 kB jar by 16, NuGet pushes of a 100 kB package by 8. `cargo bench -p benches --bench push_durable`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::fs::File;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use benches::gateway::{Gateway, sha256};
use benches::package::{form, noise, nupkg};
use benches::{Outcome, now, send_on, smoke};
use rustix::thread::{CpuSet, sched_setaffinity};

mod floor;

/// What a thread of this benchmark may fail with; errors of the other kind do not cross threads.
type Text<T> = Result<T, String>;

/// One kind of write: what it is, how many do it at once, and how one is asked for.
struct Case {
    name: &'static str,
    clients: usize,
    /// Whether the protocol wants MD5, SHA-1 and SHA-512 beside SHA-256.
    all_hashes: bool,
    request: fn(u64) -> Outcome<Request>,
}

/// What a client sends; no two have the same bytes, so that nothing is deduplicated.
struct Request {
    method: &'static str,
    path: String,
    content_type: String,
    body: Vec<u8>,
}

const CASES: [Case; 3] = [
    Case { name: "OCI blob of 1 MiB", clients: 8, all_hashes: false, request: blob },
    Case { name: "Maven jar of 100 kB", clients: 16, all_hashes: true, request: jar },
    Case { name: "NuGet package of 100 kB", clients: 8, all_hashes: false, request: package },
];

/// Where the gateway and both loops run, and where their clients do.
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (each, rounds) = if smoke() { (2, 1) } else { (48, 5) };
    let gateway = Gateway::start(folder.path())?;
    println!(
        "{:<24} {:>7} {:>12} {:>15} {:>6} {:>8} {:>6}",
        "durable", "clients", "wharfinger/s", "write + fsync/s", "ratio", "floor/s", "ratio"
    );
    let mut number = 0;
    for case in &CASES {
        let [ours, bare, floor] = measure(case, each, rounds, &mut number, &gateway, folder.path())?;
        println!(
            "{:<24} {:>7} {ours:>12.0} {bare:>15.0} {:>6.2} {floor:>8.0} {:>6.2}",
            case.name,
            case.clients,
            ours / bare,
            ours / floor
        );
    }
    println!("resident at most: {} KiB", gateway.server.memory_kib("VmHWM")?);
    Ok(())
}

/// The best round of each: gateway, bare loop, floor. They take turns, so that a slow minute is everybody's.
fn measure(
    case: &Case,
    each: usize,
    rounds: usize,
    number: &mut u64,
    gateway: &Gateway,
    folder: &Path,
) -> Outcome<[f64; 3]> {
    let mut best = [0_f64; 3];
    for _ in 0..rounds {
        let mut all = Vec::new();
        for _ in 0..case.clients {
            let mut next = || {
                *number += 1;
                (case.request)(*number)
            };
            all.push((0..each).map(|_| next()).collect::<Outcome<Vec<_>>>()?);
        }
        let place = folder.join(format!("bare-{number}"));
        std::fs::create_dir(&place)?;
        let below = folder.join(format!("floor-{number}"));
        std::fs::create_dir(&below)?;
        let address = floor::start(SERVER_CORE, below)?;
        let round = [
            rate(&all, CLIENT_CORE, |_, requests| send_all(gateway, requests))?,
            rate(&all, SERVER_CORE, |client, requests| write_files(&place, client, requests))?,
            rate(&all, CLIENT_CORE, |_, requests| send_to_floor(address, requests, case.all_hashes))?,
        ];
        for (best, rate) in best.iter_mut().zip(round) {
            *best = best.max(rate);
        }
    }
    Ok(best)
}

/// Requests per second that all clients together reach, each with those of its own, on one core.
fn rate(
    all: &[Vec<Request>],
    core: usize,
    client: impl Fn(usize, &[Request]) -> Text<()> + Sync,
) -> Outcome<f64> {
    let started = now();
    std::thread::scope(|scope| {
        let client = &client;
        let mut running = Vec::with_capacity(all.len());
        for (number, requests) in all.iter().enumerate() {
            running.push(scope.spawn(move || pin(core).and_then(|()| client(number, requests))));
        }
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    let done: usize = all.iter().map(Vec::len).sum();
    Ok(done as f64 / started.elapsed().as_secs_f64())
}

/// Binds this thread to a core.
fn pin(core: usize) -> Text<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).map_err(|error| text(error.into()))
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}

fn write_files(folder: &Path, client: usize, requests: &[Request]) -> Text<()> {
    for (number, request) in requests.iter().enumerate() {
        let mut file = File::create(folder.join(format!("{client}-{number}"))).map_err(text)?;
        file.write_all(&request.body).map_err(text)?;
        file.sync_data().map_err(text)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(text)?;
    }
    Ok(())
}

fn send_to_floor(address: SocketAddr, requests: &[Request], all_hashes: bool) -> Text<()> {
    let stream = TcpStream::connect(address).map_err(text)?;
    requests.iter().try_for_each(|request| floor::send(&stream, &request.body, all_hashes))
}

fn send_all(gateway: &Gateway, requests: &[Request]) -> Text<()> {
    let stream = TcpStream::connect(gateway.server.address).map_err(text)?;
    for request in requests {
        let headers =
            [("authorization", gateway.basic.as_str()), ("content-type", request.content_type.as_str())];
        let answer = send_on(&stream, request.method, &request.path, &headers, &request.body);
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 201 {
            return Err(answer.head);
        }
    }
    Ok(())
}

fn blob(number: u64) -> Outcome<Request> {
    let body = noise(number, 1 << 20);
    let path = format!("/v2/p/bench/private/web/blobs/uploads/?digest={}", sha256(&body));
    Ok(Request { method: "POST", path, content_type: "application/octet-stream".to_owned(), body })
}

fn jar(number: u64) -> Outcome<Request> {
    let path = format!("/maven/p/bench/jars/org/bench/app/2.{number}/app-2.{number}.jar");
    let content_type = "application/java-archive".to_owned();
    Ok(Request { method: "PUT", path, content_type, body: noise(number, 100_000) })
}

fn package(number: u64) -> Outcome<Request> {
    let (content_type, body) = form(&nupkg("Bench.Push", &format!("2.{number}.0"), number, 100_000)?);
    Ok(Request { method: "PUT", path: "/nuget/p/bench/feed/v3/package/".to_owned(), content_type, body })
}
