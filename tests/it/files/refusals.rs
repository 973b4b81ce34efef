//! Who is refused what, when, and how the connection ends.

use bytes::Bytes;

use crate::support::raw::announce;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::files::team;
    absent_and_unreadable_are_one_answer,
    a_refused_body_is_not_asked_for,
    a_large_refused_body_ends_in_a_status,
    bearers_of_images_are_no_credentials_here,
    the_host_form_of_space,
);

async fn absent_and_unreadable_are_one_answer(hub: Server) {
    let alice = hub.actor("alice");
    alice.files("team/kept").put("a/b.txt", "bytes").await.is(201);
    let paths = ["a/b.txt", "a/b.txt.sha256", "a/", "", "x", "a:b", "a."];
    for (actor, status) in [(hub.stranger(), 401), (hub.actor("bob"), 403), (hub.actor("rita"), 403)] {
        for path in paths {
            for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "MKCOL"] {
                let mut seen = Vec::new();
                for repository in ["team/kept", "team/nothing", "nobody/files", "te..am/files"] {
                    let target = format!("/files/p/{repository}/{path}");
                    let ask = Ask::new(method.parse().expect("a method"), target).body("x");
                    let answer = actor.send(ask).await;
                    assert_eq!(answer.status, status, "{method} {repository} {path}\n{answer}");
                    seen.push(answer.bytes_but(&[]));
                }
                assert!(seen.windows(2).all(|two| two[0] == two[1]), "{method} {path}: {seen:?}");
            }
        }
    }
    // Inside a readable repository what is absent is absent, and a repository of another kind is no secret.
    hub.actor("rita").files("team/files").get("a/b.txt").await.is(404);
    hub.actor("rita").files("team/app").get("a/b.txt").await.is(404);
    alice.jars("team/files").get("a/b/1/b-1.jar").await.is(404);
}

const CONTINUE: &str = "HTTP/1.1 100 Continue";
const LACKING: &str = "HTTP/1.1 403 it exists with other content, and you lack the permission `overwrite`";
const IMMUTABLE: &str = "HTTP/1.1 409 it exists with other content, and its name is immutable here";
const EXPECTED: &str = "HTTP/1.1 412 the file is not as you expect it";
const NONE: &str = "If-None-Match: *\r\n";

/// Everything that can be decided without the bytes is.
async fn a_refused_body_is_not_asked_for(hub: Server) {
    let (alice, pat, rita, bob) = (hub.actor("alice"), hub.actor("pat"), hub.actor("rita"), hub.actor("bob"));
    alice.files("team/files").put("a", "bytes").await.is(201);
    alice.files("team/kept").put("a.sig", "bytes").await.is(201);
    let absent = "HTTP/1.1 403 there is no such repository, or you may not use it";
    let login = "HTTP/1.1 401 log in with a user name or client ID and a token";
    for (actor, path, headers, length, line) in [
        (&alice, "team/files/new", "", 5, CONTINUE),
        (&alice, "team/files/new", NONE, 5, CONTINUE),
        (&alice, "team/files/a", "", 5, CONTINUE),
        (&alice, "team/files/a", "", 6, CONTINUE),
        (&alice, "team/files/a", NONE, 5, EXPECTED),
        (&pat, "team/files/a", "", 5, CONTINUE),
        (&pat, "team/files/a", "", 6, LACKING),
        (&alice, "team/kept/a.sig", "", 5, CONTINUE),
        (&alice, "team/kept/a.sig", "", 6, IMMUTABLE),
        (&pat, "team/kept/a.sig", "", 6, IMMUTABLE),
        (&rita, "team/files/new", "", 5, "HTTP/1.1 403 you lack the permission `publish` on this repository"),
        (&bob, "team/files/new", "", 5, absent),
        (&hub.stranger(), "team/open-files/new", "", 5, login),
        (&alice, "team/files/a:b", "", 5, "HTTP/1.1 400 the path holds `:`, which no name may have"),
        (&alice, "team/files/a/", "", 5, "HTTP/1.1 405 this address takes GET, HEAD, OPTIONS"),
        (
            &alice,
            "team/files/new",
            "X-Checksum-Sha256: abc\r\n",
            5,
            "HTTP/1.1 400 the header X-Checksum-sha256 must hold the hexadecimal digits of one hash",
        ),
        (
            &alice,
            "team/files/new",
            "Content-Range: bytes 0-4/10\r\n",
            5,
            "HTTP/1.1 400 files are taken whole, without Content-Range",
        ),
    ] {
        let told = announce(actor, &format!("/files/p/{path}"), headers, length).await;
        assert_eq!(told, line, "{path} {headers}");
    }
}

/// 30 MB that nobody wants are read and thrown away: a reset would hide the reason from the client.
async fn a_large_refused_body_ends_in_a_status(hub: Server) {
    let alice = hub.actor("alice");
    let large = Bytes::from(vec![7; 30 << 20]);
    alice.files("team/kept").put("a.sig", "bytes").await.is(201);
    for (actor, repository, path, status) in [
        (hub.actor("alice"), "team/kept", "a.sig", 409),
        (hub.actor("alice"), "team/files", "a:b", 400),
        (hub.actor("rita"), "team/files", "a", 403),
        (hub.stranger(), "team/files", "a", 401),
    ] {
        let answer = actor.files(repository).put(path, large.clone()).await.is(status);
        assert!(answer.body.ends_with(b"\n"));
    }
    let files = alice.files("team/files");
    files.put("a", large.clone()).await.is(201);
    assert_eq!(files.get("a").await.is(200).body, large);
}

/// Bearers of `/v2/token` are for images; a permanent token is one everywhere.
async fn bearers_of_images_are_no_credentials_here(hub: Server) {
    let alice = hub.actor("alice");
    alice.files("team/files").put("a", "bytes").await.is(201);
    let get = || Ask::get("/files/p/team/files/a");
    let bearer = alice.bearer().await;
    hub.stranger().send(get().authorization(&format!("Bearer {bearer}"))).await.is(401);
    let secret = hub.login("alice").secret;
    hub.stranger().send(get().authorization(&format!("Bearer {secret}"))).await.is(200);
    hub.stranger().send(get().authorization("Basic Og==")).await.is(401);
}

/// `files.pkg.HOST/{org}/p/…` (docs/design.md 3).
async fn the_host_form_of_space(hub: Server) {
    let alice = hub.actor("alice");
    let host = format!("files.pkg.localhost:{}", hub.address().port());
    let at = |organisation: &str, path: &str| format!("/{organisation}/p/team/files/{path}");
    let put = Ask::put(at("acme", "a/b.txt")).header("host", &host).body("bytes");
    alice.send(put).await.is(201);
    let get = |organisation: &str| Ask::get(at(organisation, "a/b.txt")).header("host", &host);
    assert_eq!(alice.send(get("ACME")).await.is(200).body, "bytes");
    assert_eq!(alice.files("team/files").get("a/b.txt").await.is(200).body, "bytes");
    // Another organisation's repository is absent.
    alice.send(get("umbrella")).await.is(403);
    hub.stranger().send(get("umbrella")).await.is(401);
    let root = alice.send(Ask::get("/acme/p/team/files").header("host", &host)).await.is(200);
    let page = String::from_utf8(root.body.to_vec()).expect("UTF-8");
    assert!(page.contains("<a href=\"files/a/\">a/</a>"), "{page}");
}
