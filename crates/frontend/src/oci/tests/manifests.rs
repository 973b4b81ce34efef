use super::*;

const NAME: &str = "p/alpha/images/web";

fn at(reference: &str) -> String {
    format!("/v2/{NAME}/manifests/{reference}")
}

async fn put(client: &Client<'_>, target: &str, kind: &str, body: String) -> Answer {
    client.send("PUT", target, &[("content-type", kind)], body).await
}

/// An image whose blobs are there, not yet pushed.
async fn ready(client: &Client<'_>, name: &str, layer: &str) -> String {
    let config = client.push_blob(name, b"{}").await;
    let digest = client.push_blob(name, layer.as_bytes()).await;
    manifest(&(config, 2), &[(digest, layer.len())])
}

#[tokio::test]
async fn the_very_bytes_come_back_under_tag_and_digest() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let body = ready(&alice, NAME, "layer").await.replace("\"layers\"", " \n\"layers\" ");
    let digest = sha256(body.as_bytes());
    let pushed =
        put(&alice, &at("latest"), &format!("{}; charset=utf-8", wire::OCI_MANIFEST), body.clone()).await;
    assert_eq!(pushed.is(201).has("docker-content-digest", &digest).location(NAME), at(&digest));
    pushed.lacks("oci-subject").lacks("oci-tag");
    for target in [at("latest"), at(&digest), at(&digest.replace(':', "%3A"))] {
        let (head, get) = (alice.head(&target).await, alice.get(&target).await);
        for answer in [&head, &get] {
            answer
                .is(200)
                .has("content-type", wire::OCI_MANIFEST)
                .has("content-length", &body.len().to_string())
                .has("docker-content-digest", &digest)
                .has("etag", &format!("\"{digest}\""));
        }
        assert_eq!(get.body, body);
        let known = [("if-none-match", &*format!("\"{digest}\""))];
        for method in ["GET", "HEAD"] {
            let answer = alice.send(method, &target, &known, "").await;
            assert!(answer.is(304).has("docker-content-digest", &digest).body.is_empty());
        }
        alice.send("GET", &target, &[("accept", "text/html")], "").await.is(200);
    }
    alice.get(&at("other")).await.refused(404, "MANIFEST_UNKNOWN");
    alice.get(&at(&sha256(b"x"))).await.refused(404, "MANIFEST_UNKNOWN");
    alice.get(&format!("/v2/p/alpha/images/else/manifests/{digest}")).await.refused(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn the_digest_in_the_path_must_be_that_of_the_bytes() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let body = ready(&alice, NAME, "layer").await;
    put(&alice, &at(&sha256(b"x")), wire::OCI_MANIFEST, body.clone()).await.refused(400, "DIGEST_INVALID");
    put(&alice, &at("sha256:baddigeststring"), wire::OCI_MANIFEST, body.clone())
        .await
        .refused(400, "DIGEST_INVALID");
    alice.get(&at("sha256:baddigeststring")).await.refused(400, "DIGEST_INVALID");
    let digest = sha512(body.as_bytes());
    let pushed = put(&alice, &at(&digest), wire::OCI_MANIFEST, body.clone()).await;
    assert_eq!(pushed.is(201).has("docker-content-digest", &digest).location(NAME), at(&digest));
    let get = alice.get(&at(&digest)).await;
    assert_eq!(get.is(200).has("docker-content-digest", &digest).body, body);
}

#[tokio::test]
async fn tags_may_come_with_a_digest() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let body = ready(&alice, NAME, "layer").await;
    let digest = sha256(body.as_bytes());
    let tags: Vec<String> = (0..12).map(|n| format!("tag=t{n}")).collect();
    let pushed = put(&alice, &format!("{}?{}", at(&digest), tags.join("&")), wire::OCI_MANIFEST, body).await;
    assert_eq!(pushed.is(201).headers.get_all("oci-tag").iter().count(), 12);
    for tag in ["t0", "t11"] {
        alice.head(&at(tag)).await.is(200).has("docker-content-digest", &digest);
    }
}

#[tokio::test]
async fn what_a_manifest_names_must_be_there() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let config = (alice.push_blob(NAME, b"{}").await, 2);
    let missing = sha256(b"never pushed");
    let body = manifest(&config, &[(missing.clone(), 3)]);
    let answer = put(&alice, &at("latest"), wire::OCI_MANIFEST, body.clone()).await;
    assert_eq!(
        answer.refused(400, "MANIFEST_BLOB_UNKNOWN").json()["errors"][0]["detail"]["digests"][0],
        missing
    );
    alice.get(&at("latest")).await.refused(404, "MANIFEST_UNKNOWN");
    // A blob of another repository is as missing as any other.
    alice.push_blob("alpha/other/web", b"never pushed").await;
    put(&alice, &at("latest"), wire::OCI_MANIFEST, body.clone()).await.refused(400, "MANIFEST_BLOB_UNKNOWN");
    let foreign = body.replace("\"size\":3", "\"size\":3,\"urls\":[\"https://elsewhere.example/layer\"]");
    put(&alice, &at("latest"), wire::OCI_MANIFEST, foreign).await.is(201);
}

