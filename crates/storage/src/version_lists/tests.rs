use std::sync::atomic::{AtomicU64, Ordering};

use domain::{EntryKey, EntryKind, EntryState, PackageName, Probe, Publish, RefName, Timestamp};

use super::*;
use crate::behaviour::with_policy;
use crate::testing::{Bench, NUGET, Place};
use crate::{Batch, NewEntry, Rule};

const IMAGES: &str = "alpha/images";

/// Rows that were read for the list of the one test that counts them.
static READ: AtomicU64 = AtomicU64::new(0);

fn counted(_: &str) -> u64 {
    READ.fetch_add(1, Ordering::SeqCst);
    0
}

async fn publish(bench: &Bench, package: &PackageName, versions: std::ops::Range<u32>) {
    let entries = versions.map(|number| NewEntry {
        key: EntryKey {
            kind: EntryKind::Version,
            package: package.clone(),
            name: RefName::exact(&format!("{number:06}")).unwrap(),
        },
        content: None,
        rule: Rule::Derived,
        media_type: Arc::from(""),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges: Vec::new(),
    });
    let batch = Batch { entries: entries.collect(), ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(IMAGES), None, batch).await.unwrap();
}

#[tokio::test]
async fn a_list_after_one_more_version_costs_one_row() {
    let bench = Bench::with(Place::memory(), with_policy(NUGET, "{}")).await;
    let package = PackageName::exact("p").unwrap();
    publish(&bench, &package, 0..1000).await;
    let list = async || {
        let list = bench.opened.storage.versions(&bench.on::<Probe>(IMAGES), &package, counted).await;
        (list.unwrap().len(), READ.swap(0, Ordering::SeqCst))
    };
    assert_eq!(list().await, (1000, 1000));
    assert_eq!(list().await, (1000, 0));
    publish(&bench, &package, 1000..1001).await;
    assert_eq!(list().await, (1001, 1));
    publish(&bench, &PackageName::exact("q").unwrap(), 0..1).await;
    assert_eq!(list().await, (1001, 0));
}

#[test]
fn a_list_beyond_its_bound_is_not_whole() {
    let long = "1".repeat(1000);
    let versions: Vec<ListedVersion> = (0..)
        .map(|_| ListedVersion::new((&long, &long, &long), EntryState::Live, Timestamp::from_millis(0), 0))
        .take(8000)
        .collect();
    let moment = crate::name_cache::NameCache::new(true, 0).moment(RepositoryId::new(1));
    assert!(!VersionList::collect(moment, versions.clone()).is_whole());
    assert!(VersionList::collect(moment, versions[..7000].to_vec()).is_whole());
}
