//! Where clients are sent: the configured address, else what a trusted proxy says, else, on loopback only, a `Host` that names loopback.

use crate::support::raw::status_of;
use crate::support::{Answer, Ask, Folder, Organisation, Server, image};

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

/// A browser or a proxy on this machine sends whatever `Host` somebody made up. No answer names it, nobody logs in there, and each
/// client reads in its own language what to configure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_loopback_a_made_up_host_is_refused() {
    let hub = Server::start().await;
    let evil = async |ask: Ask| hub.actor("alice").send(ask.header("host", "evil.example")).await;
    let line = "public_url = \"https://evil.example\"";
    for path in ["/v2/", "/v2/token?scope=x", "/v2/p/team/app/web/tags/list"] {
        let answer = evil(Ask::get(path)).await.is(421);
        let error = answer.json()["errors"][0].clone();
        assert!(error["message"].as_str().expect("a message").contains(line), "{path}: {answer}");
        assert_eq!(answer.header("www-authenticate"), None, "{path}: {answer}");
    }
    let grant = serde_json::json!({ "to": "member:bob", "permissions": ["read"] });
    let refused = evil(Ask::get("/files/p/team/files/a.txt")).await.is(421);
    assert!(String::from_utf8_lossy(&refused.body).contains(line), "{refused}");
    for (target, ask) in [
        ("maven", Ask::get("/maven/p/team/jars/a/b/maven-metadata.xml")),
        ("nuget", Ask::get("/nuget/p/team/feed/v3/index.json")),
        ("me", Ask::get("/api/v1/me")),
        ("grants", Ask::put("/api/v1/repositories/team/app/grants").json(&grant)),
    ] {
        let answer = evil(ask).await.is(421);
        assert_eq!(answer.must_have("content-type"), "application/problem+json", "{target}");
        assert!(answer.json()["detail"].as_str().expect("a detail").contains(line), "{target}: {answer}");
        if target == "nuget" {
            assert!(answer.must_have("x-nuget-warning").contains(line), "{answer}");
        }
    }
    // In the target itself, which counts before `Host`.
    let whole = "GET http://evil.example/v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(status_of(hub.address(), whole.as_bytes()).await, Some(421));
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/metrics", 403)] {
        evil(Ask::get(path)).await.is(status);
    }
}

/// What nginx sends with no more than `proxy_pass`, and with the lines of its documentation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_on_this_machine_pulls_as_ever_where_the_address_is_configured() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("proxied")).await;
    hub.actor("alice").docker().push("team/open/web:1.0", &image("hello")).await.done();
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk_tuned(organisation, folder, |config| {
        config.server.public_url = wharfinger::config::ServerUrl::parse("https://registry.example.org");
    })
    .await;
    for (version, host, more) in [
        ("1.0", "upstream", ""),
        ("1.0", "registry.example.org", "X-Real-IP: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"),
        ("1.1", "wharfinger_backend", "X-Forwarded-For: 192.0.2.1\r\n"),
    ] {
        let pull = format!(
            "GET /v2/p/team/open/web/manifests/1.0 HTTP/{version}\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"
        );
        assert_eq!(status_of(hub.address(), pull.as_bytes()).await, Some(200), "{host}");
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
