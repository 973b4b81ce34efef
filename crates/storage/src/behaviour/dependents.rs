//! What needs a package: noted with its versions, gone with them, and read later of those of which nothing was noted.

use bytes::Bytes;
use domain::{Delete, EntryKey, EntryKind, Limit, Need, Overwrite, Publish, RepositoryId};

use super::parts::{bare, named};
use super::{two_projects, with_policy};
use crate::testing::{Bench, MAVEN, OCI, Place};
use crate::{
    Batch, ContentError as Error, Dependent, DependentsQuery, EdgeKind, NeedsCursor, NewEdge, NewEntry,
    NewNeeds, Removal, Rule,
};

const HERE: &str = "alpha/images";
const OTHER: &str = "alpha/other";

super::stories! {
    a_package_is_found_by_the_last_version_that_needs_another
    pages_go_on_where_the_last_one_ended
    what_a_version_needs_goes_with_it
    content_that_was_there_says_nothing_new
    what_is_kept_of_a_version_is_bounded
    what_was_not_noted_is_read
    a_document_that_cannot_be_read_waits_for_another_turn
}

fn version(of: &str, name: &str) -> EntryKey {
    named(EntryKind::Version, of, name)
}

fn need(package: &str, version: &str) -> Need {
    Need { package: package.into(), version: version.into(), range: version.into(), ..Need::default() }
}

async fn commit(bench: &Bench, repository: &str, batch: Batch) -> Result<(), Error> {
    let (may, replace) = (bench.on::<Publish>(repository), bench.on::<Overwrite>(repository));
    bench.opened.storage.commit(may, Some(replace), batch).await.map(drop)
}

/// A version that says it needs these.
fn saying(key: &EntryKey, attributes: &str, needs: Vec<Need>) -> Batch {
    let entry = NewEntry { attributes: attributes.into(), ..bare(key.clone(), Rule::Derived, Vec::new()) };
    let needs = vec![NewNeeds { of: key.clone(), said_by: key.clone(), needs }];
    Batch { entries: vec![entry], needs, ..Batch::default() }
}

async fn publish(bench: &Bench, repository: &str, (of, name): (&str, &str), needs: &[(&str, &str)]) {
    let needs: Vec<Need> = needs.iter().map(|(package, version)| need(package, version)).collect();
    let batch = saying(&version(of, name), &format!("{needs:?}"), needs);
    commit(bench, repository, batch).await.expect("a change");
}

async fn found(
    bench: &Bench,
    package: &str,
    version: Option<&str>,
    after: Option<(RepositoryId, &str)>,
    limit: u64,
) -> Vec<Dependent> {
    let format = bench.on::<Publish>(HERE).node().format();
    let asked = DependentsQuery { format, package, version, after };
    bench.opened.storage.dependents(&bench.visible(), asked, Limit::capped(limit)).await.expect("a list")
}

/// Which packages, by which of their versions, and what they ask for.
async fn users(bench: &Bench, package: &str, version: Option<&str>) -> Vec<String> {
    let found = found(bench, package, version, None, 1000).await;
    found.iter().map(|one| format!("{} {} {} {}", one.path, one.package, one.version, one.range)).collect()
}

async fn a_package_is_found_by_the_last_version_that_needs_another(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, HERE, ("App", "1"), &[("lib", "1"), ("other", "7")]).await;
    publish(&bench, HERE, ("App", "2"), &[("lib", "2"), ("lib", "3")]).await;
    publish(&bench, HERE, ("App", "3"), &[("other", "7")]).await;
    publish(&bench, OTHER, ("tool", "5"), &[("lib", "2")]).await;
    publish(&bench, OTHER, ("lib", "2"), &[]).await;
    // Of several that one version asks for the first is shown.
    assert_eq!(users(&bench, "lib", None).await, ["alpha/images App 2 2", "alpha/other tool 5 2"]);
    assert_eq!(users(&bench, "lib", Some("1")).await, ["alpha/images App 1 1"]);
    assert_eq!(users(&bench, "lib", Some("2")).await, ["alpha/images App 2 2", "alpha/other tool 5 2"]);
    assert_eq!(users(&bench, "lib", Some("3")).await, ["alpha/images App 2 3"]);
    assert_eq!(users(&bench, "other", None).await, ["alpha/images App 3 7"]);
    for (package, version) in [("li", None), ("library", None), ("lib", Some("4")), ("lib", Some(""))] {
        assert_eq!(users(&bench, package, version).await, [""; 0], "{package} {version:?}");
    }
    // A package of the same key that is of another format is another package.
    let asked = DependentsQuery { format: MAVEN, package: "lib", version: None, after: None };
    let others = bench.opened.storage.dependents(&bench.visible(), asked, Limit::MAX).await.expect("a list");
    assert_eq!(others, []);
}

