//! The request sequences of real clients (docs/oci.md 5 and 6).

use super::*;

const NAME: &str = "p/alpha/images/web";
const LAYER: &[u8] = b"a layer of an image";

/// Config and layer as every sequence pushes them, with the manifest over both.
fn image() -> [(String, &'static [u8]); 2] {
    [(sha256(b"{}"), b"{}"), (sha256(LAYER), LAYER)]
}

fn image_manifest(kind: &str) -> String {
    let [config, layer] = image();
    manifest(&(config.0, config.1.len()), &[(layer.0, layer.1.len())]).replace(wire::OCI_MANIFEST, kind)
}

fn uploads() -> String {
    format!("/v2/{NAME}/blobs/uploads/")
}

fn blob(digest: &str) -> String {
    format!("/v2/{NAME}/blobs/{digest}")
}

fn tag(tag: &str) -> String {
    format!("/v2/{NAME}/manifests/{tag}")
}

#[tokio::test]
async fn docker_with_its_classic_store() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.get("/v2/").await.is(200).has("docker-distribution-api-version", "registry/2.0");
    for (digest, bytes) in image() {
        alice.head(&blob(&digest)).await.is(404);
        let started = alice.send("POST", &uploads(), &[("content-length", "0")], "").await;
        let location = started.is(202).has("range", "0-0").location(NAME);
        started.header("docker-upload-uuid");
        let patched = alice.send("PATCH", &location, &[("transfer-encoding", "chunked")], bytes).await;
        patched.is(202).has("range", &format!("0-{}", bytes.len() - 1));
        let location = patched.location(NAME);
        let put =
            alice.send("PUT", &format!("{location}?digest={}", digest.replace(':', "%3A")), &[], "").await;
        put.is(201).has("docker-content-digest", &digest);
        alice.head(&blob(&digest)).await.is(200).has("content-length", &bytes.len().to_string());
    }
    let body = image_manifest(wire::DOCKER_MANIFEST);
    let digest = sha256(body.as_bytes());
    let kind = [("content-type", wire::DOCKER_MANIFEST)];
    alice.send("PUT", &tag("1.0"), &kind, body.clone()).await.is(201).has("docker-content-digest", &digest);
    // Pull: Accept in several lines, then everything by digest.
    let accept =
        [("accept", wire::DOCKER_MANIFEST), ("accept", wire::DOCKER_LIST), ("accept", wire::OCI_INDEX)];
    let bob = hub.person("bob");
    let head = bob.send("HEAD", &tag("1.0"), &accept, "").await;
    head.is(200).has("content-type", wire::DOCKER_MANIFEST).has("docker-content-digest", &digest);
    head.has("content-length", &body.len().to_string());
    assert_eq!(bob.send("GET", &tag(&digest), &accept, "").await.is(200).body, body);
    for (digest, bytes) in image() {
        assert_eq!(bob.get(&blob(&digest)).await.is(200).body, bytes);
    }
    // A second push finds everything and changes nothing.
    for (digest, _) in image() {
        alice.head(&blob(&digest)).await.is(200);
    }
    alice.send("PUT", &tag("1.0"), &kind, body).await.is(201);
}

#[tokio::test]
async fn containerd_and_buildkit() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let accept = [("accept", "application/vnd.oci.image.manifest.v1+json, */*")];
    let body = image_manifest(wire::OCI_MANIFEST);
    alice.send("HEAD", &tag("1.0"), &accept, "").await.is(404);
    for (digest, bytes) in image() {
        alice.send("HEAD", &blob(&digest), &accept, "").await.is(404);
        let mount = format!("{}?mount={digest}&from=p/alpha/nothing/web", uploads());
        let location = alice.send("POST", &mount, &[], "").await.is(202).location(NAME);
        let put = format!("{location}?digest={}", digest.replace(':', "%3A"));
        let kind = [("content-type", "application/octet-stream")];
        alice.send("PUT", &put, &kind, bytes).await.is(201);
    }
    alice.send("PUT", &tag("1.0"), &[("content-type", wire::OCI_MANIFEST)], body.clone()).await.is(201);
    let bob = hub.person("bob");
    let digest =
        bob.send("HEAD", &tag("1.0"), &accept, "").await.is(200).header("docker-content-digest").to_owned();
    let zstd = [("accept-encoding", "zstd, gzip, deflate"), ("range", "bytes=7-")];
    assert_eq!(bob.send("GET", &tag(&digest), &zstd, "").await.is(200).lacks("content-encoding").body, body);
    let part = bob.send("GET", &blob(&sha256(LAYER)), &zstd, "").await;
    assert_eq!(part.is(206).lacks("content-encoding").body, LAYER[7..]);
}

