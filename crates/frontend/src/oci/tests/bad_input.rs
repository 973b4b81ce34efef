use proptest::prelude::*;

use super::*;

const NAME: &str = "p/alpha/images/web";

#[tokio::test]
async fn manifests_that_could_mean_two_things_are_refused() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let config = (alice.push_blob(NAME, b"{}").await, 2);
    let image = manifest(&config, &[]);
    let cases = [
        (wire::OCI_INDEX, image.clone()),
        (wire::DOCKER_MANIFEST, image.clone()),
        (wire::OCI_MANIFEST, image.replace("\"config\"", "\"manifests\":[],\"config\"")),
        (wire::OCI_MANIFEST, image.replace("\"config\"", "\"Manifests\":[],\"config\"")),
        (wire::OCI_MANIFEST, image.replace("\"config\"", "\"mediaType\":\"x\",\"config\"")),
        (wire::OCI_MANIFEST, "{".to_owned()),
        (wire::OCI_MANIFEST, String::new()),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", image.clone()),
        ("text/html", image.replace(wire::OCI_MANIFEST, "text/html")),
    ];
    for (kind, body) in cases {
        let target = format!("/v2/{NAME}/manifests/latest");
        let answer = alice.send("PUT", &target, &[("content-type", kind)], body.clone()).await;
        answer.refused(400, "MANIFEST_INVALID");
        assert!(answer.body.len() < 512, "{body}");
    }
    alice.get(&format!("/v2/{NAME}/tags/list")).await.refused(404, "NAME_UNKNOWN");
}

#[tokio::test]
async fn two_parts_are_explained_to_everybody() {
    let hub = Hub::new().await;
    for client in [hub.anonymous(), hub.person("alice"), hub.person("bob")] {
        let answer = client.send("POST", "/v2/alpha/web/blobs/uploads/", &[], "").await;
        let message = answer.refused(404, "NAME_UNKNOWN").json()["errors"][0]["message"].clone();
        assert_eq!(message, "image names here are PROJECT/REPOSITORY/IMAGE");
    }
}

#[tokio::test]
async fn extensions_that_are_not_here_say_so() {
    let hub = Hub::new().await;
    for target in ["/v2/_catalog/", "/v2/_oci/x", "/v2/_docker/a/b/tags/list", "/v2/search"] {
        hub.person("alice").get(target).await.refused(404, "UNSUPPORTED");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever follows the name of a repository that may be used: an answer, in the words of the specification.
    #[test]
    fn every_request_is_answered(
        method in "(GET|HEAD|POST|PUT|PATCH|DELETE)",
        rest in "(/(x|manifests|blobs|uploads|tags|list|referrers|sha256:[0-9a-f]{64}|[0-9a-f]{32}|%2e|Z)){1,5}/?",
        query in "((digest|mount|from|n|last|tag)=[a-z0-9:%/-]{0,12}&){0,3}",
        value in "[0-9a-z=*/, -]{1,16}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let hub = Hub::new().await;
            let target = format!("/v2/alpha/images{rest}?{query}");
            let headers = [("range", &*value), ("content-range", &*value), ("if-none-match", &*value)];
            let answer = hub.person("alice").send(&method, &target, &headers, body).await;
            let length = answer.headers.get("content-length");
            assert!((200..500).contains(&answer.status), "{method} {target} {answer:?}");
            if answer.status >= 400 {
                assert!(length.is_some());
                assert!(method == "HEAD" || answer.json()["errors"][0]["code"].is_string());
            }
        });
    }
}