async fn pages_go_on_where_the_last_one_ended(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for number in 0..7 {
        for name in ["1", "2"] {
            let repository = if number % 2 == 0 { HERE } else { OTHER };
            publish(&bench, repository, (&format!("p{number}"), name), &[("lib", "1")]).await;
        }
    }
    let all = users(&bench, "lib", None).await;
    assert_eq!(all.len(), 7, "{all:?}");
    for version in [None, Some("1")] {
        for limit in [1, 2, 3, 6] {
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let from = after.as_ref().map(|(id, key): &(RepositoryId, Box<str>)| (*id, &**key));
                let page = found(&bench, "lib", version, from, limit).await;
                let Some(last) = page.last() else { break };
                assert!(page.len() as u64 <= limit);
                after = Some((last.repository, last.package_key.clone()));
                pages.extend(page);
            }
            let texts: Vec<_> = pages
                .iter()
                .map(|one| format!("{} {} {} {}", one.path, one.package, one.version, one.range))
                .collect();
            assert_eq!(texts, all, "{version:?} {limit}");
        }
    }
}

async fn what_a_version_needs_goes_with_it(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, HERE, ("app", "1"), &[("lib", "1")]).await;
    publish(&bench, HERE, ("app", "2"), &[("lib", "2")]).await;
    let storage = &bench.opened.storage;
    let remove = async |removal| {
        storage.remove(bench.on::<Delete>(HERE), vec![removal]).await.expect("it is there");
    };
    remove(Removal::Unlist(version("app", "2"))).await;
    assert_eq!(users(&bench, "lib", None).await, ["alpha/images app 2 2"], "it is still found by its name");
    remove(Removal::Entry(version("app", "2"))).await;
    assert_eq!(users(&bench, "lib", None).await, ["alpha/images app 1 1"]);
    publish(&bench, HERE, ("app", "1"), &[("other", "1")]).await;
    assert_eq!(users(&bench, "lib", None).await, [""; 0]);
    assert_eq!(users(&bench, "other", None).await, ["alpha/images app 1 1"]);
    // A row that has many edges is left to be cleared away when its name gets other content.
    let many = |mark: &str, package: &str| {
        let mut batch = saying(&version("wide", "1"), mark, vec![need(package, "1")]);
        let edge = |number| NewEdge { kind: EdgeKind::Blob, target: format!("{mark}{number}").into() };
        batch.entries.iter_mut().for_each(|entry| entry.edges = (0..300).map(edge).collect());
        batch
    };
    commit(&bench, HERE, many("a", "lib")).await.expect("is new");
    commit(&bench, HERE, many("b", "other")).await.expect("a change");
    assert_eq!(users(&bench, "lib", None).await, [""; 0]);
    assert_eq!(users(&bench, "other", None).await, ["alpha/images app 1 1", "alpha/images wide 1 1"]);
    remove(Removal::Entry(version("wide", "1"))).await;
    assert_eq!(users(&bench, "other", None).await, ["alpha/images app 1 1"]);
}

/// As when an older build of a snapshot is sent once more.
async fn content_that_was_there_says_nothing_new(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let key = version("app", "1");
    let build = |name: &str, package: &str| {
        let file = named(EntryKind::File, "app", name);
        let entries = vec![
            bare(file.clone(), Rule::Immutable, Vec::new()),
            bare(key.clone(), Rule::Derived, Vec::new()),
        ];
        let needs = vec![NewNeeds { of: key.clone(), said_by: file, needs: vec![need(package, "1")] }];
        Batch { entries, needs, ..Batch::default() }
    };
    commit(&bench, HERE, build("1.pom", "old")).await.expect("is new");
    commit(&bench, HERE, build("2.pom", "new")).await.expect("is new");
    commit(&bench, HERE, build("1.pom", "old")).await.expect("the same");
    assert_eq!(users(&bench, "old", None).await, [""; 0]);
    assert_eq!(users(&bench, "new", None).await, ["alpha/images app 1 1"]);
}

async fn what_is_kept_of_a_version_is_bounded(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let needs = |count: usize| (0..count).map(|number| need(&format!("p{number}"), "1")).collect::<Vec<_>>();
    let too_much = saying(&version("app", "1"), "{}", needs(Need::MAX + 1));
    assert!(matches!(commit(&bench, HERE, too_much).await, Err(Error::Refused(_))));
    let quoted = Need { range: "\"'\\ \u{1f600}".into(), group: "{\"a\":1}".into(), ..need("q\"'\\uq", "1") };
    let most = needs(Need::MAX - 1).into_iter().chain([quoted.clone()]).collect();
    commit(&bench, HERE, saying(&version("app", "1"), "{}", most)).await.expect("is new");
    assert_eq!(users(&bench, "p254", None).await, ["alpha/images app 1 1"]);
    let found = found(&bench, &quoted.package, Some("1"), None, 10).await;
    assert_eq!((&found[0].range, &found[0].group, found[0].optional), (&quoted.range, &quoted.group, false));
}

/// A version as a program wrote it that noted nothing.
async fn publish_silently(bench: &Bench, repository: &str, key: EntryKey, attributes: &str) {
    let entry = NewEntry { attributes: attributes.into(), ..bare(key, Rule::Derived, Vec::new()) };
    commit(bench, repository, Batch { entries: vec![entry], ..Batch::default() }).await.expect("is new");
}

