use std::sync::Arc;

use domain::{Clock, EntryKind, RepositoryId, Timestamp};

use super::{BYTES_MAX, FetchedVersion, UsageCounts, UsageSums};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(domain::time::DAY_MILLIS * 3 + 5)
    }
}

fn counts() -> Arc<UsageCounts> {
    UsageCounts::new(Arc::new(Still))
}

fn version(name: &str) -> FetchedVersion {
    FetchedVersion { package: "web".into(), kind: EntryKind::Tag, name: name.into() }
}

#[test]
fn what_is_alike_is_one_count() {
    let (counts, here) = (counts(), RepositoryId::new(17));
    counts.fetched(here, Some(version("1.0")), (5, true));
    counts.fetched(here, Some(version("1.0")), (2, false));
    counts.fetched(here, None, (1, true));
    counts.published(here, 4);
    let taken = counts.take(10);
    let shown: Vec<_> = taken.iter().map(|(key, sums)| (key.day, key.version.is_some(), *sums)).collect();
    let sums = |downloads, bytes, published| UsageSums { downloads, bytes, published };
    assert_eq!(shown, [(3, false, sums(1, 1, 4)), (3, true, sums(1, 7, 0))]);
    counts.put_back(taken);
    counts.fetched(here, Some(version("1.0")), (1, true));
    assert_eq!(counts.take(10)[1].1, sums(2, 8, 0));
    assert_eq!(counts.counted().waiting, 0);
}

#[test]
fn what_finds_no_room_is_counted_for_its_repository_and_then_lost() {
    let (counts, long) = (counts(), "x".repeat(900));
    let mut noted = 0_u64;
    while counts.counted().unnamed == 0 {
        counts.fetched(RepositoryId::new(17), Some(version(&format!("{long}{noted}"))), (1, true));
        noted += 1;
        assert!(noted < BYTES_MAX as u64 / 900, "it is bounded");
    }
    assert_eq!((counts.counted().unnamed, counts.counted().lost), (1, 0));
    let known = counts.counted().waiting;
    counts.fetched(RepositoryId::new(17), Some(version(&format!("{long}0"))), (1, true));
    assert_eq!(counts.counted().waiting, known, "what is known already needs none");
    for repository in 100..60_000 {
        counts.fetched(RepositoryId::new(repository), None, (1, true));
    }
    assert!(counts.counted().lost > 0, "{:?}", counts.counted());
}