#[tokio::test]
async fn podman_and_skopeo() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.push_blob("p/alpha/other/web", LAYER).await;
    // A blob elsewhere is mounted after a HEAD in the source; after a 202 the session is deleted.
    let layer = sha256(LAYER);
    alice.head(&format!("/v2/p/alpha/other/web/blobs/{layer}")).await.is(200);
    let absent = format!("{}?from=p%2Falpha%2Fother%2Fweb&mount={}", uploads(), sha256(b"x"));
    let session = alice.send("POST", &absent, &[], "").await.is(202).location(NAME);
    alice.delete(&session).await.is(204);
    let mount = format!("{}?from=p%2Falpha%2Fother%2Fweb&mount={layer}", uploads());
    alice.send("POST", &mount, &[], "").await.is(201).has("location", &blob(&layer));
    let config = sha256(b"{}");
    let location = alice.send("POST", &uploads(), &[], "").await.is(202).location(NAME);
    let location = alice
        .send("PATCH", &location, &[("content-type", "application/octet-stream")], "{}")
        .await
        .is(202)
        .location(NAME);
    alice.send("PUT", &format!("{location}?digest={config}"), &[], "").await.is(201);
    let body = image_manifest(wire::OCI_MANIFEST);
    alice.send("PUT", &tag("1.0"), &[("content-type", wire::OCI_MANIFEST)], body).await.is(201);
    // zstd:chunked asks for several ranges and takes the whole as an answer.
    let many = [("range", "bytes=0-1,5-6")];
    assert_eq!(alice.send("GET", &blob(&layer), &many, "").await.is(200).body, LAYER);
    let list = alice.get(&format!("/v2/{NAME}/tags/list")).await;
    assert_eq!(list.is(200).json()["tags"][0], "1.0");
    let digest = alice.head(&tag("1.0")).await.header("docker-content-digest").to_owned();
    alice.delete(&tag(&digest)).await.is(202);
}

#[tokio::test]
async fn crane_and_cosign() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (digest, bytes) in image() {
        alice.head(&blob(&digest)).await.is(404);
        let mount = format!("{}?from=alpha%2Fother%2Fweb&mount={digest}&origin=hub.example", uploads());
        let json = [("content-type", "application/json")];
        let location = alice.send("POST", &mount, &json, "").await.is(202).location(NAME);
        let location = alice.send("PATCH", &location, &[], bytes).await.is(202).location(NAME);
        alice.send("PUT", &format!("{location}?digest={digest}"), &[], "").await.is(201);
    }
    let body = image_manifest(wire::OCI_MANIFEST);
    let kind = [("content-type", wire::OCI_MANIFEST)];
    alice.send("PUT", &tag("1.0"), &kind, body.clone()).await.is(201);
    // cosign's tag for signatures is an ordinary one.
    let signature = format!("sha256-{}.sig", &sha256(body.as_bytes())[7..]);
    alice.get(&tag(&signature)).await.refused(404, "MANIFEST_UNKNOWN");
    alice.send("PUT", &tag(&signature), &kind, body).await.is(201);
    // go-containerregistry compares the type as text, and would fall back to tags on a 404.
    let none = alice.get(&format!("/v2/{NAME}/referrers/{}", sha256(b"x"))).await;
    none.is(200).has("content-type", wire::OCI_INDEX);
}

