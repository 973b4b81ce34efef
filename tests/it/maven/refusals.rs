//! Who is refused what, when, and how the connection ends.

use bytes::Bytes;

use crate::support::maven::Built;
use crate::support::raw::announce;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::maven::team;
    absent_and_unreadable_are_one_answer,
    policies_decide_what_is_listed,
    a_refused_body_is_not_asked_for,
    who_may_not_publish_is_told_before_the_body,
    a_large_refused_body_ends_in_a_status,
    bearers_of_images_are_no_credentials_here,
);

const JAR: &str = "a/b/1/b-1.jar";

async fn absent_and_unreadable_are_one_answer(hub: Server) {
    let alice = hub.actor("alice");
    alice.jars("team/releases").mvn_deploy(&Built::new("a:b:1", "text")).await.expect("a deploy");
    let paths =
        [JAR, "a/b/1/b-1.jar.sha1", "a/b/maven-metadata.xml", "a/b/maven-metadata.xml.md5", "a/b/", "x"];
    for (actor, status) in [(hub.stranger(), 401), (hub.actor("bob"), 403), (hub.actor("rita"), 403)] {
        for path in paths {
            for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "MKCOL"] {
                let mut seen = Vec::new();
                for repository in ["team/releases", "team/nothing", "nobody/jars", "te..am/jars"] {
                    let target = format!("/maven/p/{repository}/{path}");
                    let ask = Ask::new(method.parse().expect("a method"), target).body("x");
                    let answer = actor.send(ask).await;
                    assert_eq!(answer.status, status, "{method} {repository} {path}\n{answer}");
                    seen.push(answer.bytes_but(&[]));
                }
                assert!(seen.windows(2).all(|two| two[0] == two[1]), "{method} {path}: {seen:?}");
            }
        }
    }
    for (who, path) in [("alice", "none"), ("rita", "none")] {
        hub.actor(who).jars("team/jars").get(path).await.is(404);
    }
    hub.claiming("alice", "wrong").jars("team/open-jars").get(JAR).await.is(401);
    hub.claiming("bob", &hub.login("alice").secret).jars("team/jars").get(JAR).await.is(401);
    let answer = hub.stranger().jars("team/jars").get(JAR).await.is(401);
    let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Basic realm=\"wharfinger\", charset=\"UTF-8\""]);
}

const KEPT: &str = "HTTP/1.1 409 it exists with other content, and this repository never replaces it";
const CONTINUE: &str = "HTTP/1.1 100 Continue";
const BUILD: &str = "a/b/1-SNAPSHOT/b-1-20260102.030405-1.jar";

async fn a_refused_body_is_not_asked_for(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    alice.jars("team/jars").put(JAR, "bytes").await.is(201);
    alice.jars("team/replace").put(JAR, "bytes").await.is(201);
    alice.jars("team/replace").put(BUILD, "bytes").await.is(201);
    let lacking = "HTTP/1.1 403 it exists with other content, and you lack the permission `overwrite`";
    let unlike =
        "HTTP/1.1 400 the path is not GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].EXTENSION";
    for (actor, path, length, line) in [
        (&alice, "team/jars/a/b/2/b-2.jar", 5, CONTINUE),
        (&alice, "team/jars/a/b/1/b-1.jar", 5, CONTINUE),
        (&alice, "team/jars/a/b/1/b-1.jar", 6, KEPT),
        (&alice, "team/replace/a/b/1/b-1.jar", 6, CONTINUE),
        (&alice, &format!("team/replace/{BUILD}"), 6, KEPT),
        (&pat, "team/replace/a/b/1/b-1.jar", 6, lacking),
        (
            &alice,
            &format!("team/releases/{BUILD}"),
            5,
            "HTTP/1.1 409 this repository takes releases only, and this is a snapshot",
        ),
        (
            &alice,
            "team/snapshots/a/b/1/b-1.jar",
            5,
            "HTTP/1.1 409 this repository takes snapshots only, and this is a release",
        ),
        (&alice, "team/closed/a/b/1/b-1.jar", 5, "HTTP/1.1 409 this repository is read-only"),
        (&alice, "team/jars/readme.txt", 5, unlike),
        (&alice, "team/jars/a/b/1/b-1.war.sha1", 40, CONTINUE),
        (&alice, "team/closed/a/b/1/b-1.war.sha1", 40, "HTTP/1.1 409 this repository is read-only"),
    ] {
        assert_eq!(announce(actor, &format!("/maven/p/{path}"), "", length).await, line, "{path}");
    }
}

