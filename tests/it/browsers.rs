//! User interfaces in browsers: whose origin may read what, and what every answer says.

use expect_test::expect;
use http::Method;

use crate::support::{Answer, Ask, Organisation, Server, image};

const UI: &str = "https://ui.example.org";
const BLOCKED: [&str; 3] = ["https://evil.example", "null", "https://ui.example.org.evil.example"];

async fn hub(delete: bool) -> Server {
    Server::tuned(Organisation::team(), |config| {
        config.browsers.origins = vec![UI.parse().expect("an origin")];
        config.browsers.delete = delete;
    })
    .await
}

fn preflight(target: &str, origin: &str, method: &str) -> Ask {
    Ask::new(Method::OPTIONS, target)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization")
}

fn allowed(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    answer.header("access-control-allow-origin")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listed_origin_reads_packages_and_nothing_else() {
    let hub = hub(false).await;
    let (alice, stranger) = (hub.actor("alice"), hub.stranger());
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let tags = "/v2/p/team/app/web/tags/list";
    stranger.send(preflight(tags, UI, "GET")).await.shows(&expect![[r#"
        204
        access-control-allow-headers: Authorization, Accept, Range, If-None-Match
        access-control-allow-methods: GET, HEAD
        access-control-allow-origin: https://ui.example.org
        access-control-max-age: 600
        vary: Origin
    "#]]);
    let answer = alice.send(Ask::get(tags).header("origin", UI)).await;
    answer.shows(&expect![[r#"
        200
        access-control-allow-origin: https://ui.example.org
        access-control-expose-headers: Docker-Content-Digest, Link, Location, WWW-Authenticate, OCI-Filters-Applied, Content-Range
        content-length: 40
        content-type: application/json
        vary: Origin

        {"name":"p/team/app/web","tags":["1.0"]}
    "#]]);
    // A script has to see why it is refused.
    let refused = stranger.send(Ask::get(tags).header("origin", UI)).await.is(401);
    assert_eq!(allowed(&refused), Some(UI));
    for target in [
        "/v2/",
        "/v2/token?service=x",
        "/maven/p/team/jars/a/b/1/b-1.jar",
        "/nuget/p/team/feed/v3/index.json",
        "/files/p/team/files/a.txt",
    ] {
        assert_eq!(
            allowed(&stranger.send(Ask::get(target).header("origin", UI)).await),
            Some(UI),
            "{target}"
        );
        assert_eq!(allowed(&stranger.send(preflight(target, UI, "GET")).await.is(204)), Some(UI), "{target}");
    }
    for target in ["/api/v1/tokens", "/api/v1/setup", "/livez", "/metrics", "/", "/v2x/"] {
        assert_eq!(allowed(&alice.send(Ask::get(target).header("origin", UI)).await), None, "{target}");
        assert_eq!(allowed(&stranger.send(preflight(target, UI, "GET")).await), None, "{target}");
    }
    for origin in BLOCKED {
        let answer = alice.send(Ask::get(tags).header("origin", origin)).await.is(200);
        assert_eq!((allowed(&answer), answer.header("vary")), (None, Some("Origin")), "{origin}");
        assert_eq!(allowed(&stranger.send(preflight(tags, origin, "GET")).await), None, "{origin}");
    }
    let delete = Ask::delete("/v2/p/team/app/web/manifests/1.0").header("origin", UI);
    assert_eq!(allowed(&alice.send(delete).await), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_setting_lets_it_delete() {
    let hub = hub(true).await;
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let tag = "/v2/p/team/app/web/manifests/1.0";
    let asked = hub.stranger().send(preflight(tag, UI, "DELETE")).await.is(204);
    assert_eq!(asked.must_have("access-control-allow-methods"), "GET, HEAD, DELETE");
    assert_eq!(allowed(&alice.send(Ask::delete(tag).header("origin", UI)).await.is(202)), Some(UI));
    let post = Ask::post("/v2/p/team/app/web/blobs/uploads/").header("origin", UI);
    assert_eq!(allowed(&alice.send(post).await), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_by_default_and_no_type_is_guessed() {
    let hub = Server::with(Organisation::team()).await;
    let alice = hub.actor("alice");
    for target in
        ["/v2/", "/v2/p/team/app/web/tags/list", "/api/v1/tokens", "/livez", "/nothing", "/v2/token"]
    {
        let answer = alice.send(Ask::get(target).header("origin", UI)).await;
        assert_eq!(answer.must_have("x-content-type-options"), "nosniff", "{target}");
        assert_eq!((allowed(&answer), answer.header("vary")), (None, None), "{target}");
        assert_eq!(allowed(&alice.send(preflight(target, UI, "GET")).await), None, "{target}");
    }
}
