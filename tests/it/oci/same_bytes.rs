//! What is absent and what may not be read look the same, to the byte.

use http::Method;

use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::{Actor, Ask, Http, Server, image, on_both_databases};

on_both_databases!(
    a_stranger_sees_no_difference,
    somebody_without_rights_sees_no_difference,
    an_anonymous_bearer_sees_no_difference,
    bad_syntax_is_shown_to_insiders_only,
);

/// Every kind of request, on an image.
fn requests(name: &str) -> Vec<Ask> {
    let digest = sha256(b"hello");
    let upload = "00000000000000000000000000000000";
    let at = |method: Method, rest: &str| Ask::new(method, format!("/v2/{name}/{rest}"));
    vec![
        at(Method::GET, "manifests/1.0"),
        at(Method::HEAD, "manifests/1.0"),
        at(Method::PUT, "manifests/1.0").header("content-type", OCI_MANIFEST).body("{}"),
        at(Method::DELETE, "manifests/1.0"),
        at(Method::GET, &format!("manifests/{digest}")),
        at(Method::DELETE, &format!("manifests/{digest}")),
        at(Method::GET, "tags/list"),
        at(Method::GET, "tags/list?n=abc"),
        at(Method::GET, &format!("referrers/{digest}")),
        at(Method::GET, &format!("blobs/{digest}")),
        at(Method::HEAD, &format!("blobs/{digest}")),
        at(Method::DELETE, &format!("blobs/{digest}")),
        at(Method::POST, "blobs/uploads/"),
        at(Method::POST, &format!("blobs/uploads/?digest={digest}")).body("hello"),
        at(Method::POST, &format!("blobs/uploads/?mount={digest}&from={name}")),
        at(Method::GET, &format!("blobs/uploads/{upload}")),
        at(Method::PATCH, &format!("blobs/uploads/{upload}")).body("hello"),
        at(Method::PUT, &format!("blobs/uploads/{upload}?digest={digest}")),
        at(Method::DELETE, &format!("blobs/uploads/{upload}")),
        at(Method::PUT, "tags/list"),
        at(Method::POST, "manifests/1.0"),
    ]
}

/// Names of the same length: of a private repository, of one that is not there, of none in a project that is not there.
const NAMES: [&str; 5] =
    ["p/team/app/web", "p/team/zzz/web", "p/zzzz/app/web", "team/app/web", "zzzz/zzz/web"];

async fn compare(status: u16, names: &[&str], ask: impl AsyncFn(Ask) -> crate::support::Answer) {
    let all: Vec<Vec<Ask>> = names.iter().map(|name| requests(name)).collect();
    let mut first: Vec<String> = Vec::new();
    for (name, requests) in names.iter().zip(all) {
        for (number, request) in requests.into_iter().enumerate() {
            let what = format!("{} {}", request.method, request.target);
            let answer = ask(request).await;
            assert_eq!(answer.status, status, "{what}\n{answer}");
            let seen = answer.bytes_but(&[name]);
            match first.get(number) {
                Some(first) => assert_eq!(&seen, first, "{what}"),
                None => first.push(seen),
            }
        }
    }
}

async fn prepare(hub: &Server) -> Actor {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    alice
}

async fn a_stranger_sees_no_difference(hub: Server) {
    prepare(&hub).await;
    let stranger = hub.stranger();
    compare(401, &NAMES, async |ask| stranger.send(ask).await).await;
    // Empty name and password are nobody's credentials.
    compare(401, &NAMES, async |ask| stranger.send(ask.authorization("Basic Og==")).await).await;
}

async fn somebody_without_rights_sees_no_difference(hub: Server) {
    prepare(&hub).await;
    let bob = hub.actor("bob");
    compare(403, &NAMES, async |ask| bob.send(ask).await).await;
    // Rita reads `team/app` and nothing else of `team`.
    let rita = hub.actor("rita");
    let names = ["p/team/dense/web", "p/team/zzzzz/web", "p/zzzz/dense/web"];
    compare(403, &names, async |ask| rita.send(ask).await).await;
    let bearer = bob.bearer().await;
    let http = Http::new(hub.address());
    let signed = async |ask: Ask| http.send(ask.authorization(&format!("Bearer {bearer}"))).await;
    compare(403, &NAMES, signed).await;
}

async fn an_anonymous_bearer_sees_no_difference(hub: Server) {
    prepare(&hub).await;
    let bearer = hub.stranger().bearer().await;
    let http = Http::new(hub.address());
    let signed = async |ask: Ask| http.send(ask.authorization(&format!("Bearer {bearer}"))).await;
    compare(401, &NAMES, signed).await;
}

async fn bad_syntax_is_shown_to_insiders_only(hub: Server) {
    let alice = prepare(&hub).await;
    let requests = || {
        [
            Ask::get("/v2/p/team/app/web/manifests/sha256:bad"),
            Ask::get("/v2/p/team/app/web/blobs/bad"),
            Ask::get("/v2/p/team/app/web/manifests/-bad-tag"),
            Ask::get("/v2/p/team/app/web/tags/list?n=abc"),
            Ask::put("/v2/p/team/app/web/manifests/1.0").header("content-type", OCI_MANIFEST).body("{"),
            Ask::put("/v2/p/team/app/web/blobs/uploads/00000000000000000000000000000000"),
            Ask::post("/v2/p/team/app/web/blobs/uploads/?digest=bad"),
        ]
    };
    for ask in requests() {
        hub.stranger().send(ask).await.is(401);
    }
    for ask in requests() {
        hub.actor("bob").send(ask).await.is(403);
    }
    for ask in requests() {
        alice.send(ask).await.is(400);
    }
}
