//! What no honest client sends: a clear refusal, nothing stored, and the next honest client is served.

use std::sync::Arc;

use expect_test::expect;
use futures_util::future::join_all;

use crate::support::raw::{answer_to, status_of};
use crate::support::{Ask, Organisation, Server, image};

mod bodies;
mod budgets;
mod connections;
mod http2;
mod noise;
mod rates;
mod uploads;

/// The gateway is as it was: somebody pushes and pulls.
async fn alive(hub: &Server) {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/alive:1.0", &image("alive")).await.done();
    alice.docker().pull("team/app/alive:1.0").await.gives(&image("alive"));
}

/// One figure of the metrics.
async fn figure(hub: &Server, line: &str) -> u64 {
    let answer = hub.admin().send(Ask::get("/metrics")).await.is(200);
    let text = String::from_utf8(answer.body.to_vec()).expect("text");
    let found =
        text.lines().find_map(|found| found.strip_prefix(line)).unwrap_or_else(|| panic!("no {line}"));
    found.trim().parse().expect("a number")
}

fn head(hub: &Server, first: &str, more: &str) -> Vec<u8> {
    format!("{first}\r\nHost: {}\r\nConnection: close\r\n{more}\r\n", hub.address()).into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_have_a_size() {
    let hub = Server::start().await;
    let long = "x".repeat(1 << 20);
    let many: String = (0..10_000).map(|number| format!("X-Header-{number}: x\r\n")).collect();
    for (what, first, more, statuses) in [
        ("a long header", "GET /livez HTTP/1.1", format!("X-Long: {long}\r\n"), &[431][..]),
        ("a long name", "GET /livez HTTP/1.1", format!("{long}: x\r\n"), &[431, 400]),
        ("many headers", "GET /livez HTTP/1.1", many, &[431]),
        ("a long address", &format!("GET /{long} HTTP/1.1"), String::new(), &[414, 431]),
        ("a long query", &format!("GET /v2/?n={long} HTTP/1.1"), String::new(), &[414, 431]),
        ("a long method", &format!("{long} / HTTP/1.1"), String::new(), &[400, 405, 414, 431, 501]),
        ("an endless cookie", "GET /livez HTTP/1.1", format!("Cookie: {long}\r\n"), &[431]),
    ] {
        let status = status_of(hub.address(), &head(&hub, first, &more)).await;
        // Whoever sends a megabyte may be cut before it reads the answer.
        assert!(status.is_none_or(|status| statuses.contains(&status)), "{what}: {status:?}");
    }
    alive(&hub).await;
}

/// Values of `Authorization` that are no credentials, but for `Basic Og==`, which is nobody's.
const NONE: [&str; 18] = [
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic Zm9v",
    "Basic Og==",
    "Basic OnBhc3N3b3Jk",
    "Basic YWxpY2U6",
    "Basic /////w==",
    "Bearer",
    "Bearer ",
    "Bearer  two words",
    "Bearer whfp_",
    "Digest username=alice",
    "Negotiate abc",
    "",
    " ",
    "alice:secret",
    "Basic YWxpY2U6YTpiOmM=",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_are_none() {
    let hub = Server::start().await;
    let mut table = String::new();
    for value in NONE {
        let request = head(&hub, "GET /v2/ HTTP/1.1", &format!("Authorization: {value}\r\n"));
        let status = status_of(hub.address(), &request).await.expect("an answer");
        let request =
            head(&hub, "GET /v2/p/team/open/web/tags/list HTTP/1.1", &format!("Authorization: {value}\r\n"));
        let public = status_of(hub.address(), &request).await.expect("an answer");
        table.push_str(&format!("{value:?}: {status}, where nobody needs any {public}\n"));
    }
    for (name, value) in [
        ("9 KiB", format!("Basic {}", "A".repeat(9 << 10))),
        ("a 9 KiB bearer", format!("Bearer {}", "A".repeat(9 << 10))),
        ("NUL inside", "Basic AGE6AGI=".to_owned()),
    ] {
        let request = head(&hub, "GET /v2/ HTTP/1.1", &format!("Authorization: {value}\r\n"));
        table
            .push_str(&format!("{name}: {}\n", status_of(hub.address(), &request).await.expect("an answer")));
    }
    let twice = head(&hub, "GET /v2/ HTTP/1.1", "Authorization: Basic Og==\r\nAuthorization: Basic Og==\r\n");
    table.push_str(&format!("two: {}\n", status_of(hub.address(), &twice).await.expect("an answer")));
    let latin =
        [&b"GET /v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic \xff\xfe\r\n\r\n"[..]]
            .concat();
    table.push_str(&format!("no ASCII: {}\n", status_of(hub.address(), &latin).await.expect("an answer")));
    expect![[r#"
        "Basic": 401, where nobody needs any 401
        "Basic ": 401, where nobody needs any 401
        "Basic !!!": 401, where nobody needs any 401
        "Basic Zm9v": 401, where nobody needs any 401
        "Basic Og==": 401, where nobody needs any 404
        "Basic OnBhc3N3b3Jk": 401, where nobody needs any 401
        "Basic YWxpY2U6": 401, where nobody needs any 401
        "Basic /////w==": 401, where nobody needs any 401
        "Bearer": 401, where nobody needs any 401
        "Bearer ": 401, where nobody needs any 401
        "Bearer  two words": 401, where nobody needs any 401
        "Bearer whfp_": 401, where nobody needs any 401
        "Digest username=alice": 401, where nobody needs any 401
        "Negotiate abc": 401, where nobody needs any 401
        "": 401, where nobody needs any 401
        " ": 401, where nobody needs any 401
        "alice:secret": 401, where nobody needs any 401
        "Basic YWxpY2U6YTpiOmM=": 401, where nobody needs any 401
        9 KiB: 400
        a 9 KiB bearer: 400
        NUL inside: 401
        two: 400
        no ASCII: 401
    "#]]
    .assert_eq(&table);
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_addresses() {
    let hub = Server::start().await;
    alive(&hub).await;
    let mut table = String::new();
    let authorization = crate::support::client::basic(&hub.login("alice"));
    for target in [
        "/v2/../../../../etc/passwd",
        "/v2/p/team/app/../../../etc/passwd/manifests/1.0",
        "/v2/p/team/app/alive/manifests/../../../../keys",
        "/v2/p/team/app/alive/blobs/../../wharfinger.db",
        "/v2/p/team/app/alive/blobs/sha256:..%2f..%2fkeys",
        "/v2/p/team/app/..%2f..%2fother%2fapp/manifests/1.0",
        "/v2/p/team/app/%2e%2e/alive/manifests/1.0",
        "/v2/p/team/app/alive/manifests/%2e%2e",
        "/v2/p/team/app/alive%00/manifests/1.0",
        "/v2/p/team/app/alive/manifests/1.0%00",
        "/v2/p/team/app/alive/manifests/1.0%0d%0aX-Injected:%20yes",
        "/v2/p/team/app/%c3%a4/manifests/1.0",
        "/v2/p/team/app/%ff/manifests/1.0",
        "/v2/p/team/app/alive/manifests/%",
        "/v2//p/team/app/alive/manifests/1.0",
        "//v2/p/team/app/alive/manifests/1.0",
        "/V2/p/team/app/alive/manifests/1.0",
        "/v2/P/team/app/alive/manifests/1.0",
        "/v2/p/team/app/alive/manifests/1.0/",
        "/v2/p/team/app/alive/manifests/1.0;x=y",
        "/v2/p/team/app/alive/manifests/1.0?x=%zz",
        "http://elsewhere.example/v2/p/team/app/alive/manifests/1.0",
        "elsewhere.example:443",
        "*",
        "?",
    ] {
        let request =
            head(&hub, &format!("GET {target} HTTP/1.1"), &format!("Authorization: {authorization}\r\n"));
        let answer = answer_to(hub.address(), &request).await;
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert!(!text.to_lowercase().contains("\nx-injected"), "{text}");
        let status = text.split(' ').nth(1).unwrap_or("closed").to_owned();
        table.push_str(&format!("{target}: {status}\n"));
    }
    expect![[r#"
        /v2/../../../../etc/passwd: 400
        /v2/p/team/app/../../../etc/passwd/manifests/1.0: 400
        /v2/p/team/app/alive/manifests/../../../../keys: 400
        /v2/p/team/app/alive/blobs/../../wharfinger.db: 400
        /v2/p/team/app/alive/blobs/sha256:..%2f..%2fkeys: 400
        /v2/p/team/app/..%2f..%2fother%2fapp/manifests/1.0: 400
        /v2/p/team/app/%2e%2e/alive/manifests/1.0: 400
        /v2/p/team/app/alive/manifests/%2e%2e: 400
        /v2/p/team/app/alive%00/manifests/1.0: 400
        /v2/p/team/app/alive/manifests/1.0%00: 400
        /v2/p/team/app/alive/manifests/1.0%0d%0aX-Injected:%20yes: 400
        /v2/p/team/app/%c3%a4/manifests/1.0: 400
        /v2/p/team/app/%ff/manifests/1.0: 400
        /v2/p/team/app/alive/manifests/%: 400
        /v2//p/team/app/alive/manifests/1.0: 400
        //v2/p/team/app/alive/manifests/1.0: 404
        /V2/p/team/app/alive/manifests/1.0: 404
        /v2/P/team/app/alive/manifests/1.0: 400
        /v2/p/team/app/alive/manifests/1.0/: 404
        /v2/p/team/app/alive/manifests/1.0;x=y: 400
        /v2/p/team/app/alive/manifests/1.0?x=%zz: 200
        http://elsewhere.example/v2/p/team/app/alive/manifests/1.0: 421
        elsewhere.example:443: 404
        *: 404
        ?: 400
    "#]]
    .assert_eq(&table);
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_framing_is_refused_and_smuggles_nothing() {
    // Connections that are kept are closed soon, so that everything said on them is seen.
    let hub = Server::tuned(Organisation::team(), |config| {
        config.timeouts.header_secs_max = 3;
        config.timeouts.idle_secs_max = 3;
    })
    .await;
    let mut table = String::new();
    let inner = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    let head = "POST /v2/p/team/app/web/blobs/uploads/ HTTP/1.1\r\nHost: localhost";
    let requests: [(&str, String); 12] = [
        (
            "two lengths",
            format!("{head}\r\nContent-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()),
        ),
        ("two lengths in one", format!("{head}\r\nContent-Length: 0, {}\r\n\r\n{inner}", inner.len())),
        (
            "length and chunks",
            format!("{head}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("negative length", format!("{head}\r\nContent-Length: -1\r\n\r\n")),
        ("plus length", format!("{head}\r\nContent-Length: +5\r\n\r\nhello")),
        ("huge length", format!("{head}\r\nContent-Length: 99999999999999999999999\r\n\r\n")),
        ("odd coding", format!("{head}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")),
        ("bad chunk size", format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n")),
        ("header without a name", "GET /livez HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n".to_owned()),
        ("space before colon", "GET /livez HTTP/1.1\r\nHost : x\r\n\r\n".to_owned()),
        ("folded header", "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n".to_owned()),
        ("not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned()),
    ];
    let answers = requests.map(|(what, request)| {
        let address = hub.address();
        async move { (what, answer_to(address, request.as_bytes()).await) }
    });
    for (what, answer) in join_all(answers).await {
        let text = String::from_utf8_lossy(&answer).into_owned();
        let heads = text.lines().filter(|line| line.starts_with("HTTP/1"));
        let statuses: Vec<&str> = heads.filter_map(|line| line.split(' ').nth(1)).collect();
        table.push_str(&format!("{what}: {}\n", statuses.join(" ")));
    }
    expect![[r#"
        two lengths: 400
        two lengths in one: 400
        length and chunks: 401
        negative length: 400
        plus length: 400
        huge length: 400
        odd coding: 400
        bad chunk size: 401
        header without a name: 400
        space before colon: 400
        folded header: 400
        not HTTP: 400
    "#]]
    .assert_eq(&table);
    alive(&hub).await;
}

/// Guessing is slow, and slows nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_log_ins_are_throttled_and_valid_ones_are_not() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.auth.failures_per_claim_max = 10;
        config.auth.failures_per_claim_forgiven_secs = 3600;
    })
    .await;
    let guesser = Arc::new(hub.claiming("alice", "a guess"));
    let mut throttled = None;
    for _ in 0..60 {
        let answer = guesser.send(Ask::get("/v2/")).await;
        if answer.status == 429 {
            throttled = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401, "{answer}");
    }
    let throttled = throttled.expect("60 guesses in a row are too many");
    let seconds: u64 = throttled.must_have("retry-after").parse().expect("seconds");
    assert!(seconds > 0, "{throttled}");
    // The same address, the same name, the right token: never blocked by the failures of others.
    for _ in 0..20 {
        hub.actor("alice").send(Ask::get("/v2/")).await.is(200);
        hub.stranger().send(Ask::get("/v2/p/team/open/web/tags/list")).await.is(404);
    }
    alive(&hub).await;
}
