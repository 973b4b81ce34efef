//! The protocol over storage in memory: what clients send, one request after the other, and what they get.

use bytes::Bytes;
use domain::Permissions;

use super::*;
use crate::testing::hub::{self, Answer};

mod access;
mod bad_input;
mod blobs;
mod clients;
mod manifests;
mod tags;
mod uploads;

/// A registry with `alpha/images`, `alpha/other`, `alpha/public`, `alpha/fixed` (tags `v*` never change), `alpha/strict`
/// (no sparse indexes) and `alpha/jars` (Maven).
type Hub = hub::Hub<Oci>;
type Client<'a> = hub::Client<'a, Oci>;

/// As usual, with `alpha/images` in the middle.
fn held(who: &str, path: &str) -> Permissions {
    hub::usual("alpha/images", who, path)
}

impl Hub {
    async fn new() -> Self {
        let repositories = [
            ("images", "oci", "{}"),
            ("other", "oci", "{}"),
            ("public", "oci", "{}"),
            ("fixed", "oci", r#"{"immutable_tags":["v*"]}"#),
            ("strict", "oci", r#"{"sparse_indexes":false}"#),
            ("jars", "maven", "{}"),
        ];
        Self::of((Oci, MOUNT), held, &repositories).await
    }
}

impl Client<'_> {
    /// Pushes a blob in one request.
    async fn push_blob(&self, name: &str, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        let target = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        self.send("POST", &target, &[], bytes.to_vec()).await.is(201);
        digest
    }

    /// Pushes an image with one layer and gives back its digest.
    async fn push_image(&self, name: &str, reference: &str, layer: &str) -> String {
        let config = self.push_blob(name, b"{}").await;
        let layer_digest = self.push_blob(name, layer.as_bytes()).await;
        let manifest = manifest(&(config, 2), &[(layer_digest, layer.len())]);
        let target = format!("/v2/{name}/manifests/{reference}");
        let answer =
            self.send("PUT", &target, &[("content-type", wire::OCI_MANIFEST)], manifest.clone()).await;
        answer.is(201).header("docker-content-digest").to_owned()
    }
}

impl Answer {
    #[track_caller]
    fn refused(&self, status: u16, code: &str) -> &Self {
        self.is(status);
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["errors"][0]["code"], code, "{body}");
        self
    }

    /// `Location`, which must be path-absolute below the name as it was spelt.
    #[track_caller]
    fn location(&self, name: &str) -> String {
        let location = self.header("location");
        assert!(location.starts_with(&format!("/v2/{name}/")), "{location}");
        location.to_owned()
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex("sha256", &sha2::Sha256::digest(bytes))
}

fn sha512(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex("sha512", &sha2::Sha512::digest(bytes))
}

fn hex(algorithm: &str, hash: &[u8]) -> String {
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{algorithm}:{digits}")
}

/// An OCI image manifest over these (digest, size) pairs.
fn manifest(config: &(String, usize), layers: &[(String, usize)]) -> String {
    let descriptor = |kind: &str, (digest, size): &(String, usize)| {
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}}}"#)
    };
    let layers: Vec<String> = layers.iter().map(|layer| descriptor("layer.v1.tar+gzip", layer)).collect();
    let config = descriptor("config.v1+json", config);
    let kind = wire::OCI_MANIFEST;
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[{}]}}"#, layers.join(","))
}

/// An OCI index over these manifests.
fn index(members: &[&str]) -> String {
    let member =
        |digest: &&str| format!(r#"{{"mediaType":"{}","digest":"{digest}","size":3}}"#, wire::OCI_MANIFEST);
    let members: Vec<String> = members.iter().map(member).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#, wire::OCI_INDEX, members.join(","))
}
