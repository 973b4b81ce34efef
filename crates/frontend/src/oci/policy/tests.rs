use domain::{PackageName, RefName};

use super::*;

fn key(kind: EntryKind, name: &str) -> EntryKey {
    EntryKey { kind, package: PackageName::exact("web").unwrap(), name: RefName::exact(name).unwrap() }
}

fn policy(document: &str) -> Policy {
    serde_json::from_str(document).unwrap()
}

#[test]
fn tags_move_unless_a_pattern_keeps_them() {
    let policy = policy(r#"{"immutable_tags": ["v*"]}"#);
    for (kept, name) in [(true, "v1"), (false, "latest")] {
        let tag = key(EntryKind::Tag, name);
        assert_eq!((policy.may_replace(&tag), policy.may_remove(&tag)), (!kept, !kept), "{name}");
    }
    let manifest = key(EntryKind::Manifest, "v1");
    assert!(!policy.may_replace(&manifest) && policy.may_remove(&manifest));
    assert!(policy.keeps_names() && !Policy::default().keeps_names());
    assert!(!policy.reserves(&key(EntryKind::Tag, "latest")));
}

#[test]
fn a_manifest_goes_with_one_tag_or_with_all() {
    assert!(Policy::default().may_remove_with(2));
    let one = policy(r#"{"delete_by_digest": "only-if-one-tag"}"#);
    assert!(one.may_remove_with(1) && !one.may_remove_with(2));
}

#[test]
fn lists_of_referrers_are_never_immutable() {
    let policy = policy(r#"{"immutable_tags": ["*"]}"#);
    let (short, long) = ("a1".repeat(32), "a1".repeat(64));
    for exempt in [
        format!("sha256-{short}"),
        format!("sha512-{short}"),
        format!("sha256-{short}.sig"),
        format!("sha256-{short}.att"),
        format!("sha256-{short}.sbom"),
        format!("sha512-{long}.sig"),
    ] {
        assert!(policy.may_remove(&key(EntryKind::Tag, &exempt)), "{exempt}");
    }
    for kept in [
        "1.0".to_owned(),
        "sha256-".to_owned(),
        format!("sha256-{}", "A1".repeat(32)),
        format!("sha384-{short}"),
        format!("sha512-{long}"),
        format!("sha256-{short}.exe"),
        format!("sha256-{short}.sig.sig"),
        format!("sha256-{short}a"),
        format!("v-sha256-{short}"),
    ] {
        assert!(!policy.may_remove(&key(EntryKind::Tag, &kept)), "{kept}");
    }
}
