use super::*;

#[tokio::test]
async fn a_release_is_deployed_as_maven_does_and_resolved() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let files = [("jar", "jar bytes".to_owned()), ("pom", pom("org.foo", "bar", "1.0"))];
    for (end, body) in &files {
        let target = format!("{JARS}/org/foo/bar/1.0/bar-1.0.{end}");
        alice.put(&target, body.clone()).await.is(201);
        alice.put(&format!("{target}.sha1"), hex(Algorithm::Sha1, body.as_bytes())).await.is(201);
        alice.put(&format!("{target}.md5"), hex(Algorithm::Md5, body.as_bytes())).await.is(201);
    }
    let metadata = format!("{JARS}/org/foo/bar/maven-metadata.xml");
    alice.put(&metadata, "<metadata><groupId>lies</groupId></metadata>").await.is(201);
    alice.put(&format!("{metadata}.sha1"), "0000").await.is(201);
    let bob = hub.person("bob");
    for (end, body) in &files {
        let path = format!("org/foo/bar/1.0/bar-1.0.{end}");
        assert_eq!(bob.text(&path).await, *body);
        for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            let hash = bob.text(&format!("{path}.{}", algorithm.as_str())).await;
            assert_eq!(hash, hex(algorithm, body.as_bytes()), "{path} {algorithm:?}");
        }
    }
    let document = bob.text("org/foo/bar/maven-metadata.xml").await;
    assert_eq!(texts(&document, "version"), ["1.0"]);
    assert_eq!(texts(&document, "groupId"), ["org.foo"]);
}

#[tokio::test]
async fn the_same_bytes_succeed_and_others_do_not() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let jar = format!("{JARS}/a/b/1/b-1.jar");
    alice.put(&jar, "bytes").await.is(201);
    alice.put(&jar, "bytes").await.is(200);
    alice.put(&jar, "other").await.explains(409, "never replaces it");
    alice.put(&jar, "longer bytes").await.explains(409, "never replaces it");
    assert_eq!(alice.text("a/b/1/b-1.jar").await, "bytes");
}

#[tokio::test]
async fn a_build_of_a_snapshot_never_changes_and_the_literal_name_does() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let build = format!("{JARS}/a/b/1-SNAPSHOT/b-1-20260102.030405-7.jar");
    let literal = format!("{JARS}/a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar");
    for target in [&build, &literal] {
        carol.put(target, "bytes").await.is(201);
        carol.put(target, "bytes").await.is(200);
    }
    alice.put(&build, "other").await.explains(409, "never replaces it");
    // It is meant to be: whoever may publish it may do so again.
    carol.put(&literal, "of other length").await.is(200);
    carol.put(&literal, "other").await.is(200);
    assert_eq!(alice.text("a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar").await, "other");
    assert_eq!(alice.text("a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar.md5").await, hex(Algorithm::Md5, b"other"));
    alice.put(&format!("{literal}.md5"), hex(Algorithm::Md5, b"bytes")).await.explains(400, "not");
}

#[tokio::test]
async fn uploaded_hashes_are_compared_and_not_kept() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let jar = format!("{JARS}/a/b/1/b-1.jar");
    alice.put(&jar, "bytes").await.is(201);
    let wrong = "00".repeat(20);
    let answer = alice.put(&format!("{jar}.sha1"), wrong.clone()).await;
    answer.explains(400, &format!("{}, not {wrong}", hex(Algorithm::Sha1, b"bytes")));
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha1, Algorithm::Md5] {
        let (end, right) = (algorithm.as_str(), hex(algorithm, b"bytes"));
        alice.put(&format!("{jar}.{end}"), format!("{} *b-1.jar\n", right.to_uppercase())).await.is(201);
        assert_eq!(alice.text(&format!("a/b/1/b-1.jar.{end}")).await, right);
        alice.put(&format!("{jar}.{end}"), "what?").await.explains(400, "holds no hash");
        alice.put(&format!("{jar}.{end}"), "").await.explains(400, "holds no hash");
    }
    alice.put(&format!("{jar}.sha1"), "0".repeat(5000)).await.explains(413, "at most 4096 bytes");
}

/// nicoulaj/checksum-maven-plugin#66, bazel-contrib/rules_jvm_external#1563: of files that are sent side by side, the hash may be
/// there first.
#[tokio::test]
async fn a_hash_may_come_before_its_file() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let jar = format!("{JARS}/a/b/1/b-1.jar");
    let right = |algorithm| hex(algorithm, b"bytes");
    alice.put(&format!("{jar}.sha512"), hex(Algorithm::Sha512, b"other")).await.is(201);
    alice.put(&format!("{jar}.md5"), right(Algorithm::Md5)).await.is(201);
    alice.get(&format!("{jar}.sha512")).await.is(404);
    alice.put(&jar, "bytes").await.explains(400, "does not have the hash that was sent before it");
    alice.get(&jar).await.is(404);
    alice.get(&format!("{JARS}/a/b/maven-metadata.xml")).await.is(404);
    // The newer one counts; what others say does not.
    alice.put(&format!("{jar}.sha512"), right(Algorithm::Sha512)).await.is(201);
    carol.put(&format!("{jar}.sha1"), hex(Algorithm::Sha1, b"other")).await.is(201);
    alice.put(&jar, "bytes").await.is(201);
    alice.put(&format!("{jar}.sha512"), hex(Algorithm::Sha512, b"other")).await.is(400);
    carol.put(&jar, "bytes").await.explains(400, "sent before it");
    // Where the file could not come, neither does its hash.
    let elsewhere = "/maven/p/alpha/releases/a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar.sha1";
    alice.put(elsewhere, right(Algorithm::Sha1)).await.explains(409, "takes releases only");
    alice.put("/maven/p/alpha/closed/a/b/1/b-1.jar.sha1", right(Algorithm::Sha1)).await.is(409);
    alice.put(&format!("{JARS}/readme.txt.sha1"), right(Algorithm::Sha1)).await.is(400);
}

