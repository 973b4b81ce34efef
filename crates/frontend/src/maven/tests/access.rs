use super::*;

const JAR: &str = "a/b/1/b-1.jar";

#[tokio::test]
async fn absent_and_unreadable_answer_byte_for_byte_the_same() {
    let hub = Hub::new().await;
    hub.person("alice").put(&format!("/maven/p/alpha/other/{JAR}"), "bytes").await.is(201);
    let requests = [
        ("GET", JAR),
        ("HEAD", JAR),
        ("PUT", JAR),
        ("DELETE", JAR),
        ("OPTIONS", JAR),
        ("MKCOL", "a/b/"),
        ("GET", "a/b/1/b-1.jar.sha1"),
        ("PUT", "a/b/1/b-1.jar.sha1"),
        ("GET", "a/b/maven-metadata.xml"),
        ("PUT", "a/b/maven-metadata.xml"),
        ("GET", "a/b/maven-metadata.xml.sha1"),
        ("GET", "a/b/none."),
        ("PUT", "a/b/none"),
        ("DELETE", "a/b/"),
        ("GET", ""),
    ];
    for (method, path) in requests {
        for (client, status) in [(hub.anonymous(), 401), (hub.person("bob"), 403)] {
            let of = |repository: &str| format!("/maven/p/alpha/{repository}/{path}");
            let hidden = client.send(method, &of("other"), &[], "x").await;
            assert_eq!(hidden.status, status, "{method} {path}");
            for absent in ["ether", "e..x"] {
                let absent = client.send(method, &of(absent), &[], "x").await;
                assert_eq!(hidden, absent, "{method} {path}");
            }
            if status == 401 {
                hidden.has("www-authenticate", "Basic realm=\"wharfinger\", charset=\"UTF-8\"");
            }
        }
    }
}

/// What a deploy needs, and nothing else: the check of what is there, and metadata with its hashes.
#[tokio::test]
async fn a_publisher_without_read_deploys_and_fetches_nothing() {
    let hub = Hub::new().await;
    let pat = hub.person("pat");
    let metadata = format!("{JARS}/a/b/maven-metadata.xml");
    pat.get(&metadata).await.is(404);
    pat.put(&format!("{JARS}/{JAR}"), "bytes").await.is(201);
    pat.put(&format!("{JARS}/{JAR}.sha1"), hex(Algorithm::Sha1, b"bytes")).await.is(201);
    pat.put(&metadata, "<metadata/>").await.is(201);
    pat.get(&metadata).await.is(200);
    pat.get(&format!("{metadata}.sha1")).await.is(200);
    pat.head(&format!("{JARS}/{JAR}")).await.is(200);
    for path in [JAR, "a/b/1/b-1.jar.sha1", "a/b/"] {
        pat.get(&format!("{JARS}/{path}")).await.explains(403, "you lack the permission `read`");
    }
    pat.delete(&format!("{JARS}/{JAR}")).await.explains(403, "you lack the permission `delete-package`");
}

#[tokio::test]
async fn a_reader_changes_nothing() {
    let hub = Hub::new().await;
    hub.person("alice").put(&format!("{JARS}/{JAR}"), "bytes").await.is(201);
    let bob = hub.person("bob");
    for (method, path) in [
        ("PUT", JAR),
        ("PUT", "a/b/2/b-2.jar"),
        ("PUT", "a/b/1/b-1.jar.md5"),
        ("PUT", "a/b/maven-metadata.xml"),
        ("DELETE", JAR),
        ("DELETE", "a/b"),
    ] {
        bob.send(method, &format!("{JARS}/{path}"), &[], "x").await.explains(403, "you lack the permission");
    }
    assert_eq!(bob.text(JAR).await, "bytes");
}

#[tokio::test]
async fn public_repositories_are_read_without_a_word() {
    let hub = Hub::new().await;
    let at = |path: &str| format!("/maven/p/alpha/public/{path}");
    hub.person("alice").put(&at(JAR), "bytes").await.is(201);
    let anonymous = hub.anonymous();
    for path in [JAR, "a/b/1/b-1.jar.sha1", "a/b/maven-metadata.xml"] {
        anonymous.get(&at(path)).await.is(200);
        anonymous.head(&at(path)).await.is(200);
    }
    anonymous.get(&at("a/b/1/b-1.pom")).await.explains(404, "no such file");
    anonymous.put(&at("a/b/2/b-2.jar"), "x").await.explains(401, "log in");
    anonymous.delete(&at(JAR)).await.explains(401, "log in");
}

#[tokio::test]
async fn a_repository_of_another_format_holds_no_artifacts() {
    let hub = Hub::new().await;
    let target = format!("/maven/p/alpha/images/{JAR}");
    hub.person("alice").get(&target).await.explains(404, "does not hold Maven artifacts");
    hub.person("bob").get(&target).await.explains(403, "no such repository");
}

#[tokio::test]
async fn every_example_does_what_it_says_for_who_may() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let mut names = Vec::new();
    for example in Maven::examples() {
        names.push(example.name);
        let (method, body) = (example.method.as_str(), Bytes::from_static(example.body));
        let at = |repository: &str| example.path.replace("{repository}", repository);
        bob.send(method, &at("alpha/ether"), example.headers, body.clone()).await.is(403);
        let answer = alice.send(method, &at("alpha/jars"), example.headers, body).await;
        let expected = match example.name {
            "version-delete" => 404,
            "directory-make" => 405,
            "file-put" | "archetype-put" | "metadata-put" | "metadata-hash-put" => 201,
            "hash-put" | "hash-put-early" | "hash-of-hash-put" | "prefixes-put" => 201,
            "file-delete" => 204,
            _ => 200,
        };
        answer.is(expected);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Maven::examples().len());
}
