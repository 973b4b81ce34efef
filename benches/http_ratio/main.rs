//! GET of images, Maven files and NuGet documents against nginx serving the same bytes as static files: one core each, all in one run, in
//! turns. `cargo bench -p benches --bench http_ratio`; needs `nginx`, `wrk`, `taskset` and the release build. Prints ratios.
//! `WHARFINGER_BENCH_BEFORE=PATH` names the binary of an earlier build that is measured in the same turns.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

mod packages;

use benches::gateway::{Gateway, MANIFEST};
use benches::{Outcome, Server, binary, free_address, on_core, smoke, wrk};

/// One measured thing: its name, the gateway's path, who asks, and nginx's file.
struct Case {
    name: &'static str,
    path: String,
    authorization: Option<String>,
    file: &'static str,
}

/// A file of nginx: name and bytes.
type Served = (&'static str, Vec<u8>);

/// A build of the gateway with what is fetched from it.
struct Build {
    gateway: Gateway,
    cases: Vec<Case>,
}

impl Build {
    /// Starts it and publishes what is fetched later; gives nginx's files beside it.
    fn start(program: &Path, folder: &Path) -> Outcome<(Self, Vec<Served>)> {
        std::fs::create_dir(folder)?;
        let gateway = Gateway::start_of(program, folder)?;
        let (mut cases, mut files) = prepare(&gateway)?;
        packages::prepare(&gateway, &mut cases, &mut files)?;
        Ok((Self { gateway, cases }, files))
    }

    /// Requests per second of one case.
    fn measure(&self, secs: u32, index: usize) -> Outcome<f64> {
        let case = self.cases.get(index).ok_or("no such case")?;
        measure(secs, self.gateway.server.address, &case.path, case.authorization.as_deref())
    }
}

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (secs, rounds) = if smoke() { (1, 1) } else { (1, 15) };
    let (build, files) = Build::start(&binary()?, &folder.path().join("now"))?;
    let before = before().map(|program| Build::start(&program, &folder.path().join("before"))).transpose()?;
    let before = before.map(|(build, _)| build);
    let nginx = nginx(folder.path(), &files)?;
    println!(
        "{:<34} {:>12} {:>12} {:>7} {:>8}",
        "one core each, 16 connections", "wharfinger/s", "nginx/s", "ratio", "before"
    );
    for (index, case) in build.cases.iter().enumerate() {
        let (mut ours, mut theirs, mut earlier) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(build.measure(secs, index)?);
            if let Some(before) = &before {
                earlier.push(before.measure(secs, index)?);
            }
            theirs.push(measure(secs, nginx.address, &format!("/{}", case.file), None)?);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let earlier =
            if before.is_some() { format!("{:.2}", median(earlier) / theirs) } else { "-".to_owned() };
        println!("{:<34} {ours:>12.0} {theirs:>12.0} {:>7.2} {earlier:>8}", case.name, ours / theirs);
    }
    println!("resident after the run: {} KiB", build.gateway.server.memory_kib("VmRSS")?);
    Ok(())
}

/// A virtual machine is fast in one second and slow in the next: turns are short, and the one in the middle counts.
fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// The earlier build to measure beside this one, if one is named.
fn before() -> Option<PathBuf> {
    std::env::var_os("WHARFINGER_BENCH_BEFORE").map(PathBuf::from)
}

fn measure(secs: u32, address: SocketAddr, path: &str, authorization: Option<&str>) -> Outcome<f64> {
    let mut headers = vec![("accept", MANIFEST)];
    headers.extend(authorization.map(|value| ("authorization", value)));
    wrk(secs, &format!("http://{address}{path}"), &headers)
}

/// Pushes what is fetched later; gives the cases and nginx's files.
fn prepare(gateway: &Gateway) -> Outcome<(Vec<Case>, Vec<Served>)> {
    let manifest = gateway.push_image("private")?;
    gateway.push_image("public")?;
    let (basic, bearer) = (Some(gateway.basic.clone()), Some(gateway.bearer()?));
    let tag = |repository: &str| format!("/v2/p/bench/{repository}/web/manifests/1");
    let case = |name, path, authorization, file| Case { name, path, authorization, file };
    let mut cases = vec![
        case("manifest by tag, anonymous", tag("public"), None, "manifest"),
        case("manifest by tag, Bearer, private", tag("private"), bearer.clone(), "manifest"),
        case("manifest by tag, Basic, private", tag("private"), basic, "manifest"),
    ];
    let mut files = vec![("manifest", manifest)];
    for (name, file, bytes) in [
        ("blob 1 KiB, Bearer, private", "1k", 1 << 10),
        ("blob 1 MiB, Bearer, private", "1m", 1 << 20),
        ("blob 64 MiB, Bearer, private", "64m", 64 << 20),
    ] {
        let content = vec![b'x'; bytes];
        let digest = gateway.push_blob("private", &content)?;
        cases.push(case(name, format!("/v2/p/bench/private/web/blobs/{digest}"), bearer.clone(), file));
        files.push((file, content));
    }
    Ok((cases, files))
}

/// nginx with one worker on core 0, logs off, tuned as its own documentation says for static files.
fn nginx(folder: &Path, files: &[Served]) -> Outcome<Server> {
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
