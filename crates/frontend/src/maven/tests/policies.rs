use super::*;

const RELEASE: &str = "a/b/1/b-1.jar";
const BUILD: &str = "a/b/1-SNAPSHOT/b-1-20260102.030405-7.jar";
const LITERAL: &str = "a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar";

#[tokio::test]
async fn a_repository_takes_the_versions_it_is_for() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (repository, path, refused) in [
        ("releases", RELEASE, None),
        ("releases", BUILD, Some("takes releases only")),
        ("releases", LITERAL, Some("takes releases only")),
        ("snapshots", RELEASE, Some("takes snapshots only")),
        ("snapshots", BUILD, None),
        ("snapshots", LITERAL, None),
        ("jars", RELEASE, None),
        ("jars", BUILD, None),
        ("closed", RELEASE, Some("is read-only")),
        ("closed", LITERAL, Some("is read-only")),
    ] {
        let target = format!("/maven/p/alpha/{repository}/{path}");
        let answer = alice.put(&target, "bytes").await;
        match refused {
            None => answer.is(201),
            Some(says) => answer.explains(409, says),
        };
        alice.head(&target).await.is(if refused.is_some() { 404 } else { 200 });
        let metadata = format!("/maven/p/alpha/{repository}/a/b/maven-metadata.xml");
        alice.put(&metadata, "<metadata/>").await.is(201);
    }
}

#[tokio::test]
async fn where_releases_may_be_replaced_the_right_to_is_still_needed() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let target = format!("/maven/p/alpha/replace/{RELEASE}");
    alice.put(&target, "bytes").await.is(201);
    alice.put(&target, "other").await.is(200);
    alice.put(&target, "of other length").await.is(200);
    assert_eq!(alice.get(&target).await.body, "of other length");
    let build = format!("/maven/p/alpha/replace/{BUILD}");
    alice.put(&build, "bytes").await.is(201);
    alice.put(&build, "other").await.explains(409, "never replaces it");
    let carol = hub.person("carol");
    carol.put(&target, "of other length").await.is(200);
    for other in ["of other LENGTH", "longer than before"] {
        carol.put(&target, other).await.explains(403, "you lack the permission `overwrite`");
        alice.put(&target, other).await.is(200);
    }
}

/// `deploy:deploy-file` with a POM of another version than it is told.
#[tokio::test]
async fn a_pom_of_another_version_is_for_loose_repositories() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let path = "a/b/1-patched/b-1-patched.pom";
    let refused = alice.put(&format!("{JARS}/{path}"), pom("a", "b", "1")).await;
    refused.explains(400, "the POM says version 1, its path 1-patched");
    let loose = format!("/maven/p/alpha/loose/{path}");
    alice.put(&loose, pom("a", "b", "1")).await.is(201);
    assert_eq!(alice.get(&loose).await.is(200).body, pom("a", "b", "1"));
    alice.put("/maven/p/alpha/loose/a/b/2/b-2.pom", "<settings/>").await.explains(400, "not a Maven project");
    let listed = alice.get("/maven/p/alpha/loose/a/b/maven-metadata.xml").await;
    assert_eq!(texts(std::str::from_utf8(&listed.body).unwrap(), "version"), ["1-patched"]);
}

/// apache/maven#11856: what a list of prefixes leaves out is not there for Maven 4, so that it is no matter of who publishes.
#[tokio::test]
async fn prefixes_are_for_who_holds_the_settings() {
    let hub = Hub::new().await;
    let (alice, bob, carol) = (hub.person("alice"), hub.person("bob"), hub.person("carol"));
    let target = format!("{JARS}/.meta/prefixes.txt");
    let list = "## repository-prefixes/2.0\n/org/foo\n";
    carol.put(&target, list).await.explains(403, "you lack the permission `repository-settings`");
    bob.get(&target).await.is(404);
    alice.put(&target, list).await.is(201);
    alice.put(&target, "## repository-prefixes/2.0\n").await.is(200);
    carol.put(&target, list).await.is(403);
    let shown = bob.get(&target).await;
    assert_eq!(shown.is(200).has("content-type", "text/plain").body, "## repository-prefixes/2.0\n");
    alice.put(&format!("{JARS}/.meta/other.txt"), "x").await.is(400);
    alice.put("/maven/p/alpha/closed/.meta/prefixes.txt", list).await.is(409);
    carol.delete(&target).await.is(403);
    alice.delete(&target).await.is(204);
    alice.put(&target, list).await.is(201);
}

#[tokio::test]
async fn prefixes_stay_if_the_settings_are_withdrawn_meanwhile() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let target = format!("{JARS}/.meta/prefixes.txt");
    let settings = |times| hub.ration(Some((domain::Permission::RepositorySettings, times)));
    settings(1);
    alice.put(&target, "late").await.explains(403, "you lack the permission `repository-settings`");
    hub.ration(None);
    alice.get(&target).await.is(404);
    alice.put(&target, "list").await.is(201);
    settings(1);
    alice.delete(&target).await.explains(403, "you lack the permission `repository-settings`");
    assert_eq!(alice.text(".meta/prefixes.txt").await, "list");
}

#[tokio::test]
async fn paths_outside_the_layout_are_for_loose_repositories() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for path in ["readme.txt", "org.foo/bar/1/bar-1.jar", "a/b/1/c-1.jar", "site/index.html"] {
        alice.put(&format!("{JARS}/{path}"), "bytes").await.explains(400, "the path is not GROUP/ARTIFACT");
        alice.head(&format!("{JARS}/{path}")).await.is(404);
        let target = format!("/maven/p/alpha/loose/{path}");
        alice.put(&target, "bytes").await.is(201);
        alice.put(&target, "bytes").await.is(200);
        alice.put(&target, "other").await.explains(409, "never replaces it");
        assert_eq!(alice.get(&target).await.is(200).body, "bytes");
        let sha1 = alice.get(&format!("{target}.sha1")).await;
        assert_eq!(sha1.is(200).body, hex(Algorithm::Sha1, b"bytes"));
        alice.delete(&target).await.is(204);
        alice.head(&target).await.is(404);
    }
    alice.get("/maven/p/alpha/loose/a/b/maven-metadata.xml").await.is(404);
}
