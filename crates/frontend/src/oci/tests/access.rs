use super::*;

const NAME: &str = "p/alpha/images/web";

#[tokio::test]
async fn the_version_check_lets_in_who_has_shown_who_they_are() {
    let hub = Hub::new().await;
    for target in ["/v2", "/v2/"] {
        let refused = hub.anonymous().get(target).await;
        refused.refused(401, "UNAUTHORIZED").has("docker-distribution-api-version", "registry/2.0");
        refused
            .has("www-authenticate", "Bearer realm=\"https://hub.example/v2/token\",service=\"hub.example\"");
        let answer = hub.person("pat").get(target).await;
        answer.is(200).has("docker-distribution-api-version", "registry/2.0").lacks("www-authenticate");
    }
}

#[tokio::test]
async fn absent_and_unreadable_answer_byte_for_byte_the_same() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = alice.push_image("p/alpha/other/web", "latest", "layer").await;
    let upload = alice.send("POST", "/v2/p/alpha/other/web/blobs/uploads/", &[], "").await;
    let upload = upload.header("docker-upload-uuid").to_owned();
    let blob = sha256(b"layer");
    let requests = [
        ("GET", "manifests/latest".to_owned()),
        ("HEAD", "manifests/latest".to_owned()),
        ("GET", format!("manifests/{digest}")),
        ("GET", "manifests/sha256:bad".to_owned()),
        ("PUT", "manifests/latest".to_owned()),
        ("DELETE", "manifests/latest".to_owned()),
        ("PATCH", "manifests/latest".to_owned()),
        ("GET", format!("blobs/{blob}")),
        ("HEAD", format!("blobs/{blob}")),
        ("DELETE", format!("blobs/{blob}")),
        ("POST", "blobs/uploads/".to_owned()),
        ("POST", format!("blobs/uploads/?digest={blob}")),
        ("POST", format!("blobs/uploads/?mount={blob}")),
        ("GET", format!("blobs/uploads/{upload}")),
        ("PATCH", format!("blobs/uploads/{upload}")),
        ("PUT", format!("blobs/uploads/{upload}?digest={blob}")),
        ("DELETE", format!("blobs/uploads/{upload}")),
        ("GET", "tags/list".to_owned()),
        ("GET", "tags/list?n=-1".to_owned()),
        ("GET", format!("referrers/{blob}")),
    ];
    for (method, rest) in requests {
        for (client, status) in [(hub.anonymous(), 401), (hub.person("bob"), 403)] {
            let of = |repository: &str| format!("/v2/p/alpha/{repository}/web/{rest}");
            let hidden = client.send(method, &of("other"), &[], "").await;
            let absent = client.send(method, &of("ether"), &[], "").await;
            assert_eq!(hidden.status, status, "{method} {rest}");
            // What the client sent itself comes back in the scope.
            let scope = |answer: &Answer, name: &str| {
                answer
                    .headers
                    .get("www-authenticate")
                    .map(|value| value.to_str().unwrap().replace(name, "NAME"))
            };
            assert_eq!(scope(&hidden, "other"), scope(&absent, "ether"), "{method} {rest}");
            assert_eq!((hidden.status, &hidden.body), (absent.status, &absent.body), "{method} {rest}");
        }
    }
}

#[tokio::test]
async fn a_publisher_without_read_pushes_and_fetches_nothing() {
    let hub = Hub::new().await;
    let pat = hub.person("pat");
    let digest = pat.push_image(NAME, "latest", "layer").await;
    pat.head(&format!("/v2/{NAME}/manifests/latest")).await.is(200);
    pat.head(&format!("/v2/{NAME}/blobs/{}", sha256(b"layer"))).await.is(200);
    for rest in [format!("manifests/{digest}"), format!("blobs/{}", sha256(b"layer")), "tags/list".to_owned()]
    {
        pat.get(&format!("/v2/{NAME}/{rest}")).await.refused(403, "DENIED");
    }
    pat.delete(&format!("/v2/{NAME}/manifests/latest")).await.refused(403, "DENIED");
}

#[tokio::test]
async fn a_reader_changes_nothing() {
    let hub = Hub::new().await;
    let digest = hub.person("alice").push_image(NAME, "latest", "layer").await;
    let bob = hub.person("bob");
    let layer = sha256(b"layer");
    bob.get(&format!("/v2/{NAME}/manifests/latest")).await.is(200);
    for (method, rest) in [
        ("PUT", "manifests/new".to_owned()),
        ("DELETE", "manifests/latest".to_owned()),
        ("DELETE", format!("manifests/{digest}")),
        ("DELETE", format!("blobs/{layer}")),
        ("POST", "blobs/uploads/".to_owned()),
        ("POST", format!("blobs/uploads/?mount={layer}")),
    ] {
        bob.send(method, &format!("/v2/{NAME}/{rest}"), &[], "x").await.refused(403, "DENIED");
    }
    bob.get(&format!("/v2/{NAME}/manifests/latest")).await.is(200).has("docker-content-digest", &digest);
}

#[tokio::test]
async fn public_images_are_read_without_a_word() {
    let hub = Hub::new().await;
    let digest = hub.person("alice").push_image("alpha/public/web", "latest", "layer").await;
    let anonymous = hub.anonymous();
    anonymous
        .get("/v2/alpha/public/web/manifests/latest")
        .await
        .is(200)
        .has("docker-content-digest", &digest);
    anonymous.get("/v2/alpha/public/web/tags/list").await.is(200);
    anonymous.get("/v2/alpha/public/web/manifests/none").await.refused(404, "MANIFEST_UNKNOWN");
    let push = anonymous.send("POST", "/v2/alpha/public/web/blobs/uploads/", &[], "").await;
    push.refused(401, "UNAUTHORIZED");
    assert!(push.header("www-authenticate").contains("scope=\"repository:alpha/public/web:pull,push\""));
}

#[tokio::test]
async fn a_repository_of_another_format_holds_no_images() {
    let hub = Hub::new().await;
    hub.person("alice").get("/v2/alpha/jars/web/manifests/latest").await.refused(404, "NAME_UNKNOWN");
    hub.person("bob").get("/v2/alpha/jars/web/manifests/latest").await.refused(403, "DENIED");
}

#[tokio::test]
async fn every_example_does_what_it_says_for_who_may() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let mut names = Vec::new();
    for example in Oci::examples() {
        names.push(example.name);
        let target = example.path.replace("{repository}", "alpha/images");
        let method = example.method.as_str();
        let body = Bytes::from_static(example.body);
        let absent = example.path.replace("{repository}", "alpha/ether");
        if example.path.contains("{repository}") {
            bob.send(method, &absent, example.headers, body.clone()).await.is(403);
        }
        let answer = alice.send(method, &target, example.headers, body).await;
        let unknown = ["upload-status", "upload-append", "upload-finish", "upload-cancel"];
        let expected = if unknown.contains(&example.name) { 404..405 } else { 200..300 };
        assert!(expected.contains(&answer.status), "{} {} {:?}", example.name, answer.status, answer.body);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Oci::examples().len());
}