/// Steps until there is nothing more; how many were read, and how many could not be.
async fn read_all(bench: &Bench) -> (u64, u64) {
    let (lease, mut cursor) = (bench.working("dependents").await, NeedsCursor::default());
    let (mut items, mut failed) = (0, 0);
    loop {
        let worked = bench.opened.storage.read_needs(&lease, &mut cursor).await.expect("a step");
        if worked.is_nothing() {
            assert_eq!(cursor, NeedsCursor::default());
            let done = bench.opened.storage.give_work_back(lease, std::time::Duration::ZERO, true);
            done.await.expect("is given back");
            return (items, failed);
        }
        items += worked.items;
        failed += worked.failed;
    }
}

async fn what_was_not_noted_is_read(place: Place) {
    let bench = Bench::with(place, with_policy(OCI, "{}")).await;
    for number in 0..250 {
        publish_silently(&bench, HERE, version(&format!("p{number:03}"), "1"), "needs lib 1\nneeds lib 2")
            .await;
    }
    publish_silently(&bench, OTHER, version("silent", "1"), "{}").await;
    publish(&bench, OTHER, ("told", "1"), &[("lib", "1")]).await;
    assert_eq!(users(&bench, "lib", None).await, ["alpha/other told 1 1"]);
    assert_eq!(read_all(&bench).await, (251, 0));
    assert_eq!(users(&bench, "lib", Some("2")).await.len(), 250);
    assert_eq!(users(&bench, "lib", None).await.len(), 251);
    assert_eq!(read_all(&bench).await, (0, 0), "once is enough");
    // Who no longer has the work notes nothing.
    publish_silently(&bench, OTHER, version("late", "1"), "needs lib 9").await;
    let lost = bench.working("dependents").await;
    bench.clock.advance_secs(60);
    let mine = bench.working("dependents").await;
    let (mut cursor, storage) = (NeedsCursor::default(), &bench.opened.storage);
    storage.read_needs(&lost, &mut cursor).await.expect("a step");
    assert_eq!(users(&bench, "lib", Some("9")).await, [""; 0]);
    storage.read_needs(&mine, &mut NeedsCursor::default()).await.expect("a step");
    assert_eq!(users(&bench, "lib", Some("9")).await, ["alpha/other late 1 9"]);
}

/// A file of a version, and the version with it; nothing is noted.
async fn deploy(
    bench: &Bench,
    (of, name): (&str, &str),
    file: &str,
    bytes: &'static [u8],
) -> Result<(), Error> {
    let (may, storage) = (bench.on::<Publish>(HERE), &bench.opened.storage);
    let mut upload = storage.begin_upload(&may).await?;
    upload.append(Bytes::from_static(bytes)).await?;
    let upload = upload.verify_any().await?;
    let part = NewEdge { kind: EdgeKind::Part, target: format!("{of}:{name}").into() };
    let file = named(EntryKind::File, of, &format!("{name}/{file}"));
    let file = NewEntry { content: Some(*upload.digest()), ..bare(file, Rule::ByPolicy, vec![part]) };
    let entries = vec![file, bare(version(of, name), Rule::Derived, Vec::new())];
    commit(bench, HERE, Batch { uploads: vec![upload], entries, ..Batch::default() }).await
}

async fn a_document_that_cannot_be_read_waits_for_another_turn(place: Place) {
    let bench = Bench::with(place, with_policy(MAVEN, "{}")).await;
    deploy(&bench, ("app", "1"), "app.jar", b"needs lib 7").await.expect("a deploy");
    deploy(&bench, ("app", "1"), "app.pom", b"needs lib 1").await.expect("a deploy");
    deploy(&bench, ("bare", "1"), "bare.jar", b"needs lib 8").await.expect("a deploy");
    deploy(&bench, ("odd", "1"), "odd.pom", b"\xff\xfe").await.expect("a deploy");
    deploy(&bench, ("long", "1"), "long.pom", &[b'x'; 2048]).await.expect("a deploy");
    assert_eq!(read_all(&bench).await, (4, 0));
    assert_eq!(users(&bench, "lib", None).await, ["alpha/images app 1 1"]);
    assert_eq!(read_all(&bench).await, (0, 0), "what says nothing is not asked again");
    let Some(directory) = bench.place.directory() else { return };
    deploy(&bench, ("lost", "1"), "lost.pom", b"needs lib 2").await.expect("a deploy");
    deploy(&bench, ("next", "1"), "next.pom", b"needs lib 3").await.expect("a deploy");
    let lost = files(directory)
        .into_iter()
        .find(|file| std::fs::read(file).is_ok_and(|text| text == b"needs lib 2"));
    let lost = lost.expect("its bytes");
    let kept = std::fs::read(&lost).expect("its bytes");
    std::fs::remove_file(&lost).expect("is removed");
    assert_eq!(read_all(&bench).await, (1, 1));
    assert_eq!(users(&bench, "lib", Some("3")).await, ["alpha/images next 1 3"]);
    std::fs::write(&lost, kept).expect("is back");
    assert_eq!(read_all(&bench).await, (1, 0));
    assert_eq!(users(&bench, "lib", Some("2")).await, ["alpha/images lost 1 2"]);
}

/// Every file below a directory.
fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let below =
        std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    below.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