#[tokio::test]
async fn lengths_must_be_those_of_the_blobs() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let body = ready(&alice, NAME, "layer").await;
    for wrong in ["4", "6", "0"] {
        let body = body.replace("\"size\":5", &format!("\"size\":{wrong}"));
        put(&alice, &at("latest"), wire::OCI_MANIFEST, body).await.refused(400, "SIZE_INVALID");
    }
    put(&alice, &at("latest"), wire::OCI_MANIFEST, body).await.is(201);
}

#[tokio::test]
async fn an_index_may_be_sparse_where_the_repository_says_so() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let missing = sha256(b"never pushed");
    put(&alice, &at("sparse"), wire::OCI_INDEX, index(&[&missing])).await.is(201);
    let strict = |reference: &str| format!("/v2/alpha/strict/web/manifests/{reference}");
    let answer = put(&alice, &strict("multi"), wire::OCI_INDEX, index(&[&missing])).await;
    assert_eq!(
        answer.refused(400, "MANIFEST_BLOB_UNKNOWN").json()["errors"][0]["detail"]["digests"][0],
        missing
    );
    let member = alice.push_image("alpha/strict/web", "amd64", "layer").await;
    put(&alice, &strict("multi"), wire::OCI_INDEX, index(&[&member])).await.is(201);
    let nested = sha256(index(&[&member]).as_bytes());
    put(&alice, &strict("nested"), wire::OCI_INDEX, index(&[&nested, &member])).await.is(201);
    put(&alice, &strict("empty"), wire::OCI_INDEX, index(&[])).await.is(201);
    let blob = alice.push_blob("alpha/strict/web", b"no manifest").await;
    put(&alice, &strict("blob"), wire::OCI_INDEX, index(&[&blob]))
        .await
        .refused(400, "MANIFEST_BLOB_UNKNOWN");
}

#[tokio::test]
async fn a_subject_may_be_missing() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let subject = format!(
        r#""subject":{{"mediaType":"{}","digest":"{}","size":5}},"config""#,
        wire::OCI_MANIFEST,
        sha256(b"nobody")
    );
    let body = ready(&alice, NAME, "signature").await.replace("\"config\"", &subject);
    let answer = put(&alice, &at(&sha256(body.as_bytes())), wire::OCI_MANIFEST, body).await;
    answer.is(201).has("oci-subject", &sha256(b"nobody"));
    alice.get(&format!("/v2/{NAME}/referrers/{}", sha256(b"nobody"))).await.is(200);
}

