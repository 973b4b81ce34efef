use domain::{EntryKind, PackageName, RefName};

use super::*;

#[test]
fn what_matches_is_kept_and_everything_else_is_free() {
    let policy: Policy = serde_json::from_str(r#"{"immutable": ["release/*", "*.sig"]}"#).unwrap();
    let key = |name: &str| EntryKey {
        kind: EntryKind::File,
        package: PackageName::exact("/").unwrap(),
        name: RefName::exact(name).unwrap(),
    };
    for (name, kept) in [
        ("release/1.0", true),
        ("release/1.0/app.tar.gz", true),
        ("a/b.sig", true),
        ("release", false),
        ("a/release/1.0", false),
        ("a.SIG", false),
    ] {
        let key = key(name);
        assert_eq!((policy.may_replace(&key), policy.may_remove(&key)), (!kept, !kept), "{name}");
        assert!(policy.takes_names() && !policy.reserves(&key));
        assert!(Policy::default().may_replace(&key) && Policy::default().may_remove(&key));
    }
    assert!(policy.keeps_names() && !Policy::default().keeps_names());
}
