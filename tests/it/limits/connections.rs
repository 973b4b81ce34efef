//! Connections are counted.

use crate::support::raw::Raw;
use crate::support::{Ask, Http, Organisation, Server, until};

use super::alive;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_holds_so_many_connections_and_no_more() {
    const MOST: usize = 8;
    let hub = Server::tuned(Organisation::team(), |config| config.connections.per_address_max = MOST).await;
    let request = format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", hub.address());
    let mut held = Vec::new();
    for _ in 0..MOST {
        let mut raw = Raw::connect(hub.address()).await;
        raw.write(request.as_bytes()).await;
        assert!(raw.read_some(4096).await.starts_with(b"HTTP/1.1 200"));
        held.push(raw);
    }
    // One more is closed without an answer, or told to come back.
    let mut extra = Raw::connect(hub.address()).await;
    extra.write(request.as_bytes()).await;
    let answer = extra.read_to_end().await.expect("closed");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 503") || answer.starts_with("HTTP/1.1 429"),
        "{answer}"
    );
    // Those that are there go on, and when they leave there is room.
    held[0].write(request.as_bytes()).await;
    assert!(held[0].read_some(4096).await.starts_with(b"HTTP/1.1 200"));
    drop(held);
    until("there is room again", async || {
        matches!(Http::new(hub.address()).try_send(Ask::get("/livez")).await, Ok(answer) if answer.status == 200)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_come_over_one_connection() {
    let hub = Server::start().await;
    // Sent at once, answered in order.
    let mut requests = String::new();
    for _ in 0..50 {
        requests.push_str(&format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", hub.address()));
    }
    requests
        .push_str(&format!("GET /livez HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", hub.address()));
    let answer = crate::support::raw::answer_to(hub.address(), requests.as_bytes()).await;
    let answers = String::from_utf8_lossy(&answer).matches("HTTP/1.1 200").count();
    assert_eq!(answers, 51);
    alive(&hub).await;
}

/// A client that leaves at any point of a request harms nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_leave_at_any_point() {
    let hub = Server::start().await;
    let request = format!(
        "POST /v2/p/team/app/web/blobs/uploads/?digest={} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Length: 1000\r\n\r\n{}",
        crate::support::image::sha256(b"x"),
        hub.address(),
        crate::support::client::basic(&hub.login("alice")),
        "x".repeat(500),
    );
    for end in (0..request.len()).step_by(17) {
        let mut raw = Raw::connect(hub.address()).await;
        raw.write(&request.as_bytes()[..end]).await;
        drop(raw);
    }
    alive(&hub).await;
}
