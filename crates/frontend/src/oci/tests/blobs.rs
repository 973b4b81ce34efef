use super::*;

const NAME: &str = "p/alpha/images/web";

#[tokio::test]
async fn a_blob_is_found_and_fetched_with_every_header_clients_read() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_blob(NAME, b"hello").await;
    let target = format!("/v2/{NAME}/blobs/{digest}");
    for client in [alice.clone(), hub.person("bob")] {
        let head = client.head(&target).await;
        let get = client.get(&target).await;
        for answer in [&head, &get] {
            answer
                .is(200)
                .has("content-length", "5")
                .has("content-type", "application/octet-stream")
                .has("docker-content-digest", &digest)
                .has("accept-ranges", "bytes")
                .has("etag", &format!("\"{digest}\""))
                .lacks("content-encoding");
        }
        assert_eq!(get.body, "hello");
    }
    // The same repository under the other spelling and another image: links belong to the repository.
    alice.get(&format!("/v2/alpha/images/other/blobs/{digest}")).await.is(200);
    alice.get(&format!("/v2/alpha/other/web/blobs/{digest}")).await.refused(404, "BLOB_UNKNOWN");
    alice.head(&format!("/v2/{NAME}/blobs/{}", sha256(b"x"))).await.is(404);
}

#[tokio::test]
async fn ranges_are_measured_against_the_blob() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let bytes: Vec<u8> = (0..2500_u32).map(|n| (n % 251) as u8).collect();
    let digest = alice.push_blob(NAME, &bytes).await;
    let target = format!("/v2/{NAME}/blobs/{digest}");
    let cases = [
        ("bytes=500-1499", "bytes 500-1499/2500", 500..1500),
        ("bytes=500-", "bytes 500-2499/2500", 500..2500),
        ("bytes=-500", "bytes 2000-2499/2500", 2000..2500),
        ("bytes=2000-5000", "bytes 2000-2499/2500", 2000..2500),
        ("bytes=0-0", "bytes 0-0/2500", 0..1),
        ("bytes=-9999", "bytes 0-2499/2500", 0..2500),
        ("bytes=2499-18446744073709551615", "bytes 2499-2499/2500", 2499..2500),
    ];
    for (range, expected, part) in cases {
        let answer = alice.send("GET", &target, &[("range", range)], "").await;
        answer.is(206).has("content-range", expected).has("docker-content-digest", &digest);
        answer.has("content-length", &part.len().to_string());
        assert_eq!(answer.body, bytes[part], "{range}");
    }
    for range in ["bytes=500-0", "bytes=2500-", "bytes=9999-10000", "bytes=-0"] {
        let answer = alice.send("GET", &target, &[("range", range)], "").await;
        answer.refused(416, "RANGE_INVALID").has("content-range", "bytes */2500");
    }
    for range in ["bytes=0-1,4-5", "lines=0-1", "bytes=a-b", "bytes=", "bytes", ""] {
        let answer = alice.send("GET", &target, &[("range", range)], "").await;
        answer.is(200).lacks("content-range").has("content-length", "2500");
    }
    let stale = [("range", "bytes=0-1"), ("if-range", "\"sha256:other\"")];
    alice.send("GET", &target, &stale, "").await.is(200);
}

#[tokio::test]
async fn the_empty_blob_is_a_blob() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_blob(NAME, b"").await;
    let target = format!("/v2/{NAME}/blobs/{digest}");
    alice.head(&target).await.is(200).has("content-length", "0");
    let get = alice.get(&target).await;
    assert!(get.is(200).has("content-length", "0").body.is_empty());
    alice.send("GET", &target, &[("range", "bytes=0-")], "").await.refused(416, "RANGE_INVALID");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_blob(NAME, b"hello").await;
    let target = format!("/v2/{NAME}/blobs/{digest}");
    let known = format!("\"x\", W/\"{digest}\"");
    let answer = alice.send("GET", &target, &[("if-none-match", &known)], "").await;
    assert!(answer.is(304).has("etag", &format!("\"{digest}\"")).body.is_empty());
    let absent = format!("/v2/{NAME}/blobs/{}", sha256(b"x"));
    alice.send("GET", &absent, &[("if-none-match", "*")], "").await.refused(404, "BLOB_UNKNOWN");
}

#[tokio::test]
async fn a_deleted_blob_is_gone_at_once_and_from_this_repository_only() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_blob(NAME, b"hello").await;
    alice.push_blob("alpha/other/web", b"hello").await;
    let target = format!("/v2/{NAME}/blobs/{digest}");
    alice.delete(&target).await.is(202);
    alice.head(&target).await.is(404);
    alice.get(&target).await.refused(404, "BLOB_UNKNOWN");
    alice.delete(&target).await.refused(404, "BLOB_UNKNOWN");
    alice.get(&format!("/v2/alpha/other/web/blobs/{digest}")).await.is(200);
    alice.push_blob(NAME, b"hello").await;
    alice.get(&target).await.is(200);
}

#[tokio::test]
async fn sha512_names_the_same_bytes() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = sha512(b"hello");
    let post = format!("/v2/{NAME}/blobs/uploads/?digest={digest}");
    alice.send("POST", &post, &[], "hello").await.is(201).has("docker-content-digest", &digest);
    let get = alice.get(&format!("/v2/{NAME}/blobs/{digest}")).await;
    get.is(200).has("docker-content-digest", &digest);
    alice.head(&format!("/v2/{NAME}/blobs/{}", sha256(b"hello"))).await.is(200);
    alice.send("POST", &post, &[], "other").await.refused(400, "DIGEST_INVALID");
}
