use super::*;

const NAME: &str = "p/alpha/images/web";

async fn begin(client: &Client<'_>) -> String {
    let answer = client.send("POST", &format!("/v2/{NAME}/blobs/uploads/"), &[], "").await;
    answer.is(202).has("range", "0-0");
    let location = answer.location(NAME);
    assert!(location.ends_with(answer.header("docker-upload-uuid")), "{location}");
    location
}

async fn status(client: &Client<'_>, location: &str) -> String {
    let answer = client.get(location).await;
    assert_eq!(answer.is(204).location(NAME), location);
    answer.header("range").to_owned()
}

#[tokio::test]
async fn a_streamed_patch_appends_wherever_it_is() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let location = begin(&alice).await;
    assert_eq!(status(&alice, &location).await, "0-0");
    let first = alice.send("PATCH", &location, &[], "hello ").await;
    assert_eq!(first.is(202).has("range", "0-5").location(NAME), location);
    alice.send("PATCH", &location, &[], "world").await.is(202).has("range", "0-10");
    assert_eq!(status(&alice, &location).await, "0-10");
    let digest = sha256(b"hello world");
    let done = alice.send("PUT", &format!("{location}?digest={digest}"), &[], "").await;
    assert_eq!(
        done.is(201).has("docker-content-digest", &digest).location(NAME),
        format!("/v2/{NAME}/blobs/{digest}")
    );
    alice.head(&done.location(NAME)).await.is(200).has("content-length", "11");
    alice.get(&location).await.refused(404, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn chunks_come_in_order_and_a_wrong_one_costs_nothing() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let location = begin(&alice).await;
    let chunk = |at: &'static str, bytes: &'static str| {
        let (alice, location) = (&alice, &location);
        async move { alice.send("PATCH", location, &[("content-range", at)], bytes).await }
    };
    let early = chunk("5-9", "world").await;
    early.refused(416, "BLOB_UPLOAD_INVALID").has("range", "0-0").has("location", &location);
    chunk("0-4", "hello").await.is(202).has("range", "0-4");
    let again = chunk("0-4", "hello").await;
    again.refused(416, "BLOB_UPLOAD_INVALID").has("range", "0-4").has("location", &location);
    chunk("6-9", "orld").await.refused(416, "BLOB_UPLOAD_INVALID");
    assert_eq!(status(&alice, &location).await, "0-4");
    chunk("5-10", "world").await.refused(400, "BLOB_UPLOAD_INVALID");
    chunk("9-5", "world").await.refused(400, "BLOB_UPLOAD_INVALID");
    assert_eq!(status(&alice, &location).await, "0-4");
    chunk("5-9", "world").await.is(202).has("range", "0-9");
    let put = format!("{location}?digest={}", sha256(b"helloworld!"));
    let late = alice.send("PUT", &put, &[("content-range", "9-9")], "!").await;
    late.refused(416, "BLOB_UPLOAD_INVALID").has("range", "0-9");
    alice.send("PUT", &put, &[("content-range", "10-10")], "!").await.is(201);
}

#[tokio::test]
async fn bytes_that_are_not_what_they_are_called_are_not_kept() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let location = begin(&alice).await;
    alice.send("PATCH", &location, &[], "hello").await.is(202);
    let wrong = sha256(b"other");
    alice.send("PUT", &format!("{location}?digest={wrong}"), &[], "").await.refused(400, "DIGEST_INVALID");
    for digest in [wrong, sha256(b"hello")] {
        alice.head(&format!("/v2/{NAME}/blobs/{digest}")).await.is(404);
    }
    let single = format!("/v2/{NAME}/blobs/uploads/?digest={}", sha256(b"a"));
    alice.send("POST", &single, &[], "b").await.refused(400, "DIGEST_INVALID");
    alice.send("POST", &single, &[], "").await.refused(400, "DIGEST_INVALID");
    alice.send("PUT", &location, &[], "").await.refused(400, "DIGEST_INVALID");
}

#[tokio::test]
async fn sha512_may_be_named_at_the_end() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let post = format!("/v2/{NAME}/blobs/uploads/?digest-algorithm=sha512");
    let location = alice.send("POST", &post, &[], "").await.is(202).location(NAME);
    alice.send("PATCH", &location, &[("content-range", "0-4")], "hello").await.is(202);
    let digest = sha512(b"hello");
    alice.send("PUT", &format!("{location}?digest={digest}"), &[], "").await.is(201);
    alice.get(&format!("/v2/{NAME}/blobs/{digest}")).await.is(200).has("content-length", "5");
}

