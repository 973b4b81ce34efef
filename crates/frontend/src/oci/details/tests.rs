use serde_json::json;

use super::*;

fn manifest(document: serde_json::Value) -> Manifest {
    serde_json::from_value(document).expect("a manifest")
}

fn of_types(config: &str, layer: &str) -> Manifest {
    manifest(json!({
        "config": { "mediaType": config, "digest": "sha256:a", "size": 5 },
        "layers": [
            { "mediaType": layer, "digest": "sha256:b", "size": 7 },
            { "mediaType": layer, "digest": "sha256:b", "size": 7 },
        ],
    }))
}

#[test]
fn an_artifact_is_what_its_types_say() {
    const IMAGE: &str = "application/vnd.oci.image.config.v1+json";
    const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    for (config, layer, kind) in [
        (IMAGE, LAYER, "image"),
        ("application/vnd.docker.container.image.v1+json", LAYER, "image"),
        ("application/vnd.cncf.helm.config.v1+json", "application/x", "helm-chart"),
        ("application/vnd.wasm.config.v0+json", "application/wasm", "wasm"),
        (IMAGE, "application/vnd.dev.cosign.simplesigning.v1+json", "signature"),
        ("application/vnd.oci.empty.v1+json", "application/spdx+json", "sbom"),
        ("application/vnd.oci.empty.v1+json", "application/x", "artifact"),
    ] {
        assert_eq!(of_types(config, layer).kind(), kind, "{config} with {layer}");
    }
    let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
    assert_eq!(kind::of_artifact(bundle, None), "signature");
    assert_eq!(kind::of_artifact(bundle, Some("https://slsa.dev/provenance/v1")), "provenance");
    assert_eq!(kind::of_artifact("application/vnd.in-toto+json", Some("https://spdx.dev/Document")), "sbom");
}

#[test]
fn each_blob_is_pulled_once() {
    assert_eq!(of_types("a/b", "c/d").pull_bytes(), 12);
}

#[test]
fn attestations_run_nowhere() {
    let index = manifest(json!({ "manifests": [
        { "digest": "sha256:a", "platform": { "os": "linux", "architecture": "arm64", "variant": "v8" } },
        { "digest": "sha256:b", "platform": { "os": "unknown", "architecture": "unknown" } },
        { "digest": "sha256:c", "annotations": { "vnd.docker.reference.type": "attestation-manifest" } },
    ] }));
    let shown: Vec<_> = index.members().map(|one| (one.is_attached(), one.platform())).collect();
    assert_eq!(shown[0], (false, Some("linux/arm64/v8".to_owned())));
    assert!(shown[1].0 && shown[2].0);
}

#[test]
fn commands_go_with_layers_or_not_at_all() {
    let config: Config = serde_json::from_value(json!({
        "os": "linux", "architecture": "amd64", "created": "2026-01-02T03:04:05Z",
        "config": { "Entrypoint": ["/a", "b c"], "Env": ["A=1"], "Labels": { "x": "y", "z": 1 } },
        "history": [{ "created_by": "FROM" }, { "created_by": "ENV", "empty_layer": true }, { "created_by": "RUN" }],
    }))
    .expect("a configuration");
    assert_eq!(config.commands(2), ["FROM", "RUN"]);
    assert!(config.commands(3).is_empty());
    let mut details = Details::default();
    config.tell(&mut details);
    let fact =
        |name: &str| details.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
    assert_eq!((fact("entrypoint"), fact("environment")), (Some("[\"/a\",\"b c\"]"), Some("A=1")));
    assert_eq!(details.labels.iter().collect::<Vec<_>>(), [(&"x".to_owned(), &"y".to_owned())]);
    assert!(details.built_at.is_some());
}
