//! Durable writes against a bare write + fsync loop of the same bytes and parallelism, in one run: blobs of 1 MiB by 8 clients
//! (bar 0.8, design §9), Maven deploys of a 100 kB jar by 16, NuGet pushes of a 100 kB package by 8.
//! `cargo bench -p benches --bench push_durable`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::fs::File;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;

use benches::gateway::{Gateway, sha256};
use benches::package::{form, noise, nupkg};
use benches::{Outcome, now, send_on, smoke};

/// One kind of write: what it is, how many do it at once, and how one is asked for.
struct Case {
    name: &'static str,
    clients: usize,
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
    Case { name: "OCI blob of 1 MiB", clients: 8, request: blob },
    Case { name: "Maven jar of 100 kB", clients: 16, request: jar },
    Case { name: "NuGet package of 100 kB", clients: 8, request: package },
];

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (each, rounds) = if smoke() { (2, 1) } else { (48, 3) };
    let gateway = Gateway::start(folder.path())?;
    println!(
        "{:<26} {:>8} {:>14} {:>17} {:>7}",
        "durable", "clients", "wharfinger/s", "write + fsync/s", "ratio"
    );
    let mut number = 0;
    for case in &CASES {
        let (mut ours, mut bare) = (0_f64, 0_f64);
        for _ in 0..rounds {
            let mut next = || {
                number += 1;
                (case.request)(number)
            };
            let mut all = Vec::new();
            for _ in 0..case.clients {
                all.push((0..each).map(|_| next()).collect::<Outcome<Vec<_>>>()?);
            }
            let place = folder.path().join(format!("bare-{number}"));
            std::fs::create_dir(&place)?;
            bare = bare.max(rate(&all, |client, requests| write_files(&place, client, requests))?);
            ours = ours.max(rate(&all, |_, requests| send_all(&gateway, requests))?);
        }
        println!("{:<26} {:>8} {ours:>14.0} {bare:>17.0} {:>7.2}", case.name, case.clients, ours / bare);
    }
    println!("resident at most: {} KiB", gateway.server.memory_kib("VmHWM")?);
    Ok(())
}

/// Requests per second that all clients together reach, each with those of its own.
fn rate(
    all: &[Vec<Request>],
    client: impl Fn(usize, &[Request]) -> Result<(), String> + Sync,
) -> Outcome<f64> {
    let started = now();
    std::thread::scope(|scope| {
        let client = &client;
        let numbered = all.iter().enumerate();
        let running: Vec<_> =
            numbered.map(|(number, requests)| scope.spawn(move || client(number, requests))).collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    let done: usize = all.iter().map(Vec::len).sum();
    Ok(done as f64 / started.elapsed().as_secs_f64())
}

fn write_files(folder: &Path, client: usize, requests: &[Request]) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    for (number, request) in requests.iter().enumerate() {
        let mut file = File::create(folder.join(format!("{client}-{number}"))).map_err(text)?;
        file.write_all(&request.body).map_err(text)?;
        file.sync_all().map_err(text)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(text)?;
    }
    Ok(())
}

fn send_all(gateway: &Gateway, requests: &[Request]) -> Result<(), String> {
    let stream = TcpStream::connect(gateway.server.address).map_err(|error| error.to_string())?;
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
