use domain::{PackageName, RefName};

use super::*;

fn key(kind: EntryKind, name: &str) -> EntryKey {
    EntryKey { kind, package: PackageName::exact("web").unwrap(), name: RefName::exact(name).unwrap() }
}

#[test]
fn versions_that_cannot_be_replaced_stay_reserved() {
    for (duplicates, stable, early) in [
        (Duplicates::Never, false, false),
        (Duplicates::PrereleaseOnly, false, true),
        (Duplicates::Always, true, true),
    ] {
        let policy = Policy { duplicates, ..Policy::default() };
        for (name, replaced) in [("1.0.0", stable), ("1.0.0-beta", early)] {
            let version = key(EntryKind::Version, name);
            assert_eq!(
                (policy.may_replace(&version), policy.reserves(&version)),
                (replaced, !replaced),
                "{name}"
            );
            assert!(policy.may_remove(&version));
        }
    }
}
