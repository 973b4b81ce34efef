use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::{Duration, Instant, pause, sleep, timeout};

use crate::config::EdgeConfig;
use crate::testing::depot::Depot;
use crate::testing::{Answer, Pipes, rest};

/// What comes until nothing has come for a moment, which in paused time is when everybody waits.
async fn heard(connection: &mut DuplexStream) -> String {
    let mut bytes = vec![0; 64 << 10];
    let mut heard = Vec::new();
    while let Ok(Ok(read @ 1..)) = timeout(Duration::from_millis(1), connection.read(&mut bytes)).await {
        heard.extend_from_slice(&bytes[..read]);
    }
    String::from_utf8(heard).unwrap()
}

/// After how many seconds the other side ends the connection, and what it said before.
async fn until_closed(connection: &mut DuplexStream) -> (u64, String) {
    let since = Instant::now();
    let said = rest(connection).await;
    (since.elapsed().as_secs(), said)
}

fn put(name: &str, headers: &str) -> String {
    format!("PUT /{name} HTTP/1.1\r\nHost: localhost\r\nX-Principal: 20\r\n{headers}\r\n")
}

#[tokio::test]
async fn broken_framing_is_refused() {
    let pipes = Pipes::depot();
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    ] {
        let mut connection = pipes.connect();
        connection.write_all(request.as_bytes()).await.unwrap();
        let said = rest(&mut connection).await;
        assert!(
            said.starts_with("HTTP/1.1 400 ") && said.matches("HTTP/1.1").count() == 1,
            "{request:?}: {said:?}"
        );
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let pipes = Pipes::depot();
    let long = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(40 << 10));
    let many = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(200));
    for request in [long, many] {
        assert_eq!(Answer::read(&pipes.talk(request.as_bytes()).await).status, 431);
    }
}

#[tokio::test]
async fn a_connection_carries_many_requests() {
    let pipes = Pipes::depot();
    pause();
    let mut connection = pipes.connect();
    for _ in 0..3 {
        connection.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let said = heard(&mut connection).await;
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("alive\n"), "{said}");
    }
}

#[tokio::test]
async fn slow_heads_and_idle_connections_end() {
    let pipes = Pipes::depot();
    pause();
    for begin in ["", "P", "PRI * HT", "GET /livez HT", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-"] {
        let mut connection = pipes.connect();
        connection.write_all(begin.as_bytes()).await.unwrap();
        let (secs, said) = until_closed(&mut connection).await;
        assert!((30..=60).contains(&secs), "{begin:?} after {secs} s: {said:?}");
    }
    let mut connection = pipes.connect();
    connection.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let (secs, said) = until_closed(&mut connection).await;
    assert!(said.starts_with("HTTP/1.1 200"));
    assert!((30..=31).contains(&secs), "idle after an answer: {secs} s");
}