/// What lists of referrers and the collection of garbage will look for.
#[tokio::test]
async fn what_a_manifest_points_at_is_kept_beside_it() {
    use domain::{Limit, PackageName, RepositoryPath};
    use storage::EdgeKind;
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let subject = sha256(b"nobody");
    let about = format!(r#""subject":{{"mediaType":"a/b","digest":"{subject}","size":5}},"config""#);
    let body = ready(&alice, NAME, "layer").await.replace("\"config\"", &about);
    let image = sha256(body.as_bytes());
    put(&alice, &at("signed"), wire::OCI_MANIFEST, body).await.is(201);
    put(&alice, &at("multi"), wire::OCI_INDEX, index(&[&image])).await.is(201);
    let multi = sha256(index(&[&image]).as_bytes());
    let path = RepositoryPath::parse("alpha/images").unwrap();
    let may: Granted<Read> = alice.gate().check(&path).unwrap();
    let web = PackageName::exact("web").unwrap();
    let cases = [
        (EdgeKind::Subject, subject, vec![image.clone()]),
        (EdgeKind::Blob, sha256(b"layer"), vec![image.clone()]),
        (EdgeKind::Blob, sha256(b"{}"), vec![image.clone()]),
        (EdgeKind::Member, image.clone(), vec![multi]),
        (EdgeKind::Subject, image, vec![]),
    ];
    for (kind, target, expected) in cases {
        let found =
            hub.storage.pointing_to(&may, (kind, &target), &web, None, Limit::capped(10)).await.unwrap();
        let names: Vec<&str> = found.iter().map(|entry| entry.key.name.display()).collect();
        assert_eq!(names, expected, "{kind:?} {target}");
        let kept = r#"{"artifactType":"application/vnd.oci.image.config.v1+json","annotations":{}}"#;
        assert!(found.iter().all(|entry| kind == EdgeKind::Member || &*entry.attributes == kept));
    }
}

#[tokio::test]
async fn replacing_a_tag_needs_the_right_and_a_rule_that_lets_it() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let first = carol.push_image(NAME, "latest", "one").await;
    // The same bytes again are no replacement.
    assert_eq!(carol.push_image(NAME, "latest", "one").await, first);
    let body = ready(&carol, NAME, "two").await;
    put(&carol, &at("latest"), wire::OCI_MANIFEST, body.clone()).await.refused(403, "DENIED");
    carol.head(&at("latest")).await.is(200).has("docker-content-digest", &first);
    put(&carol, &at("new"), wire::OCI_MANIFEST, body.clone()).await.is(201);
    put(&alice, &at("latest"), wire::OCI_MANIFEST, body.clone()).await.is(201);
    carol.head(&at("latest")).await.is(200).has("docker-content-digest", &sha256(body.as_bytes()));
    carol.get(&at(&first)).await.is(200);
    // An immutable tag stays as it is, whoever comes.
    let fixed = |tag: &str| format!("/v2/alpha/fixed/web/manifests/{tag}");
    let first = alice.push_image("alpha/fixed/web", "v1", "one").await;
    assert_eq!(alice.push_image("alpha/fixed/web", "v1", "one").await, first);
    let body = ready(&alice, "alpha/fixed/web", "two").await;
    for client in [&alice, &carol] {
        put(client, &fixed("v1"), wire::OCI_MANIFEST, body.clone()).await.refused(409, "DENIED");
    }
    alice.push_image("alpha/fixed/web", "latest", "one").await;
    put(&alice, &fixed("latest"), wire::OCI_MANIFEST, body).await.is(201);
    alice.head(&fixed("v1")).await.has("docker-content-digest", &first);
}

#[tokio::test]
async fn the_same_bytes_are_one_kind_of_manifest() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let body = index(&[]).replace(&format!("\"mediaType\":\"{}\",", wire::OCI_INDEX), "");
    put(&alice, &at("index"), wire::OCI_INDEX, body.clone()).await.is(201);
    put(&alice, &at("list"), wire::DOCKER_LIST, body.clone()).await.refused(409, "DENIED");
    alice.get(&at("list")).await.refused(404, "MANIFEST_UNKNOWN");
    alice.get(&at(&sha256(body.as_bytes()))).await.is(200).has("content-type", wire::OCI_INDEX);
}

#[tokio::test]
async fn a_tag_goes_alone_and_a_manifest_takes_its_tags_along() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_image(NAME, "one", "layer").await;
    for tag in ["two", "three"] {
        assert_eq!(alice.push_image(NAME, tag, "layer").await, digest);
    }
    let other = alice.push_image(NAME, "other", "another layer").await;
    alice.delete(&at("one")).await.is(202);
    alice.head(&at("one")).await.is(404);
    alice.delete(&at("one")).await.refused(404, "MANIFEST_UNKNOWN");
    alice.head(&at("two")).await.is(200);
    alice.head(&at(&digest)).await.is(200);
    alice.delete(&at(&digest)).await.is(202);
    for gone in ["two", "three", &digest] {
        alice.head(&at(gone)).await.is(404);
    }
    alice.delete(&at(&digest)).await.refused(404, "MANIFEST_UNKNOWN");
    alice.head(&at("other")).await.is(200).has("docker-content-digest", &other);
    assert_eq!(alice.push_image(NAME, "two", "layer").await, digest, "what was deleted can come back");
    // The bytes of a manifest are no blob to be pulled from under it.
    alice.delete(&format!("/v2/{NAME}/blobs/{other}")).await.refused(405, "UNSUPPORTED");
}

#[tokio::test]
async fn four_mebibytes_are_taken_and_no_more() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let filled = |bytes: usize| {
        let start = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[],"annotations":{{"a":""#,
            wire::OCI_INDEX
        );
        format!("{start}{}\"}}}}", "A".repeat(bytes - start.len() - 3))
    };
    let body = filled(4 << 20);
    put(&alice, &at("large"), wire::OCI_INDEX, body.clone()).await.is(201);
    assert_eq!(alice.get(&at("large")).await.is(200).body, body);
    put(&alice, &at("larger"), wire::OCI_INDEX, filled((4 << 20) + 1)).await.refused(413, "SIZE_INVALID");
}
