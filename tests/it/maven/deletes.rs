//! Deleting: files, hashes, metadata and what is resolved agree at once.

use crate::support::maven::{Built, HASHES};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(in crate::maven::team; what_is_deleted_is_gone_everywhere, who_may_not_delete_does_not, a_release_stays_reserved_for_its_bytes);

async fn what_is_deleted_is_gone_everywhere(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let delete = async |path: &str| alice.send(Ask::delete(jars.at(path))).await.status.as_u16();
    for version in ["1", "2", "3-SNAPSHOT"] {
        let built = Built::new(&format!("org.example:lib:{version}"), "text");
        jars.mvn_deploy(&built).await.expect("a deploy");
    }
    jars.mvn_deploy(&Built::new("org.example:other:1", "text")).await.expect("a deploy");
    assert_eq!(delete("org/example/lib/1/lib-1.jar").await, 204);
    assert_eq!(delete("org/example/lib/1/lib-1.jar").await, 404);
    for kind in HASHES {
        jars.get(&format!("org/example/lib/1/lib-1.jar.{kind}")).await.is(404);
    }
    assert_eq!(jars.versions("org/example/lib").await, ["1", "2", "3-SNAPSHOT"]);
    assert_eq!(delete("org/example/lib/1/lib-1.pom").await, 204);
    assert_eq!(jars.versions("org/example/lib").await, ["2", "3-SNAPSHOT"]);
    assert_eq!(delete("org/example/lib/3-SNAPSHOT/").await, 204);
    jars.get("org/example/lib/3-SNAPSHOT/maven-metadata.xml").await.is(404);
    assert_eq!(jars.versions("org/example/lib").await, ["2"]);
    assert_eq!(delete("org/example/lib").await, 204);
    assert!(jars.versions("org/example/lib").await.is_empty());
    let gone = jars.mvn_resolve(&Built::new("org.example:lib:2", "text")).await.expect_err("gone");
    assert_eq!(gone.status, 404);
    assert_eq!(jars.versions("org/example/other").await, ["1"]);
    for path in ["org/example/lib", "org/example", "org/example/other/2", "org/example/other/1/other-1.war"] {
        assert_eq!(delete(path).await, 404, "{path}");
    }
}

async fn who_may_not_delete_does_not(hub: Server) {
    let alice = hub.actor("alice");
    let built = Built::new("a:b:1", "text");
    alice.jars("team/open-jars").mvn_deploy(&built).await.expect("a deploy");
    for (actor, status) in [(hub.actor("pat"), 403), (hub.actor("bob"), 403), (hub.stranger(), 401)] {
        for path in ["a/b/1/b-1.jar", "a/b/1", "a/b/"] {
            actor.send(Ask::delete(format!("/maven/p/team/open-jars/{path}"))).await.is(status);
        }
    }
    hub.stranger().jars("team/open-jars").mvn_resolve(&built).await.expect("still there");
    for path in ["a/b/maven-metadata.xml", "a/b/1/b-1.jar.sha1"] {
        alice.send(Ask::delete(format!("/maven/p/team/open-jars/{path}"))).await.is(405);
    }
}

/// What is written once is not given other bytes by way of a delete: of the file, the version or the artifact. A snapshot is.
async fn a_release_stays_reserved_for_its_bytes(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let (first, second) = (Built::new("a:b:1", "first"), Built::new("a:b:1", "second"));
    for removed in ["a/b/1/b-1.jar", "a/b/1", "a/b"] {
        jars.mvn_deploy(&first).await.expect("the same bytes come back");
        alice.send(Ask::delete(jars.at(removed))).await.is(204);
        let put = Ask::put(jars.at("a/b/1/b-1.jar")).body("second");
        let refused = alice.send(put).await.is(409);
        assert!(String::from_utf8_lossy(&refused.body).contains("stays reserved"), "{refused}");
        assert_eq!(jars.mvn_deploy(&second).await.expect_err("is reserved").status, 409);
    }
    jars.mvn_deploy(&first).await.expect("the same bytes come back");
    assert_eq!(jars.mvn_resolve(&first).await.expect("resolved")[0], first.files[0].1);
    for text in ["first", "second"] {
        jars.mvn_deploy(&Built::new("a:b:2-SNAPSHOT", text)).await.expect("a deploy");
        alice.send(Ask::delete(jars.at("a/b/2-SNAPSHOT"))).await.is(204);
    }
}