#[tokio::test]
async fn a_body_that_stops_or_drips_is_cut_with_408() {
    let pipes = Pipes::depot();
    pause();
    let mut stopped = pipes.connect();
    stopped.write_all(put("x", "Content-Length: 10\r\n").as_bytes()).await.unwrap();
    stopped.write_all(b"hel").await.unwrap();
    let (secs, said) = until_closed(&mut stopped).await;
    assert_eq!((secs, Answer::read(&said).status), (300, 408));
    assert_eq!(Answer::read(&said).header("connection"), Some("close"));

    let (mut reading, mut writing) = tokio::io::split(pipes.connect());
    let begun = Instant::now();
    writing.write_all(put("x", "Content-Length: 1000000\r\n").as_bytes()).await.unwrap();
    let drip = tokio::spawn(async move {
        while writing.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let mut said = String::new();
    reading.read_to_string(&mut said).await.unwrap();
    assert_eq!(Answer::read(&said).status, 408);
    assert!((300..=310).contains(&begun.elapsed().as_secs()), "a byte a second: {:?}", begun.elapsed());
    drip.abort();
}

#[tokio::test]
async fn a_client_that_goes_away_harms_nobody() {
    let pipes = Pipes::depot();
    let mut connection = pipes.connect();
    connection.write_all(put("x", "Content-Length: 10\r\n").as_bytes()).await.unwrap();
    connection.write_all(b"hel").await.unwrap();
    drop(connection);
    let mut half = pipes.connect();
    half.write_all(put("x", "Transfer-Encoding: chunked\r\n").as_bytes()).await.unwrap();
    half.write_all(b"5\r\nhel").await.unwrap();
    half.shutdown().await.unwrap();
    let said = rest(&mut half).await;
    assert!(said.is_empty() || Answer::read(&said).status == 400, "{said}");
    assert_eq!(pipes.get("/livez", "").await.status, 200);
}

#[tokio::test]
async fn an_expected_100_comes_after_the_decision() {
    let pipes = Pipes::depot();
    pause();
    let expecting = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    let mut taken = pipes.connect();
    taken.write_all(put("x", expecting).as_bytes()).await.unwrap();
    assert_eq!(heard(&mut taken).await, "HTTP/1.1 100 Continue\r\n\r\n");
    taken.write_all(b"hello").await.unwrap();
    assert!(heard(&mut taken).await.starts_with("HTTP/1.1 201 Created\r\n"));

    for (request, status) in [
        (put("unwanted", expecting), 409),
        (put("x", "Expect: 100-continue\r\nContent-Length: 9999999\r\n"), 413),
        (put("closed", expecting), 401),
    ] {
        let mut refused = pipes.connect();
        refused.write_all(request.as_bytes()).await.unwrap();
        let (secs, said) = until_closed(&mut refused).await;
        let answer = Answer::read(&said);
        assert_eq!((answer.status, answer.header("connection"), secs), (status, Some("close"), 0), "{said}");
    }
}

#[tokio::test]
async fn a_refused_body_is_read_first_so_that_the_client_sees_the_reason() {
    let pipes = Pipes::depot();
    for framing in ["Content-Length: 30000000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut connection = pipes.connect();
        connection.write_all(put("unwanted", framing).as_bytes()).await.unwrap();
        let chunk = vec![b'x'; 1_000_000];
        for _ in 0..30 {
            if framing.starts_with('T') {
                connection.write_all(b"F4240\r\n").await.unwrap();
            }
            connection.write_all(&chunk).await.unwrap();
            if framing.starts_with('T') {
                connection.write_all(b"\r\n").await.unwrap();
            }
        }
        if framing.starts_with('T') {
            connection.write_all(b"0\r\n\r\n").await.unwrap();
        }
        connection
            .write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let said = rest(&mut connection).await;
        assert!(said.starts_with("HTTP/1.1 409 Nobody wants this\r\n"), "{said}");
        assert!(said.contains("x-warning: try another\r\n"));
        assert!(said.ends_with("alive\n"), "the connection goes on: {said}");
    }
}

#[tokio::test]
async fn draining_has_bounds() {
    let mut config = EdgeConfig::default();
    config.refused.bytes_max = 1000;
    config.refused.secs_max = 5;
    let pipes = Pipes::depot_with(config);
    pause();
    let mut declared = pipes.connect();
    declared.write_all(put("unwanted", "Content-Length: 1001\r\n").as_bytes()).await.unwrap();
    let (secs, said) = until_closed(&mut declared).await;
    assert_eq!(
        (secs, Answer::read(&said).status, Answer::read(&said).header("connection")),
        (0, 409, Some("close"))
    );

    let mut slow = pipes.connect();
    slow.write_all(put("unwanted", "Content-Length: 999\r\n").as_bytes()).await.unwrap();
    let (secs, said) = until_closed(&mut slow).await;
    assert_eq!((secs, Answer::read(&said).status), (5, 409));
}

#[tokio::test]
async fn a_cut_client_may_go_on_sending_for_a_while() {
    let mut config = EdgeConfig::default();
    config.refused.bytes_max = 1000;
    let pipes = Pipes::depot_with(config);
    pause();
    let mut polite = pipes.connect_through(1 << 10);
    let body = vec![b'x'; 1 << 20];
    polite.write_all(put("unwanted", "Content-Length: 1048576\r\n").as_bytes()).await.unwrap();
    polite.write_all(&body).await.unwrap();
    assert!(rest(&mut polite).await.starts_with("HTTP/1.1 409 "));
    drop(polite);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(open(&pipes), 0, "it was read to its end");

    let mut endless = pipes.connect_through(1 << 10);
    endless.write_all(put("unwanted", "Content-Length: 999999999\r\n").as_bytes()).await.unwrap();
    let begun = Instant::now();
    while endless.write_all(b"x").await.is_ok() {
        sleep(Duration::from_millis(100)).await;
    }
    assert!((5..=6).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let pipes = Pipes::depot();
    pause();
    let mut lazy = pipes.connect_through(1 << 10);
    lazy.write_all(b"GET /5000000 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(Duration::from_secs(299)).await;
    assert_eq!(open(&pipes), 1);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(open(&pipes), 0, "nothing was taken for 300 seconds");

    let mut slow = pipes.connect_through(64);
    slow.write_all(b"GET /5000000 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let begun = Instant::now();
    let mut byte = [0; 1];
    while matches!(slow.read(&mut byte).await, Ok(1)) && begun.elapsed() < Duration::from_secs(3600) {
        sleep(Duration::from_secs(1)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(600), "a byte a second: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stop_ends_what_is_idle_at_once_and_the_rest_in_its_time() {
    let pipes = Pipes::depot();
    pause();
    let mut idle = pipes.connect();
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    heard(&mut idle).await;
    let mut busy = pipes.connect();
    busy.write_all(put("x", "Content-Length: 5\r\n").as_bytes()).await.unwrap();
    let mut endless = pipes.connect();
    endless.write_all(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    heard(&mut endless).await;
    pipes.stop.cancel();
    assert_eq!(until_closed(&mut idle).await, (0, String::new()));
    sleep(Duration::from_secs(10)).await;
    busy.write_all(b"hello").await.unwrap();
    let (secs, said) = until_closed(&mut busy).await;
    assert_eq!((secs, Answer::read(&said).status), (0, 201));
    assert_eq!(until_closed(&mut endless).await, (20, String::new()), "30 seconds after the stop");
}

#[tokio::test]
async fn the_largest_numbers_stand_for_no_bound() {
    let mut config = EdgeConfig::default();
    let (times, places) = (&mut config.timeouts, &mut config.connections);
    for secs in [
        &mut times.header_secs_max,
        &mut times.idle_secs_max,
        &mut times.body_idle_secs_max,
        &mut times.write_idle_secs_max,
        &mut times.slow_grace_secs,
        &mut times.request_secs_max,
        &mut times.connection_secs_max,
        &mut config.refused.secs_max,
        &mut config.http2.ping_secs,
        &mut config.http2.ping_answer_secs_max,
    ] {
        *secs = u64::MAX;
    }
    (places.header_bytes_max, config.refused.requests_max) = (usize::MAX, usize::MAX);
    (config.http2.stream_window_bytes, config.http2.connection_window_bytes) = (u32::MAX, u32::MAX);
    config.http2.send_buffer_bytes_max = usize::MAX;
    let pipes = Pipes::depot_with(config);
    assert_eq!(pipes.get("/5000000", "").await.body.len(), 5_000_000);
    let mut put = put("unwanted", "Connection: close\r\nContent-Length: 5\r\n").into_bytes();
    put.extend_from_slice(b"hello");
    assert_eq!(Answer::read(&pipes.talk(&put).await).status, 409);
    let io = TokioIo::new(pipes.connect());
    let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await;
    let (mut sender, connection) = shaken.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get("http://h/livez").body(Full::new(Bytes::new())).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn http2_carries_the_same_answers() {
    let pipes = Pipes::depot();
    let io = TokioIo::new(pipes.connect());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = |method: &str, path: &str, body: &'static [u8]| {
        let request = hyper::Request::builder().method(method).uri(format!("http://hub.localhost{path}"));
        request.body(Full::new(Bytes::from_static(body))).unwrap()
    };
    for (method, path, body, status, expected) in [
        ("GET", "/4", &b""[..], 200, "xxxx"),
        ("HEAD", "/4", b"", 200, ""),
        ("PUT", "/x", b"hello", 201, "5 bytes"),
        ("PUT", "/unwanted", b"hello", 409, "unwanted"),
        ("GET", "/livez", b"", 200, "alive\n"),
    ] {
        sender.ready().await.unwrap();
        let answer = sender.send_request(request(method, path, body)).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers().get("connection"), None);
        let length = answer.headers().get("content-length").cloned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, expected, "{method} {path}");
        if method == "HEAD" {
            assert_eq!(length.unwrap(), "4");
        }
    }
}

#[tokio::test]
async fn http2_heads_are_bounded_too() {
    let pipes = Pipes::depot();
    let io = TokioIo::new(pipes.connect());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    for (bytes, status) in [(1 << 10, 200), (40 << 10, 431)] {
        sender.ready().await.unwrap();
        let request = hyper::Request::get("http://h/livez").header("x-long", "x".repeat(bytes));
        let answer = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{bytes}");
    }
}

#[tokio::test]
async fn an_idle_http2_connection_is_said_good_bye() {
    let pipes = Pipes::depot();
    pause();
    let io = TokioIo::new(pipes.connect());
    let (sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), io).await.unwrap();
    let begun = Instant::now();
    connection.await.unwrap();
    assert!((120..=130).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    drop(sender);
}

fn open(pipes: &Pipes<Depot>) -> i64 {
    pipes.edge.metrics.connections.get()
}
