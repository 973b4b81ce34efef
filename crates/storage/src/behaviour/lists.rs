//! Lists of versions, which are kept and brought up to date.

use std::sync::Arc;

use domain::{
    Delete, EntryKey, EntryKind, EntryState, Limit, Overwrite, PackageName, Probe, Publish, RefName,
};

use super::two_projects;
use crate::testing::{Bench, Place};
use crate::{Batch, ContentError, EdgeKind, EntryQuery, Listed, NewEdge, NewEntry, Removal, Rule};

const JARS: &str = "alpha/images";
const OTHER: &str = "alpha/other";

super::stories! {
    a_list_of_versions_is_that_of_the_rows_after_every_change
    a_page_ends_where_its_documents_are_too_much
    names_alone_are_those_of_the_entries
    names_that_hold_a_text_are_found_however_many_there_are
}

fn package(name: &str) -> PackageName {
    PackageName::exact(name).expect("a package")
}

fn version(package_name: &str, name: &str) -> EntryKey {
    let name = RefName::keyed(&name.to_uppercase(), name, &format!("{name:0>8}")).expect("a version");
    EntryKey { kind: EntryKind::Version, package: package(package_name), name }
}

fn named(key: EntryKey, attributes: &str) -> NewEntry {
    let part = NewEdge { kind: EdgeKind::Part, target: key.package.key().into() };
    NewEntry {
        key,
        content: None,
        rule: Rule::Derived,
        media_type: Arc::from(""),
        attributes: Arc::from(attributes),
        words: Arc::from(""),
        edges: vec![part],
    }
}

async fn publish(bench: &Bench, repository: &str, entries: Vec<NewEntry>) {
    let (may, replace) = (bench.on::<Publish>(repository), bench.on::<Overwrite>(repository));
    let batch = Batch { entries, ..Batch::default() };
    bench.opened.storage.commit(may, Some(replace), batch).await.expect("a change");
}

async fn remove(bench: &Bench, removal: Removal) {
    bench.opened.storage.remove(bench.on::<Delete>(JARS), vec![removal]).await.expect("it is there");
}

/// The list that is kept has what the rows have.
async fn agree(bench: &Bench, of: &str) -> usize {
    let (storage, may, package) = (&bench.opened.storage, bench.on::<Probe>(JARS), package(of));
    let kept = storage.versions(&may, &package, |text| text.len() as u64).await.expect("a list");
    let kept: Vec<_> = kept
        .iter()
        .map(|one| (one.key.to_string(), one.display().to_owned(), one.state, one.changed_at, one.note))
        .collect();
    let query = EntryQuery {
        kind: EntryKind::Version,
        package: &package,
        unlisted: true,
        after: None,
        limit: Limit::MAX,
    };
    let rows = storage.entries(&may, &query).await.expect("rows").into_items();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let name = &row.key.name;
            let note = row.attributes.len() as u64;
            (name.key().to_owned(), name.display().to_owned(), row.state, row.changed_at, note)
        })
        .collect();
    assert_eq!(kept, rows);
    kept.len()
}

async fn a_list_of_versions_is_that_of_the_rows_after_every_change(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    assert_eq!(agree(&bench, "p").await, 0);
    for name in ["5", "1", "9", "3a", "7"] {
        publish(&bench, JARS, vec![named(version("p", name), "{}")]).await;
        bench.clock.advance_secs(1);
        agree(&bench, "p").await;
    }
    let several = vec![named(version("p", "2"), "{}"), named(version("q", "4"), "{}")];
    publish(&bench, JARS, several).await;
    publish(&bench, OTHER, vec![named(version("p", "8"), "{}")]).await;
    assert_eq!((agree(&bench, "p").await, agree(&bench, "q").await), (6, 1));
    publish(&bench, JARS, vec![named(version("p", "5"), "{\"longer\":1}")]).await;
    agree(&bench, "p").await;
    let key = || version("p", "3a");
    remove(&bench, Removal::Unlist(key())).await;
    agree(&bench, "p").await;
    let storage = &bench.opened.storage;
    let list = storage.versions(&bench.on::<Probe>(JARS), &package("p"), |_| 0).await.expect("a list");
    assert_eq!(list.iter().filter(|one| one.state == EntryState::Unlisted).count(), 1);
    remove(&bench, Removal::Relist(key())).await;
    agree(&bench, "p").await;
    remove(&bench, Removal::Entry(key())).await;
    assert_eq!(agree(&bench, "p").await, 5);
    remove(&bench, Removal::Orphan { key: version("p", "9"), of: "nothing".into() }).await;
    assert_eq!(agree(&bench, "p").await, 4);
    // More changes at once than are remembered.
    for step in 0..3 {
        let many = (0..1000).map(|number| named(version("r", &format!("{step}.{number}")), "{}"));
        publish(&bench, JARS, many.collect()).await;
    }
    assert_eq!((agree(&bench, "r").await, agree(&bench, "p").await), (3000, 4));
    remove(&bench, Removal::Parts("p".into())).await;
    assert_eq!((agree(&bench, "p").await, agree(&bench, "q").await), (0, 1));
    let bench = bench.reopened().await;
    if bench.place.survives() {
        assert_eq!((agree(&bench, "p").await, agree(&bench, "q").await), (0, 1));
    }
}

