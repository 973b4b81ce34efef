use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn digest(of: u8) -> String {
    format!("sha256:{}", format!("{of:02x}").repeat(32))
}

fn descriptor(of: u8) -> Value {
    json!({ "mediaType": "application/x", "digest": digest(of), "size": 1 })
}

fn image() -> Value {
    json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(1), "size": 2 },
        "layers": [descriptor(2), descriptor(3), descriptor(2)],
    })
}

fn index() -> Value {
    let member = |of| with(descriptor(of), "mediaType", json!(OCI_MANIFEST));
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [member(9), member(8)] })
}

fn with(mut document: Value, member: &str, value: Value) -> Value {
    document[member] = value;
    document
}

fn without(mut document: Value, member: &str) -> Value {
    document.as_object_mut().unwrap().remove(member);
    document
}

fn checked(pushed_as: Option<&str>, document: &Value) -> Result<Manifest, Fault> {
    check(pushed_as, document.to_string().as_bytes())
}

fn needed(manifest: &Manifest) -> Vec<Digest> {
    manifest.required.iter().map(|(digest, _)| *digest).collect()
}

fn digests(of: &[u8]) -> Vec<Digest> {
    of.iter().map(|of| Digest::parse(&digest(*of)).unwrap()).collect()
}

#[test]
fn an_image_names_what_it_needs_once() {
    let manifest = checked(Some(OCI_MANIFEST), &with(image(), "subject", descriptor(7))).unwrap();
    assert_eq!(manifest.media_type, OCI_MANIFEST);
    assert_eq!(needed(&manifest), digests(&[1, 2, 3]));
    assert_eq!(manifest.required[0].1, 2);
    assert_eq!(manifest.subject, Some(digests(&[7])[0]));
    assert!(manifest.members.is_empty() && manifest.foreign.is_empty());
    assert_eq!(
        manifest.attributes.to_json(),
        r#"{"artifactType":"application/vnd.oci.image.config.v1+json","annotations":{}}"#
    );
}

