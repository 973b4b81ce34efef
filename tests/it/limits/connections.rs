//! Connections are counted.

use crate::support::raw::Raw;
use crate::support::{Organisation, Server};

use super::alive;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_holds_so_many_connections_and_the_oldest_idle_one_gives_way() {
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
    let mut extra = Raw::connect(hub.address()).await;
    extra.write(request.as_bytes()).await;
    assert!(extra.read_some(4096).await.starts_with(b"HTTP/1.1 200"));
    assert_eq!(held[0].read_to_end().await.as_deref(), Some(&b""[..]), "closed");
    // The others go on.
    for raw in &mut held[1..] {
        raw.write(request.as_bytes()).await;
        assert!(raw.read_some(4096).await.starts_with(b"HTTP/1.1 200"));
    }
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
