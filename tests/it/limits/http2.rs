//! HTTP/2: spoken properly to who speaks it properly; floods end their connection and nothing else.

use crate::support::client::Client;
use crate::support::http::Version;
use crate::support::http2::{
    CONTINUATION, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, frame, head,
};
use crate::support::raw::Raw;
use crate::support::{Ask, Dialect, Http, Server, image};

use super::alive;

async fn greet(hub: &Server) -> Raw {
    let mut raw = Raw::connect(hub.address()).await;
    raw.write(PREFACE).await;
    raw.write(&frame(SETTINGS, 0, 0, &[])).await;
    raw
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_pulled_over_http2() {
    let hub = Server::start().await;
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let http = Http::new(hub.address()).speaking(Version::Http2);
    let answer = http.send(alice.signed(Ask::get("/v2/p/team/app/web/manifests/1.0"))).await.is(200);
    assert_eq!(answer.body, hello.manifest);
    let refused = http.send(Ask::get("/v2/p/team/app/web/manifests/1.0")).await.is(401);
    let realm = format!("realm=\"http://{}/v2/token\"", hub.address());
    assert!(refused.must_have("www-authenticate").contains(&realm), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_works_over_http2() {
    let hub = Server::start().await;
    for dialect in Dialect::ALL {
        let http = || Http::new(hub.address()).speaking(Version::Http2);
        let client = |who| Client::new(http(), Some(hub.login(who)), dialect);
        let pushed = image(&format!("pushed by {dialect:?}"));
        let name = format!("team/app/{}:1.0", format!("{dialect:?}").to_lowercase());
        client("alice").push(&name, &pushed).await.done();
        client("rita").pull(&name).await.gives(&pushed);
        client("bob").pull(&name).await.refused_with(403);
        Client::new(http(), None, dialect).pull(&name).await.refused_with(401);
    }
}

/// CVE-2023-44487.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rapid_resets_end_the_connection() {
    let hub = Server::start().await;
    let mut raw = greet(&hub).await;
    let mut ended = false;
    'flood: for batch in 0..200_u32 {
        let mut bytes = Vec::new();
        for number in 0..100_u32 {
            let stream = 2 * (batch * 100 + number) + 1;
            bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &head("/livez")));
            bytes.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
        }
        if !raw.write(&bytes).await {
            ended = true;
            break 'flood;
        }
    }
    assert!(ended || raw.read_to_end().await.is_some(), "20 000 resets and still welcome");
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_continuations_end_the_connection() {
    let hub = Server::start().await;
    let mut raw = greet(&hub).await;
    raw.write(&frame(HEADERS, END_STREAM, 1, &head("/livez"))).await;
    // Literals that enter no table: nothing shrinks them.
    let mut filler = vec![0x00, 1, b'a', 126];
    filler.extend([b'b'; 126]);
    let filler: Vec<u8> = std::iter::repeat_n(filler, 100).flatten().collect();
    let mut ended = false;
    for _ in 0..2_000 {
        if !raw.write(&frame(CONTINUATION, 0, 1, &filler)).await {
            ended = true;
            break;
        }
    }
    assert!(ended || raw.read_to_end().await.is_some(), "26 MB of headers and still welcome");
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_control_frames_harm_nobody() {
    let hub = Server::start().await;
    for (kind, payload) in [(PING, vec![0; 8]), (SETTINGS, Vec::new())] {
        let mut raw = greet(&hub).await;
        let flood: Vec<u8> = std::iter::repeat_n(frame(kind, 0, 0, &payload), 1_000).flatten().collect();
        for _ in 0..20 {
            // Nobody reads the answers; the server must not keep them without end.
            let write = tokio::time::timeout(std::time::Duration::from_secs(1), raw.write(&flood)).await;
            if !matches!(write, Ok(true)) {
                break;
            }
        }
        alive(&hub).await;
    }
    // Frames that make no sense.
    let mut raw = greet(&hub).await;
    raw.write(&frame(HEADERS, END_HEADERS, 2, &head("/livez"))).await;
    raw.write(&frame(99, 255, 12345, &[0; 100])).await;
    raw.write(&[0xff; 100]).await;
    assert!(raw.read_to_end().await.is_some());
    alive(&hub).await;
}