#[tokio::test]
async fn oras_and_helm() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (digest, bytes) in image() {
        alice.head(&blob(&digest)).await.is(404);
        let location = alice.send("POST", &uploads(), &[], "").await.is(202).location(NAME);
        let put = format!("{location}?digest={}", digest.replace(':', "%3A"));
        alice.send("PUT", &put, &[("content-type", "application/octet-stream")], bytes).await.is(201);
    }
    let body = image_manifest(wire::OCI_MANIFEST)
        .replace("application/vnd.oci.image.config.v1+json", "application/vnd.cncf.helm.config.v1+json");
    let digest = sha256(body.as_bytes());
    let kind = [("content-type", wire::OCI_MANIFEST)];
    // oras pushes by digest first and tags afterwards.
    alice.send("PUT", &tag(&digest), &kind, body.clone()).await.is(201);
    alice.send("PUT", &tag("0.1.0"), &kind, body.clone()).await.is(201);
    let accept = [("accept", &*format!("{}, {}, */*", wire::DOCKER_MANIFEST, wire::OCI_MANIFEST))];
    let head = alice.send("HEAD", &tag("0.1.0"), &accept, "").await;
    head.is(200).has("docker-content-digest", &digest).has("content-length", &body.len().to_string());
}

#[tokio::test]
async fn dotnet_publishes_a_container() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for (digest, bytes) in image() {
        // The first session is abandoned: the client asks twice.
        for _ in 0..2 {
            alice.head(&blob(&digest)).await.is(404);
        }
        let mount = format!("{}?mount={}&from=dotnet%2Fruntime", uploads(), digest.replace(':', "%3A"));
        alice.send("POST", &mount, &[], "").await.is(202);
        let location = alice.send("POST", &uploads(), &[], "").await.is(202).location(NAME);
        let length = bytes.len().to_string();
        let patched = alice.send("PATCH", &location, &[("content-length", &length)], bytes).await;
        let location = patched.is(202).location(NAME);
        alice
            .send("PUT", &format!("{location}?digest={}", digest.replace(':', "%3A")), &[], "")
            .await
            .is(201);
    }
    let body = image_manifest(wire::DOCKER_MANIFEST);
    alice.send("PUT", &tag("latest"), &[("content-type", wire::DOCKER_MANIFEST)], body).await.is(201);
}

#[tokio::test]
async fn regctl_resumes_where_the_registry_says() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let digest = sha256(LAYER);
    let location = alice.send("POST", &uploads(), &[], "").await.is(202).location(NAME);
    let first = alice.send("PATCH", &location, &[("content-range", "0-6")], &LAYER[..7]).await;
    first.is(202).has("range", "0-6");
    // The answer got lost; the client sends the chunk again and takes Location and Range out of the refusal.
    let again = alice.send("PATCH", &location, &[("content-range", "0-6")], &LAYER[..7]).await;
    let location = again.refused(416, "BLOB_UPLOAD_INVALID").location(NAME);
    let (_, last) = again.header("range").split_once('-').unwrap();
    let next = last.parse::<usize>().unwrap() + 1;
    let span = format!("{next}-{}", LAYER.len() - 1);
    let rest = alice.send("PATCH", &location, &[("content-range", &span)], &LAYER[next..]).await;
    let location = rest.is(202).location(NAME);
    alice.send("PUT", &format!("{location}?digest={digest}"), &[], "").await.is(201);
    alice.get(&blob(&digest)).await.is(200);
    // And the whole in one go, where that is possible.
    let single = format!("{}?digest={}", uploads(), sha256(b"{}"));
    alice.send("POST", &single, &[], "{}").await.is(201).has("location", &blob(&sha256(b"{}")));
    let body = image_manifest(wire::OCI_MANIFEST);
    alice.send("PUT", &tag("1.0"), &[("content-type", wire::OCI_MANIFEST)], body).await.is(201);
    alice.delete(&tag("1.0")).await.is(202);
}
