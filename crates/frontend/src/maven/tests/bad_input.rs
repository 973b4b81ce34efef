use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn a_pom_must_be_one_and_be_that_of_its_path() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let target = format!("{JARS}/org/foo/bar/1.0/bar-1.0.pom");
    let laughs = "<!DOCTYPE p [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]>\
                  <project>&c;</project>";
    let outside =
        "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><project><groupId>&x;</groupId></project>";
    for (body, says) in [
        (pom("org.foo", "bar", "1.1"), "the POM says version 1.1, its path 1.0"),
        (pom("org.bar", "bar", "1.0"), "the POM says groupId org.bar, its path org.foo"),
        (pom("org.foo", "baz", "1.0"), "the POM says artifactId baz, its path bar"),
        ("<html/>".to_owned(), "not a Maven project"),
        (String::new(), "not well-formed"),
        ("<project>".to_owned(), "not well-formed"),
        ("PK\u{3}\u{4}".to_owned(), "not well-formed"),
        (laughs.to_owned(), "document type"),
        (outside.to_owned(), "document type"),
        ("<project>".repeat(50_000), "nested too deeply"),
    ] {
        alice.put(&target, body).await.explains(400, says);
        alice.head(&target).await.is(404);
    }
    alice.get(&format!("{JARS}/org/foo/bar/maven-metadata.xml")).await.is(404);
    alice.put(&target, pom("org.foo", "bar", "1.0")).await.is(201);
    let signature = format!("{JARS}/org/foo/bar/1.0/bar-1.0.pom.asc");
    alice.put(&signature, "-----BEGIN PGP SIGNATURE-----").await.is(201);
}

#[tokio::test]
async fn hostile_paths_store_nothing() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for path in [
        "../other/a/b/1/b-1.jar",
        "a/%2e%2e/b/1/b-1.jar",
        "a%2fb/c/1/c-1.jar",
        "a/b/1/b-1.jar%00.pom",
        "a/b/%252e%252e/b-1.jar",
        "a/b/1\\b-1.jar",
        "a/%2e/b/1/b-1.jar",
        "a/b/1./b-1..jar",
        "a/b/1/b-1.jar.",
        "a/b;v=2/1/b;v=2-1.jar",
        "a/b/1%0a/b-1%0a.jar",
        "%c0%ae%c0%ae/b/1/b-1.jar",
    ] {
        let target = format!("{JARS}/{path}");
        alice.put(&target, "bytes").await.is(400);
        let got = alice.get(&target).await.status;
        assert!(matches!(got, 400 | 404), "{path}: {got}");
    }
    let long = "b".repeat(600);
    alice.put(&format!("{JARS}/a/{long}/1/{long}-1.jar"), "bytes").await.explains(400, "");
}

#[tokio::test]
async fn files_are_taken_whole() {
    let hub = Hub::new().await;
    let (alice, jar) = (hub.person("alice"), format!("{JARS}/a/b/1/b-1.jar"));
    let part = [("content-range", "bytes 0-4/10")];
    alice.send("PUT", &jar, &part, "bytes").await.explains(400, "without Content-Range");
    alice.head(&jar).await.is(404);
}

#[tokio::test]
async fn the_case_of_coordinates_and_their_groups_are_kept_apart() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for path in ["a/b/1/b-1.jar", "A/b/1/b-1.jar", "a/B/1/B-1.jar", "x/a/b/1/b-1.jar"] {
        alice.put(&format!("{JARS}/{path}"), path).await.is(201);
    }
    assert_eq!(alice.text("A/b/1/b-1.jar").await, "A/b/1/b-1.jar");
    assert_eq!(texts(&alice.text("x/a/b/maven-metadata.xml").await, "groupId"), ["x.a"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever follows the name of a repository that may be used: an answer that a client can print.
    #[test]
    fn every_request_is_answered(
        method in "(GET|HEAD|POST|PUT|DELETE|OPTIONS|MKCOL)",
        rest in "(/(a|b|1|1-SNAPSHOT|b-1\\.jar|b-1\\.pom|b-1\\.jar\\.sha1|maven-metadata\\.xml|%2e|\\.x)){1,5}(\\.md5)?/?",
        value in "[0-9a-z=*/, :-]{1,16}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let hub = Hub::new().await;
            let names = ["range", "if-none-match", "if-modified-since", "x-checksum-sha1"];
            let headers = names.map(|name| (name, &*value));
            let answer = hub.person("alice").send(&method, &format!("{JARS}{rest}"), &headers, body).await;
            assert!((200..500).contains(&answer.status), "{method} {rest} {answer:?}");
            if answer.status >= 400 && method != "HEAD" {
                answer.explains(answer.status, "");
            }
        });
    }
}
