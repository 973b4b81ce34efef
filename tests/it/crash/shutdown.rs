//! SIGTERM: requests in flight end, new ones are not taken, the exit code says that all is well.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::image::sha256;
use crate::support::process::Launch;
use crate::support::{Ask, Folder, Organisation, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_in_flight_end_after_sigterm() {
    let (organisation, folder) = (Organisation::team(), Folder::new("drain"));
    let mut process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    let digest = sha256(b"hello world");
    let (sent, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, waits) = (Arc::clone(&sent), Arc::clone(&go_on));
    let body = stream::iter([Bytes::from("hello ")]).chain(stream::once(async move {
        told.notify_one();
        waits.notified().await;
        Bytes::from("world")
    }));
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={digest}")).chunked(body);
    let pending = tokio::spawn(async move { alice.send(post).await.status.as_u16() });
    sent.notified().await;
    // An open connection without a request does not keep the server.
    let idle = TcpStream::connect(process.address).await.expect("a listener");
    process.signal("TERM");
    until("nobody new is taken", async || TcpStream::connect(process.address).await.is_err()).await;
    go_on.notify_one();
    assert_eq!(pending.await.expect("an answer"), 201);
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    drop(idle);

    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    alice.send(Ask::head(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_end_is_cut_after_the_time_to_drain() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cut"));
    let launch = Launch::new(folder.root()).organisation(folder.root(), &organisation);
    let mut process = launch.set("TIMEOUTS__DRAIN_SECS_MAX", "1").start().await;
    let alice = process.actor(organisation.login("alice"));
    let sent = Arc::new(Notify::new());
    let told = Arc::clone(&sent);
    let body = stream::iter([Bytes::from("hello ")]).chain(stream::once(async move {
        told.notify_one();
        std::future::pending::<Bytes>().await
    }));
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(b"x"))).chunked(body);
    let pending =
        tokio::spawn(async move { alice.try_send(post).await.is_ok_and(|answer| answer.status == 201) });
    sent.notified().await;
    process.signal("TERM");
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    assert!(!pending.await.expect("a task"));
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
