//! Durable pushes of 1 MiB blobs by 8 clients against a bare write + fsync loop of the same size and parallelism, in one run.
//! Bar: 0.8 (design §9). `cargo bench -p benches --bench push_durable`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::fs::File;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;

use benches::gateway::{Gateway, sha256};
use benches::{Outcome, now, send_on, smoke};

const CLIENTS: usize = 8;
const BLOB_BYTES: usize = 1 << 20;

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (each, rounds) = if smoke() { (2, 1) } else { (64, 3) };
    let gateway = Gateway::start(folder.path())?;
    let (mut ours, mut bare) = (0_f64, 0_f64);
    for round in 0..rounds {
        bare = bare.max(rate(each, |client| write_files(folder.path(), round, client, each))?);
        ours = ours.max(rate(each, |client| push_blobs(&gateway, round, client, each))?);
    }
    println!(
        "1 MiB by {CLIENTS}, durable: wharfinger {ours:.0}/s, bare write + fsync {bare:.0}/s, ratio {:.2}, bar 0.8",
        ours / bare
    );
    println!("resident at most: {} KiB", gateway.server.memory_kib("VmHWM")?);
    Ok(())
}

/// Things per second that all clients together reach, each doing `each` of them.
fn rate(each: usize, client: impl Fn(usize) -> Result<(), String> + Sync) -> Outcome<f64> {
    let started = now();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..CLIENTS)
            .map(|number| {
                scope.spawn({
                    let client = &client;
                    move || client(number)
                })
            })
            .collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a client panicked".to_owned())?)
    })?;
    let done = (CLIENTS * each) as f64;
    Ok(done / started.elapsed().as_secs_f64())
}

/// Different bytes each time: nothing is deduplicated.
fn content(round: usize, client: usize, number: usize) -> Vec<u8> {
    let mut bytes = vec![b'x'; BLOB_BYTES];
    let mark = format!("{round} {client} {number}");
    if let Some(head) = bytes.get_mut(..mark.len()) {
        head.copy_from_slice(mark.as_bytes());
    }
    bytes
}

fn write_files(folder: &Path, round: usize, client: usize, each: usize) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    for number in 0..each {
        let mut file = File::create(folder.join(format!("bare-{round}-{client}-{number}"))).map_err(text)?;
        file.write_all(&content(round, client, number)).map_err(text)?;
        file.sync_all().map_err(text)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(text)?;
    }
    Ok(())
}

fn push_blobs(gateway: &Gateway, round: usize, client: usize, each: usize) -> Result<(), String> {
    let stream = TcpStream::connect(gateway.server.address).map_err(|error| error.to_string())?;
    for number in 0..each {
        let bytes = content(round, client, number);
        let path = format!("/v2/p/bench/private/web/blobs/uploads/?digest={}", sha256(&bytes));
        let answer = send_on(&stream, "POST", &path, &[("authorization", &gateway.basic)], &bytes);
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 201 {
            return Err(answer.head);
        }
    }
    Ok(())
}
