//! Manifests as whoever wrote them meant them: everything may be missing.

use std::collections::BTreeMap;

use api::details::{ROWS_MAX, plain};
use serde::Deserialize;

use super::kind::{self, Annotations};

/// Annotation of members that are about another one, as BuildKit writes it.
const REFERENCE: &str = "vnd.docker.reference.type";
/// Annotation with the name of a file.
const TITLE: &str = "org.opencontainers.image.title";
/// What BuildKit says an attestation runs on.
const UNKNOWN: &str = "unknown";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) artifact_type: Option<String>,
    pub(super) config: Option<Descriptor>,
    pub(super) layers: Option<Vec<Descriptor>>,
    pub(super) blobs: Option<Vec<Descriptor>>,
    pub(super) manifests: Option<Vec<Descriptor>>,
    pub(super) annotations: Option<Annotations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: Option<String>,
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) platform: Option<Platform>,
    pub(super) annotations: Option<Annotations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Platform {
    pub(super) architecture: String,
    pub(super) os: String,
    pub(super) variant: Option<String>,
}

impl Manifest {
    /// Layers of an image, or the blobs of an artifact.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Descriptor> {
        self.layers.iter().chain(&self.blobs).flatten()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().flatten()
    }

    /// What somebody pulls: configuration and layers, each once.
    pub(super) fn pull_bytes(&self) -> u64 {
        let all = self.layers().chain(&self.config);
        let sizes: BTreeMap<&str, u64> = all.map(|one| (&*one.digest, one.size)).collect();
        sizes.values().fold(0, |sum, size| sum.saturating_add(*size))
    }

    /// What it is.
    pub(super) fn kind(&self) -> &'static str {
        let types = self.layers().take(ROWS_MAX).filter_map(|layer| layer.media_type.as_deref());
        let predicates =
            self.layers().take(ROWS_MAX).find_map(|layer| kind::predicate_of(layer.annotations.as_ref()));
        let own = kind::predicate_of(self.annotations.as_ref());
        let config = self.config.as_ref().and_then(|config| config.media_type.as_deref());
        kind::of_manifest(self.artifact_type.as_deref(), config, types, own.or(predicates))
    }
}

impl Descriptor {
    /// Whether it is about another member, and nothing that runs anywhere.
    pub(super) fn is_attached(&self) -> bool {
        let says = self.annotations.as_ref().is_some_and(|all| all.contains_key(REFERENCE));
        says || self.platform.as_ref().is_some_and(|on| on.os == UNKNOWN && on.architecture == UNKNOWN)
    }

    /// What it runs on.
    pub(super) fn platform(&self) -> Option<String> {
        self.platform.as_ref().and_then(Platform::text)
    }

    /// The name of the file that it is.
    pub(super) fn title(&self) -> Option<String> {
        plain(self.annotations.as_ref()?.get(TITLE)?.as_str()?)
    }
}

impl Platform {
    /// `linux/arm64/v8`.
    pub(super) fn text(&self) -> Option<String> {
        if self.os.is_empty() && self.architecture.is_empty() {
            return None;
        }
        let variant = self.variant.as_deref().filter(|variant| !variant.is_empty());
        let variant = variant.map(|variant| format!("/{variant}")).unwrap_or_default();
        plain(&format!("{}/{}{variant}", self.os, self.architecture))
    }
}

/// Adds annotations to labels, over those that are there.
pub(super) fn label(annotations: Option<&Annotations>, labels: &mut BTreeMap<String, String>) {
    for (name, value) in annotations.into_iter().flatten().take(ROWS_MAX) {
        if let (Some(name), Some(value)) = (plain(name), value.as_str().and_then(plain)) {
            labels.insert(name, value);
        }
    }
}
