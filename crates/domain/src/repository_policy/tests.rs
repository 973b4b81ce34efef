use super::*;
use crate::refname::{PackageName, RefName};

#[test]
fn patterns_match_whole_names() {
    let cases = [
        ("v*", "v1.0", true),
        ("v*", "v", true),
        ("v*", "xv1", false),
        ("*", "", true),
        ("*-rc?", "1.0-rc1", true),
        ("*-rc?", "1.0-rc", false),
        ("a*b*c", "aXXbYYbZZc", true),
        ("a*b*c", "aXXbYYbZZ", false),
        ("release", "release", true),
        ("release", "release1", false),
        ("?", "é", true),
        ("**", "anything", true),
    ];
    for (pattern, name, fits) in cases {
        assert_eq!(Pattern::parse(pattern).unwrap().matches(name), fits, "{pattern} {name}");
    }
    let hostile = Pattern::parse(&"*a".repeat(60)).unwrap();
    assert!(!hostile.matches(&format!("{}b", "a".repeat(128))));
}

#[test]
fn each_kind_asks_its_own_rule() {
    let key = |kind, name: &str| EntryKey {
        kind,
        package: PackageName::exact("web").unwrap(),
        name: RefName::exact(name).unwrap(),
    };
    let policy =
        RepositoryPolicy { immutable_tags: vec![Pattern::parse("v*").unwrap()], ..Default::default() };
    assert!(!policy.may_replace(&key(EntryKind::Tag, "v1")));
    assert!(policy.may_replace(&key(EntryKind::Tag, "latest")));
    assert!(!policy.may_replace(&key(EntryKind::Manifest, "sha256:00")));
    let policy = RepositoryPolicy { duplicates: Duplicates::PrereleaseOnly, ..Default::default() };
    assert!(policy.may_replace(&key(EntryKind::Version, "1.0.0-beta")));
    assert!(!policy.may_replace(&key(EntryKind::Version, "1.0.0")));
}

#[test]
fn lists_of_referrers_are_never_immutable() {
    let policy =
        RepositoryPolicy { immutable_tags: vec![Pattern::parse("*").unwrap()], ..Default::default() };
    let (short, long) = ("a1".repeat(32), "a1".repeat(64));
    for exempt in [
        format!("sha256-{short}"),
        format!("sha512-{short}"),
        format!("sha256-{short}.sig"),
        format!("sha256-{short}.att"),
        format!("sha256-{short}.sbom"),
        format!("sha512-{long}.sig"),
    ] {
        assert!(!policy.is_immutable_tag(&exempt), "{exempt}");
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
        assert!(policy.is_immutable_tag(&kept), "{kept}");
    }
}

#[test]
fn what_is_written_once_stays_reserved() {
    let key = |kind, name: &str| EntryKey {
        kind,
        package: PackageName::exact("web").unwrap(),
        name: RefName::exact(name).unwrap(),
    };
    let policy = RepositoryPolicy::default();
    assert!(policy.reserves(&key(EntryKind::File, "1.0/web-1.0.jar")));
    assert!(!policy.reserves(&key(EntryKind::File, "1.0-SNAPSHOT/web-1.0-SNAPSHOT.jar")));
    assert!(policy.reserves(&key(EntryKind::Version, "1.0.0")));
    assert!(!policy.reserves(&key(EntryKind::Tag, "latest")));
    let replace = RepositoryPolicy { releases: Releases::Replace, ..RepositoryPolicy::default() };
    assert!(!replace.reserves(&key(EntryKind::File, "1.0/web-1.0.jar")));
}
