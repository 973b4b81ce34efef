//! Answers whose bytes are still arriving while they are sent.

use std::io;

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::EdgeConfig;
use crate::testing::depot::Depot;
use crate::testing::{Pipes, rest};

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// A connection of HTTP/1 on which it was asked for.
async fn asked(pipes: &Pipes<Depot>, method: &str, version: &str) -> DuplexStream {
    let mut connection = pipes.connect();
    let request = format!("{method} /arriving HTTP/{version}\r\nHost: hub.localhost\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// What comes until it ends like this.
async fn until(connection: &mut DuplexStream, end: &str) -> String {
    let mut said = Vec::new();
    while !said.ends_with(end.as_bytes()) {
        assert_ne!(connection.read_buf(&mut said).await.unwrap(), 0, "{}", String::from_utf8_lossy(&said));
    }
    String::from_utf8(said).unwrap()
}

async fn http2(pipes: &Pipes<Depot>) -> SendRequest<Bytes> {
    let (sender, connection) = Builder::new().handshake(pipes.connect()).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &SendRequest<Bytes>) -> (HeaderMap, RecvStream) {
    let mut sender = sender.clone().ready().await.unwrap();
    let request = Request::get("http://hub.localhost/arriving").body(()).unwrap();
    let answer = sender.send_request(request, true).unwrap().0.await.unwrap();
    let (parts, body) = answer.into_parts();
    assert_eq!(parts.status, 200);
    (parts.headers, body)
}

/// The next piece, its place in the window given back.
async fn next(body: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let piece = body.data().await?;
    if let Ok(piece) = &piece {
        body.flow_control().release_capacity(piece.len()).unwrap();
    }
    Some(piece)
}

/// All that still comes, or why it was cut.
async fn all(body: &mut RecvStream) -> Result<usize, Option<Reason>> {
    let mut bytes = 0;
    while let Some(piece) = next(body).await {
        bytes += piece.map_err(|error| error.reason())?.len();
    }
    Ok(bytes)
}

fn held(pipes: &Pipes<Depot>) -> (u64, u64) {
    (pipes.edge.budgets.requests.held(), pipes.edge.budgets.answers.held())
}

#[tokio::test(start_paused = true)]
async fn http1_sends_each_piece_when_it_is_there_and_ends_with_them() {
    let pipes = Pipes::depot();
    let to = pipes.service.arriving(None);
    let mut connection = asked(&pipes, "GET", "1.1").await;
    let head = until(&mut connection, "\r\n\r\n").await;
    assert!(head.contains(CHUNKED) && !head.contains("content-length"), "{head}");
    to.send(Ok("one".into())).await.unwrap();
    assert_eq!(until(&mut connection, "one\r\n").await, "3\r\none\r\n");
    to.send(Ok("three".into())).await.unwrap();
    assert_eq!(until(&mut connection, "three\r\n").await, "5\r\nthree\r\n");
    drop(to);
    assert_eq!(until(&mut connection, "0\r\n\r\n").await, "0\r\n\r\n");
    // The connection goes on.
    connection.write_all(b"GET /livez HTTP/1.1\r\nHost: hub.localhost\r\n\r\n").await.unwrap();
    assert!(until(&mut connection, "alive\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn http1_tells_a_length_that_is_known() {
    let pipes = Pipes::depot();
    let to = pipes.service.arriving(Some(6));
    let mut connection = asked(&pipes, "GET", "1.1").await;
    let head = until(&mut connection, "\r\n\r\n").await;
    assert!(head.contains("content-length: 6\r\n") && !head.contains(CHUNKED), "{head}");
    to.send(Ok("one".into())).await.unwrap();
    assert_eq!(until(&mut connection, "one").await, "one");
    to.send(Ok("two".into())).await.unwrap();
    assert_eq!(until(&mut connection, "two").await, "two");
    connection.write_all(b"GET /livez HTTP/1.1\r\nHost: hub.localhost\r\n\r\n").await.unwrap();
    assert!(until(&mut connection, "alive\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn http10_ends_with_its_connection() {
    let pipes = Pipes::depot();
    let to = pipes.service.arriving(None);
    let mut connection = asked(&pipes, "GET", "1.0").await;
    to.send(Ok("one".into())).await.unwrap();
    drop(to);
    let said = rest(&mut connection).await;
    assert!(said.ends_with("\r\n\r\none") && !said.contains(CHUNKED), "{said}");
}

#[tokio::test(start_paused = true)]
async fn head_tells_what_is_known_and_waits_for_nothing() {
    let pipes = Pipes::depot();
    for (length, expected) in [(None, None), (Some(6), Some("6"))] {
        let _to = pipes.service.arriving(length);
        let answer = pipes.ask("HEAD", "/arriving", "").await;
        assert_eq!((answer.status, answer.header("content-length")), (200, expected));
        assert_eq!(answer.body, "");
    }
}

/// A client never takes a part for the whole.
#[tokio::test(start_paused = true)]
async fn what_breaks_off_is_cut() {
    let pipes = Pipes::depot();
    for (length, breaks) in [(None, true), (Some(6), true), (Some(6), false)] {
        let end = async |to: mpsc::Sender<io::Result<Bytes>>| {
            if breaks {
                to.send(Err(io::ErrorKind::ConnectionReset.into())).await.unwrap();
            }
        };
        let to = pipes.service.arriving(length);
        let mut connection = asked(&pipes, "GET", "1.1").await;
        to.send(Ok("one".into())).await.unwrap();
        until(&mut connection, if length.is_some() { "one" } else { "one\r\n" }).await;
        end(to).await;
        assert_eq!(rest(&mut connection).await, "", "no last chunk, no further byte: {length:?}");

        let to = pipes.service.arriving(length);
        let sender = http2(&pipes).await;
        let (_, mut body) = ask(&sender).await;
        to.send(Ok("one".into())).await.unwrap();
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "one");
        end(to).await;
        assert_eq!(all(&mut body).await, Err(Some(Reason::INTERNAL_ERROR)), "{length:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn http2_sends_each_piece_when_it_is_there_and_holds_nothing_before() {
    let pipes = Pipes::depot();
    let to = pipes.service.arriving(None);
    let sender = http2(&pipes).await;
    let (headers, mut body) = ask(&sender).await;
    assert!(!headers.contains_key("content-length"), "{headers:?}");
    assert_eq!(held(&pipes), (1, 0), "nothing is there");
    to.send(Ok("one".into())).await.unwrap();
    assert_eq!(next(&mut body).await.unwrap().unwrap(), "one");
    // What came at once goes out in pieces that streams share a connection with.
    to.send(Ok(vec![b'x'; 1_000_000].into())).await.unwrap();
    drop(to);
    assert_eq!(all(&mut body).await, Ok(1_000_000));
    while held(&pipes) != (0, 0) {
        tokio::task::yield_now().await;
    }

    let to = pipes.service.arriving(Some(3));
    let (headers, mut body) = ask(&sender).await;
    assert_eq!(headers["content-length"], "3");
    to.send(Ok("two".into())).await.unwrap();
    assert_eq!(all(&mut body).await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_arrive_is_waited_for_as_long_as_a_request_may_take() {
    let mut config = EdgeConfig::default();
    config.timeouts.request_secs_max = 60;
    let pipes = Pipes::depot_with(config);
    let _to = pipes.service.arriving(None);
    let begun = Instant::now();
    let mut connection = asked(&pipes, "GET", "1.1").await;
    let said = rest(&mut connection).await;
    assert!(said.ends_with("\r\n\r\n"), "{said}");
    assert_eq!(begun.elapsed().as_secs(), 60);

    let _to = pipes.service.arriving(None);
    let sender = http2(&pipes).await;
    let begun = Instant::now();
    let (_, mut body) = ask(&sender).await;
    assert_eq!(all(&mut body).await, Err(Some(Reason::INTERNAL_ERROR)));
    assert_eq!(begun.elapsed().as_secs(), 60);
}