async fn a_page_ends_where_its_documents_are_too_much(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let long = "x".repeat(NewEntry::ATTRIBUTES_BYTES_MAX);
    for name in ["1", "2", "3", "4", "5"] {
        publish(&bench, JARS, vec![named(version("p", name), &long)]).await;
    }
    let (package, mut seen, mut pages) = (package("p"), Vec::new(), 0);
    let mut last: Option<(String, String)> = None;
    loop {
        let query = EntryQuery {
            kind: EntryKind::Version,
            package: &package,
            unlisted: true,
            after: last.as_ref().map(|(sort, key)| (&**sort, &**key)),
            limit: Limit::MAX,
        };
        let page = bench.opened.storage.entries(&bench.on::<Probe>(JARS), &query).await.expect("a page");
        let Listed::Names { items, more } = page else { panic!("the package is there") };
        let Some(end) = items.last() else { break };
        last = Some((end.key.name.sort_key().to_owned(), end.key.name.key().to_owned()));
        seen.extend(items.iter().map(|one| one.key.name.key().to_owned()));
        pages += 1;
        assert_eq!(more, seen.len() < 5, "others follow what was left out");
    }
    assert_eq!((seen.join(" ").as_str(), pages), ("1 2 3 4 5", 3));
}

async fn names_alone_are_those_of_the_entries(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for name in ["5", "1", "3"] {
        publish(&bench, JARS, vec![named(version("p", name), "{}")]).await;
    }
    remove(&bench, Removal::Unlist(version("p", "3"))).await;
    let (storage, may, package, unknown) =
        (&bench.opened.storage, bench.on::<Probe>(JARS), package("p"), package("none"));
    let query = |package, unlisted, after, rows| EntryQuery {
        kind: EntryKind::Version,
        package,
        unlisted,
        after,
        limit: Limit::capped(rows),
    };
    let names = async |query: EntryQuery<'_>| match storage.display_names(&may, &query).await {
        Ok(Listed::Names { items, more }) => Some((items.join(" "), more)),
        Ok(Listed::Unknown) => None,
        Err(error) => panic!("{error}"),
    };
    let listed = |names: &str, more| Some((names.to_owned(), more));
    assert_eq!(names(query(&package, true, None, 9)).await, listed("1 3 5", false));
    assert_eq!(names(query(&package, false, None, 9)).await, listed("1 5", false));
    assert_eq!(names(query(&package, true, Some(("00000001", "1")), 1)).await, listed("3", true));
    assert_eq!(names(query(&package, true, Some(("00000005", "5")), 9)).await, listed("", false));
    assert_eq!(names(query(&unknown, true, None, 9)).await, None);
}

async fn names_that_hold_a_text_are_found_however_many_there_are(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    // More than are looked at once, of which the first and the last hold the text.
    let tag = |number: u32| {
        let name =
            if [0, 2_100].contains(&number) { format!("{number:04}-RC") } else { format!("{number:04}") };
        let name = RefName::exact(&name).expect("a tag");
        let key = EntryKey { kind: EntryKind::Tag, package: package("p"), name };
        NewEntry { edges: Vec::new(), ..named(key, "{}") }
    };
    for first in (0..=2_100).step_by(300) {
        publish(&bench, JARS, (first..(first + 300).min(2_101)).map(tag).collect()).await;
    }
    let (storage, may, package, unknown) =
        (&bench.opened.storage, bench.on::<Probe>(JARS), package("p"), package("none"));
    let holding = async |package: &PackageName, after: Option<&str>, (text, down): (&str, bool)| {
        let query = EntryQuery {
            kind: EntryKind::Tag,
            package,
            unlisted: true,
            after: after.map(|name| (name, name)),
            limit: Limit::capped(10),
        };
        let found = storage.entries_holding(&may, &query, (text, down)).await?;
        let names: Vec<_> = found.items.iter().map(|one| one.key.name.to_string()).collect();
        Ok((names.join(" "), found.next.map(|name| name.to_string())))
    };
    let is =
        |names: &str, next: Option<&str>| Ok::<_, ContentError>((names.to_owned(), next.map(str::to_owned)));
    let same = |found: Result<(String, Option<String>), ContentError>, names: &str, next: Option<&str>| {
        assert_eq!(format!("{found:?}"), format!("{:?}", is(names, next)));
    };
    same(holding(&package, None, ("rc", false)).await, "0000-RC", Some("1999"));
    same(holding(&package, Some("1999"), ("Rc", false)).await, "2100-RC", None);
    same(holding(&package, None, ("rc", true)).await, "2100-RC", Some("0101"));
    same(holding(&package, Some("0101"), ("rc", true)).await, "0000-RC", None);
    same(holding(&package, None, ("none", false)).await, "", Some("1999"));
    same(holding(&package, Some("1999"), ("none", false)).await, "", None);
    let ten = "0000-RC 0001 0002 0003 0004 0005 0006 0007 0008 0009";
    same(holding(&package, None, ("0", false)).await, ten, Some("0009"));
    assert!(matches!(holding(&unknown, None, ("0", false)).await, Err(ContentError::Absent)));
}
