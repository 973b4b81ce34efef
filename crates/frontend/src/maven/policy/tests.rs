use domain::{PackageName, RefName};

use super::*;

fn key(kind: EntryKind, name: &str) -> EntryKey {
    EntryKey { kind, package: PackageName::exact("web").unwrap(), name: RefName::exact(name).unwrap() }
}

#[test]
fn what_is_written_once_stays_reserved() {
    let jar = key(EntryKind::File, "1.0/web-1.0.jar");
    let snapshot = key(EntryKind::File, "1.0-SNAPSHOT/web-1.0-SNAPSHOT.jar");
    let with = |releases| Policy { releases, ..Policy::default() };
    for (releases, takes, replaces) in [
        (Releases::ReadOnly, false, false),
        (Releases::WriteOnce, true, false),
        (Releases::Replace, true, true),
    ] {
        let policy = with(releases);
        assert_eq!((policy.takes_names(), policy.may_replace(&jar)), (takes, replaces), "{releases:?}");
        assert_eq!((policy.reserves(&jar), policy.reserves(&snapshot)), (!replaces, false), "{releases:?}");
        assert!(policy.may_remove(&jar));
    }
}
