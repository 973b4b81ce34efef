use std::net::SocketAddr;
use std::sync::Arc;

use edge::EdgeConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::testing::{Answer, House, basic};

async fn get(address: SocketAddr, path: &str) -> Answer {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    connection.read_to_string(&mut said).await.unwrap();
    Answer::read(&said)
}

#[tokio::test]
async fn health_is_open_and_says_one_word() {
    let house = House::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let ended = tokio::spawn(Arc::clone(&house.service.frontend).serve(listener, None, stop.clone()));
    for (path, word) in [("/livez", "alive\n"), ("/readyz", "ready\n")] {
        let answer = get(address, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, word));
    }
    assert_eq!(get(address, "/elsewhere").await.status, 404);
    stop.cancel();
    ended.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    assert_eq!(house.get("/readyz", "").await.body, "stopping\n");
}

#[tokio::test]
async fn metrics_need_a_right_or_a_listener_of_their_own() {
    let house = House::new().await;
    let rows = [(String::new(), 401), (basic("alice", "wrong"), 401), (basic("bob", &house.bob), 403)];
    for (caller, status) in rows {
        let answer = house.get("/metrics", &caller).await;
        assert_eq!(answer.status, status, "{caller}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
    let answer = house.get("/metrics", &basic("alice", &house.alice)).await;
    assert!(answer.status == 200 && answer.body.ends_with("# EOF\n"), "{answer:?}");
    assert_eq!(house.ask("POST", "/metrics", "").await.status, 405);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let ended = tokio::spawn(Arc::clone(&house.service.frontend).serve_metrics(listener, stop.clone()));
    assert!(get(address, "/metrics").await.body.ends_with("# EOF\n"));
    assert_eq!(get(address, "/v2/").await.status, 404);
    stop.cancel();
    ended.await.unwrap().unwrap();
    assert_eq!(house.get("/readyz", "").await.body, "ready\n", "it was not the main listener");
}

#[tokio::test]
async fn a_request_that_names_no_host_is_told_so_in_a_document() {
    let house = House::new().await;
    let answer = Answer::read(&house.talk(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n").await);
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/problem+json")));
}

#[tokio::test]
async fn the_authority_of_the_target_is_the_host() {
    let house = House::new().await;
    let request = "GET http://evil.example/v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(Answer::read(&house.talk(request.as_bytes()).await).status, 421);
}

#[tokio::test]
async fn what_passes_is_counted() {
    let house = House::new().await;
    house.get("/parcel/alpha/public/4", "").await;
    house.get("/parcel/alpha/private/4", "").await;
    let text = exposition(&house);
    for line in [
        "wharfinger_requests_total{service=\"parcel\",operation=\"read\",status=\"2xx\"} 1",
        "wharfinger_requests_total{service=\"parcel\",operation=\"read\",status=\"4xx\"} 1",
        "wharfinger_decisions_total{right=\"read\",outcome=\"allowed\"} 1",
        "wharfinger_decisions_total{right=\"read\",outcome=\"denied\"} 1",
        "wharfinger_authentications_total{outcome=\"none\"} 2",
        "wharfinger_connections 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

fn exposition(house: &House) -> String {
    house.service.frontend.metrics.exposition()
}

/// Sends a request that is never answered in time, and waits until this many are in flight.
async fn waiting(house: &House, caller: &str, path: &str, in_flight: u32) -> tokio::io::DuplexStream {
    let mut connection = house.connect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{caller}Connection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let held = format!("wharfinger_budget_held{{budget=\"requests\"}} {in_flight}");
    let until = async {
        while !exposition(house).lines().any(|line| line == held) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(60), until).await.expect("it is in flight");
    connection
}

#[tokio::test(start_paused = true)]
async fn a_request_as_a_whole_has_an_end() {
    let house = House::new().await;
    let begun = Instant::now();
    let mut waiting = waiting(&house, "", "/parcel/alpha/public/wait", 1).await;
    let answer = Answer::read(&edge::testing::rest(&mut waiting).await);
    assert_eq!((begun.elapsed().as_secs(), answer.status), (6 * 3600, 408));
}

#[tokio::test(start_paused = true)]
async fn who_has_too_many_in_flight_is_told_so_in_its_own_language_and_administration_is_not_kept_waiting() {
    let mut config = EdgeConfig::default();
    config.budgets.requests_per_address_max = 2;
    config.budgets.requests_total_max = 3;
    let house = House::with(config).await;
    let _strangers = (
        waiting(&house, "", "/parcel/alpha/public/wait", 1).await,
        waiting(&house, "", "/parcel/alpha/public/wait", 2).await,
    );
    let begun = Instant::now();
    let refused = house.get("/parcel/alpha/public/4", "").await;
    assert_eq!((refused.status, begun.elapsed().as_secs()), (429, 5));
    assert_eq!((refused.header("retry-after"), refused.body.as_str()), (Some("1"), "refused"));
    let refused = house.get("/v2/acme/oci/x/tags/list", "").await;
    assert!(refused.status == 429 && refused.body.contains("TOOMANYREQUESTS"), "{refused:?}");

    let alice = basic("alice", &house.alice);
    let _alice = waiting(&house, &alice, "/parcel/alpha/private/wait", 3).await;
    assert_eq!(house.get("/parcel/alpha/private/4", &alice).await.status, 503);
    assert_eq!(house.get("/livez", "").await.status, 200, "asks for nothing");
    let begun = Instant::now();
    assert_eq!(house.get("/api/v1/nothing", &alice).await.status, 404);
    assert_eq!(begun.elapsed(), Duration::ZERO, "administration never waits behind traffic");
}

#[tokio::test]
async fn a_form_that_there_is_no_room_for_is_refused_in_the_language_of_docker() {
    let mut config = EdgeConfig::default();
    config.budgets.body_bytes_per_address_max = 100;
    let house = House::with(config).await;
    let form = format!(
        "POST /v2/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200\r\n\r\n{}",
        "x".repeat(200)
    );
    let refused = Answer::read(&house.talk(form.as_bytes()).await);
    assert!(refused.status == 429 && refused.body.contains("TOOMANYREQUESTS"), "{refused:?}");
}
