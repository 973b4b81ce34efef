//! GET of images, Maven files and NuGet documents against nginx serving the same bytes as static files: one core each, all in one run, two rounds.
//! `cargo bench -p benches --bench http_ratio`; needs `nginx`, `wrk`, `taskset` and the release build. Prints ratios.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::net::SocketAddr;
use std::path::Path;

mod packages;

use benches::gateway::{Gateway, MANIFEST};
use benches::{Outcome, Server, free_address, on_core, smoke, wrk};

/// One measured thing: its name, the gateway's path, who asks, and nginx's file.
struct Case {
    name: &'static str,
    path: String,
    authorization: Option<String>,
    file: &'static str,
}

/// A file of nginx: name and bytes.
type Served = (&'static str, Vec<u8>);

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (secs, rounds) = if smoke() { (1, 1) } else { (5, 2) };
    let gateway = Gateway::start(folder.path())?;
    let (mut cases, mut files) = prepare(&gateway)?;
    packages::prepare(&gateway, &mut cases, &mut files)?;
    let nginx = nginx(folder.path(), &files)?;
    println!(
        "{:<34} {:>12} {:>12} {:>7}",
        "one core each, 16 connections", "wharfinger/s", "nginx/s", "ratio"
    );
    for case in &cases {
        let (mut ours, mut theirs) = (0_f64, 0_f64);
        for _ in 0..rounds {
            ours =
                ours.max(measure(secs, gateway.server.address, &case.path, case.authorization.as_deref())?);
            theirs = theirs.max(measure(secs, nginx.address, &format!("/{}", case.file), None)?);
        }
        println!("{:<34} {ours:>12.0} {theirs:>12.0} {:>7.2}", case.name, ours / theirs);
    }
    println!("resident after the run: {} KiB", gateway.server.memory_kib("VmRSS")?);
    Ok(())
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
