//! Where clients are sent: the configured address, else what a trusted proxy says, else, on loopback only, `Host`.

use crate::support::{Answer, Ask, Organisation, Server};

async fn challenged(hub: &Server, headers: &[(&str, &str)]) -> String {
    let ask = headers.iter().fold(Ask::get("/v2/"), |ask, (name, value)| ask.header(name, value));
    let answer: Answer = hub.stranger().send(ask).await.is(401);
    answer.must_have("www-authenticate").to_owned()
}

fn bearer(origin: &str) -> String {
    let (_, host) = origin.split_once("://").expect("a scheme");
    format!("Bearer realm=\"{origin}/v2/token\",service=\"{host}\"")
}

/// What a proxy adds, or a stranger who would like credentials sent elsewhere.
const FORWARDED: [(&str, &str); 3] = [
    ("x-forwarded-for", "192.0.2.1"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "elsewhere.example"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_loopback_the_client_knows_where_it_is() {
    let hub = Server::start().await;
    let here = format!("http://{}", hub.address());
    assert_eq!(challenged(&hub, &[]).await, bearer(&here));
    let named = format!("http://localhost:{}", hub.address().port());
    assert_eq!(challenged(&hub, &[("host", &named["http://".len()..])]).await, bearer(&named));
    // Nobody was said to be a proxy.
    assert_eq!(challenged(&hub, &FORWARDED).await, bearer(&here));
    assert_eq!(challenged(&hub, &[("forwarded", "proto=https;host=elsewhere.example")]).await, bearer(&here));
    // A name that would break out of the challenge is no name.
    for odd in ["a\"b", "a,b", "a b", "a/b", ""] {
        let answer = hub.stranger().send(Ask::get("/v2/").header("host", odd)).await;
        if answer.status == 401 {
            assert_eq!(answer.must_have("www-authenticate"), bearer(&here), "{odd:?}");
        } else {
            assert_eq!(answer.status, 400, "{odd:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configured_address_is_the_address() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.server.public_url = wharfinger::config::ServerUrl::parse("https://registry.example.org");
    })
    .await;
    let fixed = bearer("https://registry.example.org");
    assert_eq!(challenged(&hub, &[]).await, fixed);
    assert_eq!(challenged(&hub, &[("host", "elsewhere.example")]).await, fixed);
    assert_eq!(challenged(&hub, &FORWARDED).await, fixed);
    // Locations are paths, so they need no address.
    let begun = hub.actor("alice").send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    assert!(begun.must_have("location").starts_with("/v2/p/team/app/web/blobs/uploads/"), "{begun}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_knows_the_address() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    assert_eq!(challenged(&hub, &FORWARDED).await, bearer("https://elsewhere.example"));
    let standard = [("forwarded", "for=192.0.2.1;proto=https;host=\"elsewhere.example:8443\"")];
    assert_eq!(challenged(&hub, &standard).await, bearer("https://elsewhere.example:8443"));
}

/// Failures are counted by client, not by proxy: one guesser does not lock the others out, nor does a made-up chain help him.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_each_client_is_counted_for_itself() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.auth.failures_per_claim_max = 5;
        config.auth.failures_per_claim_forgiven_secs = 3600;
        config.auth.failures_per_address_max = 5;
    })
    .await;
    let guess = async |from: &str| {
        let ask = Ask::get("/v2/").header("x-forwarded-for", from);
        hub.claiming("alice", "a guess").send(ask).await.status.as_u16()
    };
    let mut guesses = 0;
    while guess("192.0.2.1").await == 401 {
        guesses += 1;
        assert!(guesses < 50, "never throttled");
    }
    // What stands left of the address that the proxy saw is the client's own invention.
    assert_eq!(guess("198.51.100.7, 192.0.2.1").await, 429);
    assert_eq!(guess("192.0.2.2").await, 401);
}
