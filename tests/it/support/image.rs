//! Images small enough to read in a failed test.

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256, Sha512};

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// An image: a configuration, layers, and the manifest that holds them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) config: Bytes,
    pub(crate) layers: Vec<Bytes>,
    pub(crate) manifest: Bytes,
    pub(crate) media_type: &'static str,
}

/// An OCI image with one layer that holds `text`.
pub(crate) fn image(text: &str) -> Image {
    Image::of(OCI_MANIFEST, &[text.as_bytes()])
}

/// The same in Docker's own format, schema 2.
pub(crate) fn docker_image(text: &str) -> Image {
    Image::of(DOCKER_MANIFEST, &[text.as_bytes()])
}

impl Image {
    pub(crate) fn of(media_type: &'static str, layers: &[&[u8]]) -> Self {
        let diffs: Vec<String> = layers.iter().map(|layer| sha256(layer)).collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": { "type": "layers", "diff_ids": diffs },
        });
        Self::configured(media_type, &config, layers)
    }

    /// One whose configuration says this.
    pub(crate) fn configured(media_type: &'static str, config: &serde_json::Value, layers: &[&[u8]]) -> Self {
        let layers: Vec<Bytes> = layers.iter().map(|layer| Bytes::copy_from_slice(layer)).collect();
        let config = Bytes::from(config.to_string());
        let (of_config, of_layer) = if media_type == DOCKER_MANIFEST {
            (
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            )
        } else {
            ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip")
        };
        let described: Vec<_> = layers.iter().map(|layer| descriptor(of_layer, layer)).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": descriptor(of_config, &config),
            "layers": described,
        });
        let manifest = Bytes::from(serde_json::to_vec_pretty(&manifest).expect("JSON"));
        Self { config, layers, manifest, media_type }
    }

    pub(crate) fn digest(&self) -> String {
        sha256(&self.manifest)
    }

    /// Configuration and layers.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Bytes> {
        self.layers.iter().chain([&self.config])
    }
}

/// An index over manifests.
pub(crate) fn index(media_type: &str, members: &[&Image]) -> Bytes {
    let members: Vec<_> =
        members.iter().map(|member| descriptor(member.media_type, &member.manifest)).collect();
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": members });
    Bytes::from(index.to_string())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

pub(crate) fn sha512(bytes: &[u8]) -> String {
    format!("sha512:{}", hex(&Sha512::digest(bytes)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> serde_json::Value {
    json!({ "mediaType": media_type, "digest": sha256(bytes), "size": bytes.len() })
}