#[test]
fn an_index_names_its_members() {
    let manifest = checked(Some(OCI_INDEX), &index()).unwrap();
    assert_eq!(manifest.members, digests(&[8, 9]));
    assert!(manifest.required.is_empty());
    assert_eq!(manifest.attributes.to_json(), r#"{"annotations":{}}"#);
    let docker = with(index(), "mediaType", json!(DOCKER_LIST));
    assert_eq!(checked(Some(DOCKER_LIST), &docker).unwrap().media_type, DOCKER_LIST);
    let artifact = with(index(), "artifactType", json!("application/thing"));
    assert_eq!(
        checked(None, &artifact).unwrap().attributes.to_json(),
        r#"{"artifactType":"application/thing","annotations":{}}"#
    );
}

#[test]
fn foreign_layers_may_be_elsewhere() {
    let foreign = json!({ "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": digest(4), "size": 1, "urls": ["https://elsewhere.example/x"] });
    let nowhere = json!({ "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "digest": digest(5), "size": 1 });
    // The same bytes as an ordinary layer: then they are needed after all.
    let both = json!({ "mediaType": "application/x", "digest": digest(2), "size": 1, "urls": ["https://x"] });
    let layers = json!([descriptor(2), foreign, nowhere, both]);
    let manifest = checked(Some(OCI_MANIFEST), &with(image(), "layers", layers)).unwrap();
    assert_eq!(needed(&manifest), digests(&[1, 2]));
    assert_eq!(manifest.foreign, digests(&[4, 5]));
}

#[test]
fn one_document_is_one_kind_of_thing() {
    let cases = [
        (Some(OCI_MANIFEST), with(image(), "manifests", json!([])), Fault::Ambiguous),
        (Some(OCI_INDEX), with(index(), "layers", json!([])), Fault::Ambiguous),
        (Some(OCI_INDEX), with(index(), "config", descriptor(1)), Fault::Ambiguous),
        (Some(OCI_INDEX), with(index(), "blobs", json!([])), Fault::Ambiguous),
        (Some(OCI_MANIFEST), with(image(), "Manifests", json!([])), Fault::Ambiguous),
        (Some(OCI_INDEX), with(index(), "LAYERS", json!([])), Fault::Ambiguous),
        (Some(OCI_INDEX), image(), Fault::TypesDiffer),
        (Some(OCI_MANIFEST), index(), Fault::TypesDiffer),
        (Some(OCI_INDEX), without(image(), "mediaType"), Fault::Ambiguous),
        (Some(OCI_MANIFEST), without(index(), "mediaType"), Fault::Ambiguous),
        (Some(DOCKER_MANIFEST), image(), Fault::TypesDiffer),
        (None, without(image(), "mediaType"), Fault::NoType),
        (Some("application/json"), without(image(), "mediaType"), Fault::NoType),
        (Some("text/plain"), without(image(), "mediaType"), Fault::UnknownType),
        (
            None,
            with(image(), "mediaType", json!("application/vnd.cncf.helm.config.v1+json")),
            Fault::UnknownType,
        ),
        (Some(OCI_MANIFEST), without(image(), "config"), Fault::NoConfig),
        (Some(OCI_MANIFEST), without(image(), "schemaVersion"), Fault::SchemaVersion),
        (Some(OCI_MANIFEST), with(image(), "schemaVersion", json!(3)), Fault::SchemaVersion),
        (Some(OCI_MANIFEST), with(image(), "schemaVersion", json!(1)), Fault::Schema1),
        (Some(OCI_MANIFEST), with(image(), "fsLayers", json!([])), Fault::Schema1),
        (
            Some("application/vnd.docker.distribution.manifest.v1+prettyjws"),
            json!({ "a": 1 }),
            Fault::Schema1,
        ),
        (Some(OCI_MANIFEST), with(image(), "config", with(descriptor(2), "size", json!(9))), Fault::Sizes),
        (Some(OCI_MANIFEST), with(image(), "artifactType", json!("x".repeat(256))), Fault::ArtifactType),
    ];
    for (pushed_as, document, expected) in cases {
        assert_eq!(checked(pushed_as, &document), Err(expected), "{pushed_as:?} {document}");
    }
}

#[test]
fn sloppy_but_clear_documents_are_taken() {
    let cases = [
        (None, image()),
        (Some("application/json"), image()),
        (Some(OCI_MANIFEST), without(image(), "mediaType")),
        (Some(OCI_MANIFEST), without(image(), "layers")),
        (Some(OCI_MANIFEST), with(image(), "layers", Value::Null)),
        (Some(OCI_MANIFEST), with(image(), "com.example.custom", json!({ "deep": [1, 2, 3] }))),
        (Some(OCI_MANIFEST), with(image(), "annotations", json!({ "a": "b" }))),
        (Some(DOCKER_MANIFEST), with(image(), "mediaType", json!(DOCKER_MANIFEST))),
        (Some(OCI_INDEX), with(index(), "manifests", json!([]))),
        (Some(OCI_INDEX), with(index(), "subject", descriptor(1))),
        (
            Some(OCI_ARTIFACT),
            json!({ "mediaType": OCI_ARTIFACT, "artifactType": "a/b", "blobs": [descriptor(1)] }),
        ),
    ];
    for (pushed_as, document) in cases {
        assert!(checked(pushed_as, &document).is_ok(), "{pushed_as:?} {document}");
    }
}

#[test]
fn descriptors_are_checked() {
    let bad = [
        json!({ "digest": "sha256:../../etc/passwd", "size": 1 }),
        json!({ "digest": "latest", "size": 1 }),
        json!({ "digest": digest(1).to_uppercase(), "size": 1 }),
        json!({ "digest": digest(1) }),
        json!({ "size": 1 }),
        json!({ "digest": digest(1), "size": -1 }),
        json!({ "digest": digest(1), "size": 1.5 }),
        json!({ "digest": digest(1), "size": "1" }),
        json!({ "digest": digest(1), "size": u64::MAX }),
        json!({ "digest": 5, "size": 1 }),
        json!({ "digest": digest(1), "Digest": digest(2), "size": 1 }),
        json!({ "digest": digest(1), "size": 1, "SIZE": 2 }),
        json!({ "digest": digest(1), "size": 1, "MediaType": "application/x" }),
        json!({ "digest": digest(1), "size": 1, "mediaType": 5 }),
        json!("sha256"),
        json!(null),
    ];
    for one in bad {
        let in_layers = checked(Some(OCI_MANIFEST), &with(image(), "layers", json!([one])));
        assert!(matches!(in_layers, Err(Fault::Json { .. })), "{one}");
        let in_index = checked(Some(OCI_INDEX), &with(index(), "manifests", json!([one])));
        assert!(matches!(in_index, Err(Fault::Json { .. })), "{one}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let many = |count: usize| with(index(), "manifests", Value::Array(vec![descriptor(1); count]));
    assert!(checked(Some(OCI_INDEX), &many(30_000)).is_ok(), "the bound is on bytes, before this is read");
    let deep = format!(r#"{{"schemaVersion":2,"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(check(Some(OCI_INDEX), deep.as_bytes()), Err(Fault::TooDeep));
    let text = format!(r#"{{"schemaVersion":2,"manifests":[],"x":"\\\"{}"}}"#, "[{".repeat(1000));
    assert!(check(Some(OCI_INDEX), text.as_bytes()).is_ok(), "brackets in text nest nothing");
    let twice = r#"{"schemaVersion":2,"mediaType":"a","mediaType":"b"}"#;
    assert!(
        matches!(check(None, twice.as_bytes()), Err(Fault::Json { .. })),
        "which of the two would count?"
    );
    for broken in ["", "{", "[]", "null", "{} {}", "\u{feff}{}", "\"text\""] {
        assert!(check(Some(OCI_INDEX), broken.as_bytes()).is_err(), "{broken:?}");
    }
}

proptest! {
    #[test]
    fn no_document_panics(json in any::<Vec<u8>>(), pushed_as in proptest::option::of(any::<String>())) {
        let _ = check(pushed_as.as_deref(), &json);
    }

    #[test]
    fn no_damage_to_a_document_panics(at in 0_usize..600, byte in any::<u8>()) {
        let mut json = image().to_string().into_bytes();
        let at = at % json.len();
        json[at] = byte;
        let _ = check(Some(OCI_MANIFEST), &json);
    }
}

#[test]
fn members_that_are_layers_are_blobs() {
    let cache = json!([
        with(descriptor(9), "mediaType", json!("application/vnd.oci.image.layer.v1.tar+gzip")),
        with(descriptor(8), "mediaType", json!("application/vnd.buildkit.cacheconfig.v0")),
        with(descriptor(7), "mediaType", json!(OCI_INDEX)),
        without(descriptor(6), "mediaType"),
    ]);
    let manifest = checked(Some(OCI_INDEX), &with(index(), "manifests", cache)).unwrap();
    assert_eq!(manifest.members, digests(&[6, 7]));
    assert_eq!(manifest.member_blobs, digests(&[8, 9]));
    assert!(manifest.required.is_empty());
    assert_eq!(checked(Some(OCI_INDEX), &without(index(), "manifests")), Err(Fault::NoManifests));
}

#[test]
fn an_algorithm_that_is_not_ours_is_called_by_its_name() {
    for name in ["sha384", "blake3", "multihash+base58"] {
        let other = with(descriptor(1), "digest", json!(format!("{name}:{}", "Ab_=-9".repeat(5))));
        let layers = checked(Some(OCI_MANIFEST), &with(image(), "layers", json!([other])));
        assert_eq!(layers, Err(Fault::Algorithm(name.into())));
        let members = checked(Some(OCI_INDEX), &with(index(), "manifests", json!([other])));
        assert_eq!(members, Err(Fault::Algorithm(name.into())));
        let subject = checked(Some(OCI_MANIFEST), &with(image(), "subject", other));
        assert_eq!(subject, Err(Fault::Algorithm(name.into())));
    }
    for bad in ["sha256:00", "sha512:", "SHA384:00", "sha384", "sha384:", "sha384:a/b", ":00"] {
        let other = with(descriptor(1), "digest", json!(bad));
        let layers = checked(Some(OCI_MANIFEST), &with(image(), "layers", json!([other])));
        assert!(matches!(layers, Err(Fault::Json { .. })), "{bad}");
    }
}

#[test]
fn annotations_are_kept_unless_they_are_long() {
    let annotated = |value: Value| {
        let manifest = checked(Some(OCI_MANIFEST), &with(image(), "annotations", value)).unwrap();
        Attributes::from_json(&manifest.attributes.to_json()).annotations
    };
    assert_eq!(annotated(json!({ "a": "b" })).as_deref(), Some(r#"{"a":"b"}"#));
    assert_eq!(annotated(json!(["odd"])).as_deref(), Some("{}"));
    let long = json!({ "a": "b".repeat(40_000) });
    assert_eq!(annotated(long.clone()), None);
    let read = annotations_in(with(image(), "annotations", long.clone()).to_string().as_bytes());
    assert_eq!(read.as_deref(), Some(&*long.to_string()));
    // What was stored before there were lists of referrers.
    assert_eq!(Attributes::from_json(r#"{"artifactType":"a/b"}"#).annotations, None);
}
