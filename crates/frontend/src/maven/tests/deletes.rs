use super::*;

async fn deploy(client: &Client<'_>, paths: &[&str]) {
    for path in paths {
        client.put(&format!("{JARS}/{path}"), (*path).to_owned()).await.is(201);
    }
}

async fn status(client: &Client<'_>, path: &str) -> u16 {
    client.get(&format!("{JARS}/{path}")).await.status
}

const FILES: [&str; 5] = [
    "org/foo/bar/1/bar-1.jar",
    "org/foo/bar/1/bar-1-sources.jar",
    "org/foo/bar/2/bar-2.jar",
    "org/foo/bar/3-SNAPSHOT/bar-3-20260102.030405-1.jar",
    "org/foo/other/1/other-1.jar",
];

#[tokio::test]
async fn a_version_is_listed_until_its_last_file_goes() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    deploy(&alice, &FILES).await;
    let versions = async || texts(&alice.text("org/foo/bar/maven-metadata.xml").await, "version");
    alice.delete(&format!("{JARS}/{}", FILES[0])).await.is(204);
    assert_eq!(versions().await, ["1", "2", "3-SNAPSHOT"]);
    assert_eq!((status(&alice, FILES[0]).await, status(&alice, FILES[1]).await), (404, 200));
    assert_eq!(status(&alice, &format!("{}.sha1", FILES[0])).await, 404);
    alice.delete(&format!("{JARS}/{}", FILES[0])).await.explains(404, "no such file, version or artifact");
    alice.delete(&format!("{JARS}/{}", FILES[1])).await.is(204);
    assert_eq!(versions().await, ["2", "3-SNAPSHOT"]);
    alice.delete(&format!("{JARS}/{}", FILES[3])).await.is(204);
    assert_eq!(status(&alice, "org/foo/bar/3-SNAPSHOT/maven-metadata.xml").await, 404);
    alice.delete(&format!("{JARS}/{}", FILES[2])).await.is(204);
    assert_eq!(status(&alice, "org/foo/bar/maven-metadata.xml").await, 404);
    assert_eq!(status(&alice, FILES[4]).await, 200);
    deploy(&alice, &FILES[..1]).await;
    assert_eq!(versions().await, ["1"]);
}

#[tokio::test]
async fn a_version_and_an_artifact_go_as_wholes() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for slash in ["", "/"] {
        deploy(&alice, if slash.is_empty() { &FILES } else { &FILES[..4] }).await;
        alice.delete(&format!("{JARS}/org/foo/bar/1{slash}")).await.is(204);
        let listed = texts(&alice.text("org/foo/bar/maven-metadata.xml").await, "version");
        assert_eq!(listed, ["2", "3-SNAPSHOT"]);
        assert_eq!((status(&alice, FILES[1]).await, status(&alice, FILES[2]).await), (404, 200));
        alice.delete(&format!("{JARS}/org/foo/bar{slash}")).await.is(204);
        for path in &FILES[..4] {
            assert_eq!(status(&alice, path).await, 404, "{path}");
        }
        assert_eq!(status(&alice, "org/foo/bar/maven-metadata.xml").await, 404);
        assert_eq!(status(&alice, FILES[4]).await, 200);
        for gone in ["org/foo/bar", "org/foo/bar/1", "org/foo", "x"] {
            alice.delete(&format!("{JARS}/{gone}{slash}")).await.is(404);
        }
    }
}

#[tokio::test]
async fn a_directory_that_is_two_things_goes_as_both() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let both = ["org/foo/bar/foo-bar.jar", "org/foo/bar/1/bar-1.jar"];
    deploy(&alice, &both).await;
    assert_eq!(texts(&alice.text("org/foo/maven-metadata.xml").await, "version"), ["bar"]);
    alice.delete(&format!("{JARS}/org/foo/bar")).await.is(204);
    for path in both {
        assert_eq!(status(&alice, path).await, 404, "{path}");
    }
    for path in ["org/foo/maven-metadata.xml", "org/foo/bar/maven-metadata.xml"] {
        assert_eq!(status(&alice, path).await, 404, "{path}");
    }
    for one in both {
        deploy(&alice, &[one]).await;
        alice.delete(&format!("{JARS}/org/foo/bar")).await.is(204);
        assert_eq!(status(&alice, one).await, 404, "{one}");
    }
}

#[tokio::test]
async fn what_is_derived_is_not_deleted() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    deploy(&alice, &FILES).await;
    for path in [
        "org/foo/bar/maven-metadata.xml",
        "org/foo/bar/maven-metadata.xml.md5",
        "org/foo/bar/1/bar-1.jar.sha1",
    ] {
        alice.delete(&format!("{JARS}/{path}")).await.explains(405, "GET, HEAD, PUT");
        assert_eq!(status(&alice, path).await, 200);
    }
}
