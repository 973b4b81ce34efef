//! What BuildKit keeps of a build in a registry, request by request: an index whose members are layers, which is no index of
//! images, and the image manifest of the same that it writes since.

use serde_json::{Value, json};

use super::uploads::begin;
use crate::support::image::{OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::{Actor, Ask, Server, on_both_databases};

on_both_databases!(
    a_cache_is_exported_where_every_member_must_be_there,
    a_cache_without_one_of_its_layers_is_refused,
    a_layer_of_a_cache_stays,
);

/// Where `sparse_indexes = false`.
const NAME: &str = "p/team/dense/web";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CACHE_CONFIG: &str = "application/vnd.buildkit.cacheconfig.v0";
const LAYERS: [&[u8]; 2] = [b"the first layer of a build", b"the second layer of a build"];
const CONFIG: &[u8] =
    br#"{"layers":[{"blob":"","parent":-1}],"records":[{"digest":"","layers":[{"layer":0}]}]}"#;

fn at(reference: &str) -> String {
    format!("/v2/{NAME}/manifests/{reference}")
}

fn blob(digest: &str) -> String {
    format!("/v2/{NAME}/blobs/{digest}")
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    let annotations =
        json!({ "buildkit/createdat": "2026-01-01T00:00:00Z", "containerd.io/uncompressed": sha256(bytes) });
    json!({ "mediaType": media_type, "digest": sha256(bytes), "size": bytes.len(), "annotations": annotations })
}

/// `--cache-to type=registry`: once with `image-manifest=false`, once as it is by itself.
fn documents() -> [(&'static str, String); 2] {
    let layers = LAYERS.map(|layer| descriptor(LAYER, layer));
    let config = descriptor(CACHE_CONFIG, CONFIG);
    let members = [&layers[..], std::slice::from_ref(&config)].concat();
    [
        (OCI_INDEX, json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members })),
        (
            OCI_MANIFEST,
            json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers }),
        ),
    ]
    .map(|(media_type, document)| (media_type, document.to_string()))
}

/// Asks for each blob, and sends what is not there whole, in the order of the layers and the configuration last.
async fn send(who: &Actor, blobs: &[&[u8]]) {
    for bytes in blobs {
        let digest = sha256(bytes);
        let head = Ask::head(blob(&digest)).header("accept", &format!("{LAYER}, */*"));
        if who.send(head).await.status == 200 {
            continue;
        }
        let put = format!("{}?digest={}", begin(who, NAME).await, digest.replace(':', "%3A"));
        let whole = Ask::put(put).header("content-type", "application/octet-stream").body(bytes.to_vec());
        who.send(whole).await.is(201);
    }
}

fn put(media_type: &str, document: &str) -> Ask {
    Ask::put(at("cache")).header("content-type", media_type).body(document.to_owned())
}

/// `--cache-to` and, on another machine, `--cache-from`.
async fn a_cache_is_exported_where_every_member_must_be_there(hub: Server) {
    let alice = hub.actor("alice");
    for (media_type, document) in documents() {
        send(&alice, &[LAYERS[0], LAYERS[1], CONFIG]).await;
        let accept = format!("{media_type}, */*");
        // The tag may be there from the build before; it is replaced.
        let before = alice.send(Ask::head(at("cache")).header("accept", &accept)).await;
        assert!(before.status == 200 || before.status == 404, "{before}");
        alice.send(put(media_type, &document)).await.is(201);

        let tag = alice.send(Ask::head(at("cache")).header("accept", &accept)).await.is(200);
        assert_eq!(tag.must_have("content-type"), media_type);
        let digest = tag.must_have("docker-content-digest").to_owned();
        assert_eq!(alice.send(Ask::get(at(&digest))).await.is(200).body, document);
        for bytes in [CONFIG, LAYERS[0], LAYERS[1]] {
            assert_eq!(alice.send(Ask::get(blob(&sha256(bytes)))).await.is(200).body, bytes);
        }
    }
}

async fn a_cache_without_one_of_its_layers_is_refused(hub: Server) {
    let alice = hub.actor("alice");
    send(&alice, &[LAYERS[0], CONFIG]).await;
    for (media_type, document) in documents() {
        let refused = alice.send(put(media_type, &document)).await.is(400).json();
        assert_eq!(refused["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
        assert_eq!(refused["errors"][0]["detail"]["digests"], json!([sha256(LAYERS[1])]));
    }
    send(&alice, &LAYERS).await;
    for (media_type, document) in documents() {
        alice.send(put(media_type, &document)).await.is(201);
    }
}

/// Else the next build fails in the middle of its cache.
async fn a_layer_of_a_cache_stays(hub: Server) {
    let alice = hub.actor("alice");
    send(&alice, &[LAYERS[0], LAYERS[1], CONFIG]).await;
    for (media_type, document) in documents() {
        alice.send(put(media_type, &document)).await.is(201);
        for bytes in [LAYERS[0], CONFIG] {
            alice.send(Ask::delete(blob(&sha256(bytes)))).await.is(405);
        }
        alice.send(Ask::delete(at(&sha256(document.as_bytes())))).await.is(202);
    }
    alice.send(Ask::delete(blob(&sha256(LAYERS[0])))).await.is(202);
}
