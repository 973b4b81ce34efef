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
