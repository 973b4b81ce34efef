//! SIGTERM: requests in flight end, new ones are not taken, the exit code says that all is well.

use tokio::net::TcpStream;

use crate::support::client::basic;
use crate::support::image::sha256;
use crate::support::process::{Launch, Process};
use crate::support::raw::Raw;
use crate::support::{Ask, Folder, Organisation, until};

/// A push of `hello world` whose first half is sent. The gateway has asked for the body, so it knows of the request.
async fn half_pushed(process: &Process, organisation: &Organisation) -> Raw {
    let request = format!(
        "POST /v2/p/team/app/web/blobs/uploads/?digest={} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n",
        sha256(b"hello world"),
        process.address,
        basic(&organisation.login("alice")),
    );
    let mut raw = Raw::connect(process.address).await;
    raw.write(request.as_bytes()).await;
    assert!(raw.read_some(4096).await.starts_with(b"HTTP/1.1 100 "));
    assert!(raw.write(b"hello ").await);
    raw
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_in_flight_end_after_sigterm() {
    let (organisation, folder) = (Organisation::team(), Folder::new("drain"));
    let mut process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let mut push = half_pushed(&process, &organisation).await;
    // An open connection without a request does not keep the server.
    let idle = TcpStream::connect(process.address).await.expect("a listener");
    process.signal("TERM");
    until("nobody new is taken", async || TcpStream::connect(process.address).await.is_err()).await;
    assert!(push.write(b"world").await);
    let answer = push.read_to_end().await.expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 201 "), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    drop(idle);

    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    alice.send(Ask::head(format!("/v2/p/team/app/web/blobs/{}", sha256(b"hello world")))).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_end_is_cut_after_the_time_to_drain() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cut"));
    let launch = Launch::new(folder.root()).organisation(folder.root(), &organisation);
    let mut process = launch.set("TIMEOUTS__DRAIN_SECS_MAX", "1").start().await;
    let mut push = half_pushed(&process, &organisation).await;
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    let answer = push.read_to_end().await.expect("an end");
    assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_do_not_share_a_folder() {
    let (organisation, folder) = (Organisation::team(), Folder::new("shared"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let mut second = crate::support::process::command(folder.root());
    second.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path("data"));
    let output = tokio::task::spawn_blocking(move || second.output().expect("the binary starts"));
    let output = output.await.expect("an end");
    assert_ne!(output.status.code(), Some(0));
    process.stranger().send(Ask::get("/livez")).await.is(200);
}
