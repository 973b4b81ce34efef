use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::config::FrontendConfig;
use crate::testing::{Answer, House, basic};

/// A client that leaves a window of so many bytes for each answer, and reads its connection.
async fn client(house: &House, window_bytes: u32) -> SendRequest<Bytes> {
    let mut builder = Builder::new();
    builder.initial_window_size(window_bytes).initial_connection_window_size(1 << 30);
    let (sender, connection) = builder.handshake(house.connect()).await.unwrap();
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

fn held(house: &House) -> (u64, u64) {
    let budgets = &house.frontend.budgets;
    (budgets.requests.held(), budgets.answers.held())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_takes_ends_whatever_the_window() {
    let mut config = FrontendConfig::default();
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (30, 30);
    let house = House::with(config).await;
    // With no window the answer waits before h2, with one byte of it all of it waits inside.
    for (window, length) in [(0, 60_000), (1, 60_000), (0, 10), (1, 10), (1_000, 5_000_000)] {
        let sender = client(&house, window).await;
        let begun = Instant::now();
        let mut body = body(&sender, &format!("/parcel/alpha/public/{length}")).await;
        assert_eq!(end(&mut body).await, Some(Reason::CANCEL), "{window}");
        assert!((30..=31).contains(&begun.elapsed().as_secs()), "{window}: {:?}", begun.elapsed());
        until("everything is given back", || held(&house) == (0, 0)).await;
    }
    assert_eq!(house.frontend.metrics.timed_out.get(), 5);
}

#[tokio::test(start_paused = true)]
async fn bytes_of_answers_are_held_until_they_are_taken() {
    let house = House::new().await;
    let sender = client(&house, 0).await;
    let large = body(&sender, "/parcel/alpha/public/1000000").await;
    let small = body(&sender, "/parcel/alpha/public/1000").await;
    until("both are in flight", || held(&house) == (2, 1_000_000)).await;
    drop(small);
    until("one is not wanted any more", || held(&house) == (1, 1_000_000)).await;
    drop(large);
    until("neither is the other", || held(&house) == (0, 0)).await;
}

#[tokio::test(start_paused = true)]
async fn the_longest_stalled_answer_gives_way_to_who_waits() {
    let mut config = FrontendConfig::default();
    config.budgets.requests_per_address_max = 2;
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (300, 300);
    let house = House::with(config).await;
    let lazy = client(&house, 0).await;
    let mut first = body(&lazy, "/parcel/alpha/public/100").await;
    sleep(Duration::from_secs(1)).await;
    let mut second = body(&lazy, "/parcel/alpha/public/100000").await;
    let keen = client(&house, 1 << 20).await;
    let answer = ask(&keen, "/parcel/alpha/public/5").await.await.unwrap();
    assert_eq!(text(answer).await, "xxxxx");
    assert_eq!(end(&mut first).await, Some(Reason::CANCEL));
    let more = timeout(Duration::from_secs(60), end(&mut second)).await;
    assert!(more.is_err(), "one was enough");
    assert_eq!(house.frontend.metrics.gave_way.get(), 1);
    // Somebody with a name never waited at all.
    assert_eq!(house.get("/parcel/alpha/private/4", &basic("alice", &house.alice)).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_has_too_many_in_flight_is_told_so_after_a_while() {
    let mut config = FrontendConfig::default();
    config.budgets.requests_per_address_max = 2;
    config.budgets.requests_total_max = 3;
    let house = House::with(config).await;
    let sender = client(&house, 1 << 20).await;
    let _waiting =
        (ask(&sender, "/parcel/alpha/public/wait").await, ask(&sender, "/parcel/alpha/public/wait").await);
    until("both are in flight", || held(&house).0 == 2).await;
    let begun = Instant::now();
    let refused = ask(&sender, "/parcel/alpha/public/4").await.await.unwrap();
    assert_eq!((refused.status().as_u16(), begun.elapsed().as_secs()), (429, 5));
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(text(refused).await, "refused");
    let refused = house.get("/v2/acme/oci/x/tags/list", "").await;
    assert!(refused.status == 429 && refused.body.contains("TOOMANYREQUESTS"), "{refused:?}");

    let alice = basic("alice", &house.alice);
    let request = format!("GET /parcel/alpha/private/wait HTTP/1.1\r\nHost: localhost\r\n{alice}\r\n");
    let mut alone = house.connect();
    tokio::io::AsyncWriteExt::write_all(&mut alone, request.as_bytes()).await.unwrap();
    until("the last place is taken", || held(&house).0 == 3).await;
    assert_eq!(house.get("/parcel/alpha/private/4", &alice).await.status, 503);
    assert_eq!(house.get("/livez", "").await.status, 200, "asks for nothing");
    let begun = Instant::now();
    assert_eq!(house.get("/api/v1/nothing", &alice).await.status, 404);
    assert_eq!(begun.elapsed(), Duration::ZERO, "administration never waits behind traffic");
}

#[tokio::test(start_paused = true)]
async fn unfinished_bodies_of_strangers_have_a_bound() {
    let mut config = FrontendConfig::default();
    config.budgets.body_bytes_per_address_max = 100_000;
    config.refused.requests_max = 0;
    let house = House::with(config).await;
    let sender = client(&house, 1 << 20).await;
    let mut unfinished = Vec::new();
    for _ in 0..2 {
        let mut sender = sender.clone().ready().await.unwrap();
        let request = Request::post("http://hub.localhost/v2/token").body(()).unwrap();
        let (answer, mut stream) = sender.send_request(request, false).unwrap();
        stream.send_data(vec![b'x'; 60_000].into(), false).unwrap();
        unfinished.push((answer, stream));
    }
    let (last, _stream) = unfinished.pop().unwrap();
    let refused = last.await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(text(refused).await.contains("TOOMANYREQUESTS"));
    assert!((1..=100_000).contains(&house.frontend.budgets.bodies.held()));
    let form = "POST /v2/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assert_ne!(Answer::read(&house.talk(form.as_bytes()).await).status, 429, "small ones still fit");
    drop(unfinished);
    until("everything is given back", || house.frontend.budgets.bodies.held() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_is_cut() {
    let house = House::new().await;
    let mut connection = house.connect();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    tokio::io::AsyncWriteExt::write_all(&mut connection, preface).await.unwrap();
    let (mut read, mut write) = tokio::io::split(connection);
    let reading = tokio::spawn(async move { tokio::io::copy(&mut read, &mut tokio::io::sink()).await });
    let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8].repeat(100);
    let flood = async { while tokio::io::AsyncWriteExt::write_all(&mut write, &ping).await.is_ok() {} };
    timeout(Duration::from_secs(5), flood).await.unwrap();
    reading.await.unwrap().unwrap();
    assert_eq!(house.frontend.metrics.floods.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_pauses_gets_the_rest_when_nobody_needs_its_place() {
    let mut config = FrontendConfig::default();
    (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (300, 300);
    let house = House::with(config).await;
    let sender = client(&house, 100_000).await;
    let mut body = body(&sender, "/parcel/alpha/public/1000000").await;
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
    until("everything is given back", || held(&house) == (0, 0)).await;
}
