use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::config::EdgeConfig;
use crate::testing::depot::Depot;
use crate::testing::{Answer, Pipes};

/// A client that leaves a window of so many bytes for each answer, and reads its connection.
async fn client(pipes: &Pipes<Depot>, window_bytes: u32) -> SendRequest<Bytes> {
    let mut builder = Builder::new();
    builder.initial_window_size(window_bytes).initial_connection_window_size(1 << 30);
    let (sender, connection) = builder.handshake(pipes.connect()).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &SendRequest<Bytes>, path: &str) -> ResponseFuture {
    let mut sender = sender.clone().ready().await.unwrap();
    let request = Request::get(format!("http://hub.localhost{path}")).body(()).unwrap();
    sender.send_request(request, true).unwrap().0
}

async fn body(sender: &SendRequest<Bytes>, path: &str) -> RecvStream {
    let answer = ask(sender, path).await.await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.into_body()
}

/// How an answer ends of which nothing, or no more, is taken.
async fn end(body: &mut RecvStream) -> Option<Reason> {
    while let Some(data) = body.data().await {
        if let Err(error) = data {
            return error.reason();
        }
    }
    None
}

async fn text(answer: Response<RecvStream>) -> String {
    let mut body = answer.into_body();
    let mut text = Vec::new();
    while let Some(Ok(data)) = body.data().await {
        text.extend_from_slice(&data);
    }
    String::from_utf8(text).unwrap()
}