/// Of a publication that was given up, nothing is left that the next would fail by.
#[tokio::test]
async fn a_hash_waits_half_an_hour_for_its_file() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let jar = |version: u32| format!("{JARS}/a/b/{version}/b-{version}.jar");
    for version in [1, 2] {
        alice.put(&format!("{}.sha512", jar(version)), hex(Algorithm::Sha512, b"other")).await.is(201);
    }
    hub.clock.advance_secs(30 * 60 - 1);
    alice.put(&jar(1), "bytes").await.explains(400, "does not have the hash that was sent before it");
    hub.clock.advance_secs(2);
    alice.put(&jar(2), "bytes").await.is(201);
    assert_eq!(alice.text("a/b/2/b-2.jar").await, "bytes");
}

/// MRESOLVER-265: the resolver hashes attached hashes like other files.
#[tokio::test]
async fn hashes_of_hashes_are_taken_and_served() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let jar = format!("{JARS}/a/b/1/b-1.jar");
    let sha512 = hex(Algorithm::Sha512, b"bytes");
    for algorithm in [Algorithm::Sha1, Algorithm::Md5] {
        let (end, right) = (algorithm.as_str(), hex(algorithm, sha512.as_bytes()));
        alice.put(&format!("{jar}.sha512.{end}"), right).await.is(201);
        alice.get(&format!("{jar}.sha512.{end}")).await.is(404);
    }
    alice.put(&jar, "bytes").await.is(201);
    alice.put(&format!("{jar}.sha512"), sha512.clone()).await.is(201);
    for algorithm in [Algorithm::Sha1, Algorithm::Md5] {
        let (end, right) = (algorithm.as_str(), hex(algorithm, sha512.as_bytes()));
        assert_eq!(alice.text(&format!("a/b/1/b-1.jar.sha512.{end}")).await, right);
        alice.put(&format!("{jar}.sha512.{end}"), "what?").await.is(400);
        let metadata = alice.text("a/b/maven-metadata.xml.sha512").await;
        let again = alice.text(&format!("a/b/maven-metadata.xml.sha512.{end}")).await;
        assert_eq!(again, hex(algorithm, metadata.as_bytes()));
    }
}

#[tokio::test]
async fn announced_hashes_are_compared_before_anything_is_kept() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let jar = format!("{JARS}/a/b/1/b-1.jar");
    for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let (name, wrong) = (format!("x-checksum-{}", algorithm.as_str()), hex(algorithm, b"other"));
        alice.send("PUT", &jar, &[(&*name, &*wrong)], "bytes").await.explains(400, &wrong);
        alice.head(&jar).await.is(404);
    }
    alice.get(&format!("{JARS}/a/b/maven-metadata.xml")).await.explains(404, "nothing to list");
    alice.send("PUT", &jar, &[("x-checksum-sha1", "12")], "bytes").await.explains(400, "X-Checksum-sha1");
    let sha1 = hex(Algorithm::Sha1, b"bytes");
    alice.send("PUT", &jar, &[("x-checksum-sha1", &sha1)], "bytes").await.is(201);
}

#[tokio::test]
async fn signatures_modules_and_archives_are_files_like_others() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (end, media_type) in [
        (".jar.asc", "text/plain"),
        (".module", "application/json"),
        ("-bin.tar.gz", "application/gzip"),
        ("-sources.jar", "application/java-archive"),
        (".pom.asc", "text/plain"),
        (".jar.sigstore.json", "application/json"),
        (".weird", "application/octet-stream"),
    ] {
        let target = format!("{JARS}/a/b/1/b-1{end}");
        alice.put(&target, "bytes").await.is(201);
        alice.get(&target).await.is(200).has("content-type", media_type);
        alice.get(&format!("{target}.sha1")).await.is(200).has("content-type", "text/plain");
    }
    alice.get(&format!("{JARS}/a/b/1/b-1.kt")).await.explains(404, "no such file");
}

#[tokio::test]
async fn what_is_larger_than_allowed_is_refused() {
    let mut hub = Hub::new().await;
    hub.limits.blob_bytes_max = 8;
    let alice = hub.person("alice");
    alice.put(&format!("{JARS}/a/b/1/b-1.jar"), "123456789").await.explains(413, "at most 8 bytes");
    alice.put(&format!("{JARS}/a/b/1/b-1.jar"), "12345678").await.is(201);
    hub.limits.blob_bytes_max = 1 << 30;
    let alice = hub.person("alice");
    let long = format!("<project>{}</project>", " ".repeat(5 << 20));
    alice.put(&format!("{JARS}/a/b/1/b-1.pom"), long).await.explains(413, "at most 4194304 bytes");
    alice.put(&format!("{JARS}/a/maven-metadata.xml"), "x".repeat(2 << 20)).await.explains(413, "at most");
}