async fn who_may_not_publish_is_told_before_the_body(hub: Server) {
    for (actor, repository, line) in [
        (hub.actor("rita"), "team/jars", "HTTP/1.1 403 you lack the permission `publish` on this repository"),
        (hub.actor("bob"), "team/jars", "HTTP/1.1 403 there is no such repository, or you may not use it"),
        (hub.stranger(), "team/open-jars", "HTTP/1.1 401 log in with a user name or client ID and a token"),
        (
            hub.claiming("alice", "wrong"),
            "team/jars",
            "HTTP/1.1 401 the user name, password or token is wrong",
        ),
    ] {
        assert_eq!(announce(&actor, &format!("/maven/p/{repository}/{JAR}"), "", 5).await, line);
    }
}

async fn policies_decide_what_is_listed(hub: Server) {
    let alice = hub.actor("alice");
    let snapshot = Built::new("a:b:1-SNAPSHOT", "text");
    let release = Built::new("a:b:1", "text");
    for (repository, built, status) in [
        ("team/releases", &release, None),
        ("team/releases", &snapshot, Some(409)),
        ("team/snapshots", &snapshot, None),
        ("team/snapshots", &release, Some(409)),
        ("team/closed", &release, Some(409)),
        ("team/closed", &snapshot, Some(409)),
    ] {
        let jars = alice.jars(repository);
        let outcome = jars.mvn_deploy(built).await;
        assert_eq!(outcome.err().map(|answer| answer.status.as_u16()), status, "{repository}");
        let listed = jars.versions("a/b").await;
        assert_eq!(listed.contains(&built.version), status.is_none(), "{repository} {listed:?}");
    }
}

/// 30 MB that nobody wants are read and thrown away: a reset would hide the reason from the client.
async fn a_large_refused_body_ends_in_a_status(hub: Server) {
    let alice = hub.actor("alice");
    let large = Bytes::from(vec![7; 30 << 20]);
    alice.jars("team/jars").put(JAR, "bytes").await.is(201);
    for (actor, repository, path, status) in [
        (hub.actor("alice"), "team/jars", JAR, 409),
        (hub.actor("alice"), "team/releases", "a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar", 409),
        (hub.actor("alice"), "team/jars", "readme.txt", 400),
        (hub.actor("rita"), "team/jars", "a/b/2/b-2.jar", 403),
        (hub.stranger(), "team/jars", "a/b/2/b-2.jar", 401),
        (hub.actor("alice"), "team/jars", "a/b/2/b-2.pom", 413),
    ] {
        let answer = actor.jars(repository).put(path, large.clone()).await.is(status);
        assert!(answer.json()["detail"].is_string());
    }
    // What may come comes, whole and once.
    let jars = alice.jars("team/jars");
    jars.put("a/b/2/b-2.jar", large.clone()).await.is(201);
    assert_eq!(jars.get("a/b/2/b-2.jar").await.is(200).body, large);
}

/// Bearers of `/v2/token` are for images; a permanent token is one everywhere.
async fn bearers_of_images_are_no_credentials_here(hub: Server) {
    let alice = hub.actor("alice");
    alice.jars("team/jars").put(JAR, "bytes").await.is(201);
    let get = || Ask::get(format!("/maven/p/team/jars/{JAR}"));
    let bearer = alice.bearer().await;
    hub.stranger().send(get().authorization(&format!("Bearer {bearer}"))).await.is(401);
    let secret = hub.login("alice").secret;
    hub.stranger().send(get().authorization(&format!("Bearer {secret}"))).await.is(200);
    hub.stranger().send(get().authorization("Basic Og==")).await.is(401);
}
