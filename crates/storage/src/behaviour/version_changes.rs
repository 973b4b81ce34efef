//! The versions of a feed in the order of their last changes.

use domain::{Delete, EntryKey, EntryKind, PackageName, Publish, Read, RefName};

use super::parts::{bare, named};
use super::{two_projects, with_feed};
use crate::testing::{Bench, Place};
use crate::{Batch, ChangePage, Error, Removal, Rule, VersionChange};

const FEED: &str = "alpha/images";

super::stories! {
    each_change_of_a_version_takes_it_to_the_end
    numbers_are_told_in_pages
    other_formats_have_no_numbers
}

fn version(of: &str, name: &str) -> EntryKey {
    named(EntryKind::Version, of, name)
}

async fn publish(bench: &Bench, of: &str, name: &str) {
    let entries = vec![bare(version(of, name), Rule::ByPolicy, Vec::new())];
    let batch = Batch { entries, ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(FEED), None, batch).await.expect("is new");
}

/// What a page has: `number name` and, if it was taken away, a minus sign; the moments have to rise.
async fn page(bench: &Bench, page: u64) -> Vec<String> {
    let changes = bench.opened.storage.changes_of(&bench.on::<Read>(FEED), page).await.expect("are listed");
    assert!(changes.is_sorted_by(|a, b| a.at < b.at && a.number < b.number), "{changes:?}");
    let told = |change: &VersionChange| {
        let gone = if change.removed { "-" } else { "" };
        format!("{gone}{} {} {}", change.number, change.package, change.name)
    };
    changes.iter().map(told).collect()
}

async fn each_change_of_a_version_takes_it_to_the_end(place: Place) {
    let bench = Bench::with(place, with_feed()).await;
    let storage = &bench.opened.storage;
    let remove = async |removal: Removal| {
        storage.remove(bench.on::<Delete>(FEED), vec![removal]).await.expect("is there");
    };
    // All at one moment of the clock.
    for name in ["1.0.0", "2.0.0", "3.0.0"] {
        publish(&bench, "Lib", name).await;
    }
    publish(&bench, "Lib", "1.0.0").await;
    assert_eq!(page(&bench, 0).await, ["1 Lib 1.0.0", "2 Lib 2.0.0", "3 Lib 3.0.0"]);
    remove(Removal::Unlist(version("lib", "1.0.0"))).await;
    assert_eq!(page(&bench, 0).await, ["2 Lib 2.0.0", "3 Lib 3.0.0", "4 lib 1.0.0"]);
    remove(Removal::Entry(version("Lib", "2.0.0"))).await;
    storage
        .deprecate(bench.on::<Delete>(FEED), &version("Lib", "3.0.0"), Some("old"))
        .await
        .expect("is there");
    remove(Removal::Relist(version("Lib", "1.0.0"))).await;
    assert_eq!(page(&bench, 0).await, ["-5 Lib 2.0.0", "6 Lib 3.0.0", "7 Lib 1.0.0"]);
    publish(&bench, "LIB", "2.0.0").await;
    assert_eq!(page(&bench, 0).await, ["6 Lib 3.0.0", "7 Lib 1.0.0", "8 LIB 2.0.0"]);
    let name = RefName::exact("2.0.0").expect("a name");
    let package = PackageName::folded("Lib", "lib").expect("a package");
    let last = storage.last_change(&bench.on::<Read>(FEED), &package, &name).await.expect("is there");
    assert_eq!((last.number, last.removed), (8, false));
    let absent = RefName::exact("9.0.0").expect("a name");
    let absent = storage.last_change(&bench.on::<Read>(FEED), &package, &absent).await;
    assert!(matches!(absent, Err(Error::Absent)), "{absent:?}");
}

async fn numbers_are_told_in_pages(place: Place) {
    let bench = Bench::with(place, with_feed()).await;
    let storage = &bench.opened.storage;
    let pages = async || storage.changes(&bench.on::<Read>(FEED)).await.expect("are listed");
    assert!(pages().await.is_empty());
    let entries: Vec<_> = (0..ChangePage::NUMBERS + 2)
        .map(|number| bare(version("Lib", &format!("1.0.{number:04}")), Rule::ByPolicy, Vec::new()))
        .collect();
    let batch = Batch { entries, ..Batch::default() };
    storage.commit(bench.on::<Publish>(FEED), None, batch).await.expect("is new");
    let counts: Vec<_> = pages().await.iter().map(|page| (page.page, page.count, page.number)).collect();
    assert_eq!(counts, [(0, 512, 512), (1, 2, 514)]);
    storage
        .remove(bench.on::<Delete>(FEED), vec![Removal::Unlist(version("Lib", "1.0.0000"))])
        .await
        .expect("is there");
    let counts: Vec<_> = pages().await.iter().map(|page| (page.page, page.count, page.number)).collect();
    assert_eq!(counts, [(0, 511, 512), (1, 3, 515)]);
    assert_eq!(page(&bench, 1).await, ["513 Lib 1.0.0512", "514 Lib 1.0.0513", "515 Lib 1.0.0000"]);
    assert_eq!(
        pages().await[1].at,
        storage.changes_of(&bench.on::<Read>(FEED), 1).await.expect("are listed")[2].at
    );
}

async fn other_formats_have_no_numbers(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, "Lib", "1.0.0").await;
    assert!(bench.opened.storage.changes(&bench.on::<Read>(FEED)).await.expect("are listed").is_empty());
}
