//! Clients that take their time, on purpose or not, are cut; nobody else notices.

use bytes::Bytes;

use crate::support::client::basic;
use crate::support::image::sha256;
use crate::support::process::{Launch, Process};
use crate::support::raw::Raw;
use crate::support::{Ask, Folder, Organisation, image};

/// Slow clients of each kind.
const CROWD: usize = 20;
/// How long the gateway waits for anything: longer than a busy machine keeps an honest client from going on.
const PATIENCE_SECS: &str = "5";

async fn impatient(folder: &Folder, organisation: &Organisation) -> Process {
    Launch::new(folder.root())
        .organisation(folder.root(), organisation)
        .set("TIMEOUTS__HEADER_SECS_MAX", PATIENCE_SECS)
        .set("TIMEOUTS__IDLE_SECS_MAX", PATIENCE_SECS)
        .set("TIMEOUTS__BODY_IDLE_SECS_MAX", PATIENCE_SECS)
        .set("TIMEOUTS__WRITE_IDLE_SECS_MAX", PATIENCE_SECS)
        .set("TIMEOUTS__SLOW_GRACE_SECS", PATIENCE_SECS)
        .set("TIMEOUTS__BYTES_PER_SEC_MIN", "1000000")
        .start()
        .await
}

async fn crowd(process: &Process, request: &[u8]) -> Vec<Raw> {
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut raw = Raw::connect(process.address).await;
        raw.write(request).await;
        crowd.push(raw);
    }
    crowd
}

/// Others are served while the crowd waits, and each of the crowd is cut in the end.
async fn cut(process: &Process, organisation: &Organisation, crowd: Vec<Raw>) -> Vec<Vec<u8>> {
    let alice = process.actor(organisation.login("alice"));
    alice.docker().push("team/app/others:1.0", &image("others")).await.done();
    alice.docker().pull("team/app/others:1.0").await.gives(&image("others"));
    let mut answers = Vec::new();
    for mut raw in crowd {
        answers.push(raw.read_to_end().await.expect("cut in the end"));
    }
    alice.docker().pull("team/app/others:1.0").await.gives(&image("others"));
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_are_cut() {
    let (organisation, folder) = (Organisation::team(), Folder::new("heads"));
    let process = impatient(&folder, &organisation).await;
    let request = format!("GET /v2/ HTTP/1.1\r\nHost: {}\r\nX-Slow: ", process.address);
    let crowd = crowd(&process, request.as_bytes()).await;
    cut(&process, &organisation, crowd).await;
    // Nothing at all is a slow head as well.
    let silent = self::crowd(&process, b"").await;
    cut(&process, &organisation, silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bodies_are_cut() {
    let (organisation, folder) = (Organisation::team(), Folder::new("bodies"));
    let process = impatient(&folder, &organisation).await;
    let request = format!(
        "POST /v2/p/team/app/web/blobs/uploads/?digest={} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Length: 1000000\r\n\r\nbegun",
        sha256(b"never"),
        process.address,
        basic(&organisation.login("alice")),
    );
    let crowd = crowd(&process, request.as_bytes()).await;
    for answer in cut(&process, &organisation, crowd).await {
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_below_the_slowest_rate_are_cut() {
    let (organisation, folder) = (Organisation::team(), Folder::new("rate"));
    let process = impatient(&folder, &organisation).await;
    let head = format!(
        "POST /v2/p/team/app/web/blobs/uploads/?digest={} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Length: 1000000\r\n\r\n",
        sha256(b"never"),
        process.address,
        basic(&organisation.login("alice")),
    );
    let mut raw = Raw::connect(process.address).await;
    assert!(raw.write(head.as_bytes()).await);
    // A byte now and then is never idle, and never done.
    let mut drops = 0;
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(200));
    while raw.write(b"x").await {
        pace.tick().await;
        drops += 1;
        assert!(drops < 100, "still taken after {drops} bytes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_are_cut() {
    let (organisation, folder) = (Organisation::team(), Folder::new("readers"));
    let process = impatient(&folder, &organisation).await;
    let alice = process.actor(organisation.login("alice"));
    // More than the buffers of both ends hold.
    let bytes = Bytes::from(vec![1; 32 << 20]);
    let digest = sha256(&bytes);
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={digest}"));
    alice.send(post.body(bytes.clone())).await.is(201);
    let request = format!(
        "GET /v2/p/team/app/web/blobs/{digest} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
        process.address,
        basic(&organisation.login("alice")),
    );
    let mut crowd = crowd(&process, request.as_bytes()).await;
    for raw in &mut crowd {
        assert!(raw.read_some(1024).await.starts_with(b"HTTP/1.1 200 "));
    }
    let open = || open_connections(&process);
    crate::support::until("slow readers are cut", async || open() == 0).await;
    assert_eq!(alice.send(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200).body, bytes);
    drop(crowd);
}

/// Established connections of the server's side, as the kernel lists them.
fn open_connections(process: &Process) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("procfs");
    let port = format!(":{:04X}", process.address.port());
    let established = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words[1].ends_with(&port) && words[3] == "01"
    };
    table.lines().skip(1).filter(established).count()
}
