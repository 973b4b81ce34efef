//! What an artifact is, by the types that the tools write.

use serde_json::{Map, Value};

/// Annotations; a value that is no text says nothing.
pub(super) type Annotations = Map<String, Value>;

/// Where tools say what an attestation states.
const PREDICATES: [&str; 3] =
    ["in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType", "predicateType"];
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

/// What an attestation states, as its annotations say.
pub(super) fn predicate_of(annotations: Option<&Annotations>) -> Option<&str> {
    let annotations = annotations?;
    PREDICATES.iter().find_map(|name| annotations.get(*name).and_then(Value::as_str))
}

/// The same of annotations that are still JSON.
pub(super) fn predicate(annotations: Option<&str>) -> Option<String> {
    let annotations: Annotations = serde_json::from_str(annotations?).ok()?;
    predicate_of(Some(&annotations)).map(str::to_owned)
}

/// By the type of the artifact itself.
pub(super) fn of_artifact(kind: &str, predicate: Option<&str>) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let stated = predicate.map(stated);
    if has(&["cosign.simplesigning", "cosign.artifact.sig", "notary.signature"]) {
        "signature"
    } else if has(&["sigstore.bundle"]) {
        stated.unwrap_or("signature")
    } else if has(&["in-toto", "dsse.envelope"]) {
        stated.unwrap_or("attestation")
    } else if has(&["spdx", "cyclonedx", "sbom", "syft"]) {
        "sbom"
    } else if kind == HELM {
        "helm-chart"
    } else if has(&["wasm"]) {
        "wasm"
    } else if IMAGE_CONFIGS.contains(&kind) {
        "image"
    } else {
        "artifact"
    }
}

fn stated(predicate: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| predicate.contains(word));
    if has(&["spdx", "cyclonedx"]) {
        "sbom"
    } else if has(&["slsa", "provenance"]) {
        "provenance"
    } else {
        "attestation"
    }
}

/// By everything that a manifest says of itself; what its layers are decides where it passes for an image.
pub(super) fn of_manifest<'m>(
    artifact: Option<&str>,
    config: Option<&str>,
    mut layers: impl Iterator<Item = &'m str>,
    predicate: Option<&str>,
) -> &'static str {
    let artifact = artifact.filter(|kind| !kind.is_empty());
    match artifact.or(config).map(|kind| of_artifact(kind, predicate)) {
        Some(kind @ ("image" | "artifact")) => {
            let special = layers.find_map(|layer| {
                let found = of_artifact(layer, predicate);
                (!matches!(found, "artifact" | "image")).then_some(found)
            });
            special.unwrap_or(kind)
        }
        Some(kind) => kind,
        None => "artifact",
    }
}