#[tokio::test]
async fn a_cancelled_upload_is_unknown() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let location = begin(&alice).await;
    alice.send("PATCH", &location, &[], "hello").await.is(202);
    alice.delete(&location).await.is(204);
    for method in ["GET", "PATCH", "DELETE"] {
        alice.send(method, &location, &[], "x").await.refused(404, "BLOB_UPLOAD_UNKNOWN");
    }
    let put = format!("{location}?digest={}", sha256(b"hello"));
    alice.send("PUT", &put, &[], "").await.refused(404, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn an_upload_belongs_to_its_repository_and_its_maker() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let location = begin(&alice).await;
    alice.send("PATCH", &location, &[], "secret").await.is(202);
    let elsewhere = location.replace("alpha/images", "alpha/other");
    let put = |at: &str| format!("{at}?digest={}", sha256(b"secret"));
    for (client, at) in [(&hub.person("carol"), &location), (&alice, &elsewhere)] {
        client.get(at).await.refused(404, "BLOB_UPLOAD_UNKNOWN");
        client.send("PATCH", at, &[], "x").await.refused(404, "BLOB_UPLOAD_UNKNOWN");
        client.send("PUT", &put(at), &[], "").await.refused(404, "BLOB_UPLOAD_UNKNOWN");
        client.delete(at).await.refused(404, "BLOB_UPLOAD_UNKNOWN");
    }
    assert_eq!(status(&alice, &location).await, "0-5");
    alice.send("PUT", &put(&location), &[], "").await.is(201);
}

#[tokio::test]
async fn a_mount_needs_a_readable_source_and_never_fails_for_want_of_one() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_blob("alpha/other/web", b"layer").await;
    let public = alice.push_blob("alpha/public/web", b"public layer").await;
    let mount = |digest: &str, rest: &str| format!("/v2/{NAME}/blobs/uploads/?mount={digest}{rest}");
    // Carol may not read other: everything looks like an ordinary upload.
    let carol = hub.person("carol");
    let sources =
        ["", "&from=p/alpha/other/web", "&from=alpha/nothing/web", "&from=library/ubuntu", "&from=.."];
    for rest in sources {
        let answer = carol.send("POST", &mount(&digest, rest), &[], "").await;
        answer.is(202).has("range", "0-0").lacks("docker-content-digest");
        assert!(answer.location(NAME).contains("/blobs/uploads/"));
        carol.delete(&answer.location(NAME)).await.is(204);
    }
    carol.head(&format!("/v2/{NAME}/blobs/{digest}")).await.is(404);
    carol.send("POST", &mount("sha256:x", ""), &[], "").await.refused(400, "DIGEST_INVALID");
    carol.send("POST", &mount(&public, ""), &[], "").await.is(201);
    let named = alice.send("POST", &mount(&digest, "&from=p%2Falpha%2Fother%2Fweb"), &[], "").await;
    assert_eq!(
        named.is(201).has("docker-content-digest", &digest).location(NAME),
        format!("/v2/{NAME}/blobs/{digest}")
    );
    let get = carol.get(&format!("/v2/{NAME}/blobs/{digest}")).await;
    assert_eq!(get.is(200).body, "layer");
}

#[tokio::test]
async fn blobs_are_bounded() {
    let mut hub = Hub::new().await;
    hub.limits.blob_bytes_max = 8;
    let alice = hub.person("alice");
    let single = format!("/v2/{NAME}/blobs/uploads/?digest={}", sha256(b"123456789"));
    alice.send("POST", &single, &[], "123456789").await.refused(413, "SIZE_INVALID");
    let location = begin(&alice).await;
    alice.send("PATCH", &location, &[], "12345").await.is(202);
    alice.send("PATCH", &location, &[], "6789").await.refused(413, "SIZE_INVALID");
    assert_eq!(status(&alice, &location).await, "0-4");
    alice.send("PATCH", &location, &[], "678").await.is(202).has("range", "0-7");
    alice.send("PUT", &format!("{location}?digest={}", sha256(b"12345678")), &[], "").await.is(201);
}