/// Waits until this is so, in paused time.
async fn until(what: &str, so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(600), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

fn held(pipes: &Pipes<Depot>) -> (u64, u64) {
    let budgets = &pipes.edge.budgets;
    (budgets.requests.held(), budgets.answers.held())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_takes_ends_whatever_the_window() {
    let mut config = EdgeConfig::default();
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (30, 30);
    let pipes = Pipes::depot_with(config);
    // With no window the answer waits before h2, with one byte of it all of it waits inside.
    for (window, length) in [(0, 60_000), (1, 60_000), (0, 10), (1, 10), (1_000, 5_000_000)] {
        let sender = client(&pipes, window).await;
        let begun = Instant::now();
        let mut body = body(&sender, &format!("/{length}")).await;
        assert_eq!(end(&mut body).await, Some(Reason::CANCEL), "{window}");
        assert!((30..=31).contains(&begun.elapsed().as_secs()), "{window}: {:?}", begun.elapsed());
        until("everything is given back", || held(&pipes) == (0, 0)).await;
    }
    assert_eq!(pipes.edge.metrics.timed_out.get(), 5);
}

#[tokio::test(start_paused = true)]
async fn bytes_of_answers_are_held_until_they_are_taken() {
    let pipes = Pipes::depot();
    let sender = client(&pipes, 0).await;
    let large = body(&sender, "/1000000").await;
    let small = body(&sender, "/1000").await;
    until("both are in flight", || held(&pipes) == (2, 1_000_000)).await;
    drop(small);
    until("one is not wanted any more", || held(&pipes) == (1, 1_000_000)).await;
    drop(large);
    until("neither is the other", || held(&pipes) == (0, 0)).await;
}

#[tokio::test(start_paused = true)]
async fn the_longest_stalled_answer_gives_way_to_who_waits() {
    let mut config = EdgeConfig::default();
    config.budgets.requests_per_address_max = 2;
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (300, 300);
    let pipes = Pipes::depot_with(config);
    let lazy = client(&pipes, 0).await;
    let mut first = body(&lazy, "/100").await;
    sleep(Duration::from_secs(1)).await;
    let mut second = body(&lazy, "/100000").await;
    let keen = client(&pipes, 1 << 20).await;
    let answer = ask(&keen, "/5").await.await.unwrap();
    assert_eq!(text(answer).await, "xxxxx");
    assert_eq!(end(&mut first).await, Some(Reason::CANCEL));
    let more = timeout(Duration::from_secs(60), end(&mut second)).await;
    assert!(more.is_err(), "one was enough");
    assert_eq!(pipes.edge.metrics.gave_way.get(), 1);
    // Somebody with a name never waited at all.
    assert_eq!(pipes.get("/4", "X-Principal: 20\r\n").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_has_too_many_in_flight_is_told_so_after_a_while() {
    let mut config = EdgeConfig::default();
    config.budgets.requests_per_address_max = 2;
    config.budgets.requests_total_max = 3;
    let pipes = Pipes::depot_with(config);
    let sender = client(&pipes, 1 << 20).await;
    let _waiting = (ask(&sender, "/wait").await, ask(&sender, "/wait").await);
    until("both are in flight", || held(&pipes).0 == 2).await;
    let begun = Instant::now();
    let refused = ask(&sender, "/4").await.await.unwrap();
    assert_eq!((refused.status().as_u16(), begun.elapsed().as_secs()), (429, 5));
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(text(refused).await, "refused");

    let alice = "X-Principal: 20\r\n";
    let request = format!("GET /wait HTTP/1.1\r\nHost: localhost\r\n{alice}\r\n");
    let mut alone = pipes.connect();
    tokio::io::AsyncWriteExt::write_all(&mut alone, request.as_bytes()).await.unwrap();
    until("the last place is taken", || held(&pipes).0 == 3).await;
    assert_eq!(pipes.get("/4", alice).await.status, 503);
    assert_eq!(pipes.get("/livez", "").await.status, 200, "asks for nothing");
}

#[tokio::test(start_paused = true)]
async fn unfinished_bodies_of_strangers_have_a_bound() {
    let mut config = EdgeConfig::default();
    config.budgets.body_bytes_per_address_max = 100_000;
    config.refused.requests_max = 0;
    let pipes = Pipes::depot_with(config);
    let sender = client(&pipes, 1 << 20).await;
    let mut unfinished = Vec::new();
    for _ in 0..2 {
        let mut sender = sender.clone().ready().await.unwrap();
        let request = Request::put("http://hub.localhost/x").body(()).unwrap();
        let (answer, mut stream) = sender.send_request(request, false).unwrap();
        stream.send_data(vec![b'x'; 60_000].into(), false).unwrap();
        unfinished.push((answer, stream));
    }
    let (last, _stream) = unfinished.pop().unwrap();
    let refused = last.await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!((1..=100_000).contains(&pipes.edge.budgets.bodies.held()));
    let small = "PUT /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(Answer::read(&pipes.talk(small.as_bytes()).await).status, 201, "small ones still fit");
    drop(unfinished);
    until("everything is given back", || pipes.edge.budgets.bodies.held() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_is_cut() {
    let pipes = Pipes::depot();
    let mut connection = pipes.connect();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    tokio::io::AsyncWriteExt::write_all(&mut connection, preface).await.unwrap();
    let (mut read, mut write) = tokio::io::split(connection);
    let reading = tokio::spawn(async move { tokio::io::copy(&mut read, &mut tokio::io::sink()).await });
    let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8].repeat(100);
    let flood = async { while tokio::io::AsyncWriteExt::write_all(&mut write, &ping).await.is_ok() {} };
    timeout(Duration::from_secs(5), flood).await.unwrap();
    reading.await.unwrap().unwrap();
    assert_eq!(pipes.edge.metrics.floods.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_pauses_gets_the_rest_when_nobody_needs_its_place() {
    let mut config = EdgeConfig::default();
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (300, 300);
    let pipes = Pipes::depot_with(config);
    let sender = client(&pipes, 100_000).await;
    let mut body = body(&sender, "/1000000").await;
    let mut taken = 0;
    while let Some(data) = body.data().await {
        let length = data.unwrap().len();
        if taken == 0 {
            sleep(Duration::from_secs(45)).await;
        }
        taken += length;
        body.flow_control().release_capacity(length).unwrap();
    }
    assert_eq!(taken, 1_000_000);
    until("everything is given back", || held(&pipes) == (0, 0)).await;
}
