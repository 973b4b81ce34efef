//! Versions that administration deletes, takes out of lists and frees.

use domain::{Browsing, Delete, EntryKey, EntryKind, EntryState, Publish, Read, Removal};

use super::access::people;
use super::parts::{bare, deploy, named};
use super::{manifest, push, sha256, tag};
use crate::testing::{BROWSING, Bench, Place};
use crate::{Batch, ContentError, DirectoryError as Error, DirectoryRule, PackageGone, Rule, VersionGone};

const PLACE: &str = "alpha/images";

super::stories! {
    a_version_goes_as_its_protocol_says
    a_version_of_many_files_goes_in_pieces
    a_deleted_version_may_only_leave_lists
    what_is_only_tried_stays
    what_something_else_needs_is_not_deleted
    versions_leave_lists_and_come_back
    a_large_package_goes_in_pieces
}

/// As a repository of files that make versions deletes them.
const OF_FILES: Browsing = Browsing {
    delete: |key, _| {
        let gav = format!("{}:{}", key.package.display(), key.name.display());
        let version = Removal::Orphan { key: key.clone(), of: gav.as_str().into() };
        vec![Removal::Parts(gav.into()), version]
    },
    ..BROWSING
};

const WITH_TAGS: Browsing = Browsing {
    delete: |key, _| vec![Removal::EntryAndPointers { key: key.clone(), force: false }],
    ..BROWSING
};

/// As images are looked at, but for their manifests.
const OF_TAGS: Browsing = Browsing { packages: EntryKind::Tag, versions: EntryKind::Tag, ..BROWSING };

const HIDING: Browsing = Browsing { delete: |key, _| vec![Removal::Unlist(key.clone())], ..BROWSING };

async fn delete(bench: &Bench, by: &Browsing, key: &EntryKey) -> Result<VersionGone, Error> {
    let may = bench.by::<Delete>(bench.actor(), PLACE);
    Ok(bench.opened.directory.delete_version(&may, by, key).await?.0)
}

async fn is_there(bench: &Bench, key: &EntryKey) -> bool {
    match bench.opened.storage.entry(&bench.on::<Read>(PLACE), key).await {
        Ok(_) => true,
        Err(ContentError::Absent) => false,
        Err(other) => panic!("{other}"),
    }
}

async fn events(bench: &Bench) -> Vec<String> {
    let told = bench.opened.directory.audit_events().await;
    let told = told.into_iter().filter(|event| event.action.starts_with("version."));
    told.map(|event| format!("{} {}", event.action, event.object.name)).collect()
}

async fn publish(bench: &Bench, key: &EntryKey) {
    let batch = Batch { entries: vec![bare(key.clone(), Rule::ByPolicy, Vec::new())], ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(PLACE), None, batch).await.expect("is new");
}

async fn a_version_goes_as_its_protocol_says(place: Place) {
    let bench = Bench::with(place, people()).await;
    for name in ["v1", "v2"] {
        push(&bench, PLACE, b"one", name, false).await.expect("is new");
    }
    assert!(is_there(&bench, &tag("v1")).await);
    let gone = delete(&bench, &BROWSING, &tag("v1")).await.expect("is there");
    assert_eq!(gone, VersionGone { names: 1, unlisted: false });
    assert!(!is_there(&bench, &tag("v1")).await, "what was kept in memory counts no more");
    let digest = manifest(&sha256(b"one"));
    let gone = delete(&bench, &WITH_TAGS, &digest).await.expect("is there");
    assert_eq!(gone, VersionGone { names: 2, unlisted: false });
    assert!(!is_there(&bench, &tag("v2")).await);
    let again = delete(&bench, &WITH_TAGS, &digest).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    let told =
        ["version.delete alpha/images/web:v1".to_owned(), format!("version.delete alpha/images/{digest}")];
    assert_eq!(events(&bench).await, told);
}

async fn a_version_of_many_files_goes_in_pieces(place: Place) {
    let bench = Bench::with(place, people()).await;
    for number in 0..70 {
        deploy(&bench, "1", &format!("a-{number}.jar"), b"bytes", Rule::Mutable).await.expect("is new");
    }
    let key = named(EntryKind::Version, "g:a", "1");
    let tried = bench.opened.directory.rehearsing();
    let may = bench.by::<Delete>(bench.actor(), PLACE);
    let (would, force) = tried.delete_version(&may, &OF_FILES, &key).await.expect("would");
    assert_eq!((would.names, force.rehearsed, force.changed), (70, true, true));
    assert!(is_there(&bench, &named(EntryKind::File, "g:a", "1/a-0.jar")).await);
    let gone = delete(&bench, &OF_FILES, &key).await.expect("is there");
    assert_eq!(gone, VersionGone { names: 70, unlisted: false });
    assert!(!is_there(&bench, &key).await, "the version goes with the last of its files");
    assert_eq!(events(&bench).await, ["version.delete alpha/images/g:a@1"], "it is one event");
}

async fn a_deleted_version_may_only_leave_lists(place: Place) {
    let bench = Bench::with(place, people()).await;
    let key = named(EntryKind::Version, "Lib", "1.0.0");
    publish(&bench, &key).await;
    for _ in 0..2 {
        let gone = delete(&bench, &HIDING, &key).await.expect("is there");
        assert!(gone.unlisted);
    }
    let entry = bench.opened.storage.entry(&bench.on::<Read>(PLACE), &key).await.expect("is there");
    assert_eq!(entry.state, EntryState::Unlisted);
    assert_eq!(events(&bench).await, ["version.unlist alpha/images/Lib@1.0.0"]);
}

async fn what_is_only_tried_stays(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, PLACE, b"one", "v1", false).await.expect("is new");
    let may = bench.by::<Delete>(bench.actor(), PLACE);
    let tried = bench.opened.directory.rehearsing();
    let (would, force) = tried.delete_version(&may, &BROWSING, &tag("v1")).await.expect("would");
    assert_eq!((would.names, force.rehearsed, force.stored), (1, true, false));
    assert!(is_there(&bench, &tag("v1")).await);
    assert!(events(&bench).await.is_empty());
}

async fn what_something_else_needs_is_not_deleted(place: Place) {
    let mut plan = people();
    let policy = crate::testing::policy_of(crate::testing::OCI, r#"{"immutable_tags":["v*"]}"#);
    plan.projects[0].repositories[0].policy = Some(policy);
    let bench = Bench::with(place, plan).await;
    push(&bench, PLACE, b"one", "v1", false).await.expect("is new");
    let refused = delete(&bench, &BROWSING, &tag("v1")).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let refused = delete(&bench, &WITH_TAGS, &manifest(&sha256(b"one"))).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let of = crate::NewEdge { kind: crate::EdgeKind::Member, target: sha256(b"member").to_string().into() };
    push(&bench, PLACE, b"member", "part", false).await.expect("is new");
    let may = bench.on::<Publish>(PLACE);
    let upload = bench.opened.storage.verified_bytes(&may, "index".into(), None).await.expect("is stored");
    let index = super::entry(manifest(&sha256(b"index")), sha256(b"index"));
    let index = crate::NewEntry { edges: vec![of], ..index };
    let entries = vec![index, super::entry(tag("all"), sha256(b"index"))];
    let batch = Batch { uploads: vec![upload], entries, ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("is new");
    let refused = delete(&bench, &WITH_TAGS, &manifest(&sha256(b"member"))).await;
    assert!(matches!(refused, Err(Error::Forbidden(DirectoryRule::InUse, _))), "{refused:?}");
    assert!(events(&bench).await.is_empty());
}

async fn versions_leave_lists_and_come_back(place: Place) {
    let bench = Bench::with(place, people()).await;
    let key = named(EntryKind::Version, "Lib", "1.0.0");
    publish(&bench, &key).await;
    let set = async |state| {
        let may = bench.by::<Delete>(bench.actor(), PLACE);
        bench.opened.directory.list_version(&may, &key, state).await.expect("is there").changed
    };
    for (state, changed) in [
        (EntryState::Live, false),
        (EntryState::Unlisted, true),
        (EntryState::Unlisted, false),
        (EntryState::Live, true),
    ] {
        assert_eq!(set(state).await, changed, "{state:?}");
        let entry = bench.opened.storage.entry(&bench.on::<Read>(PLACE), &key).await.expect("is there");
        assert_eq!(entry.state, state);
    }
    let name = "alpha/images/Lib@1.0.0";
    assert_eq!(events(&bench).await, [format!("version.unlist {name}"), format!("version.list {name}")]);
    let may = bench.by::<Delete>(bench.actor(), PLACE);
    let absent = named(EntryKind::Version, "Lib", "2.0.0");
    let refused = bench.opened.directory.list_version(&may, &absent, EntryState::Live).await;
    assert!(matches!(refused, Err(Error::Absent)), "{refused:?}");
}

async fn a_large_package_goes_in_pieces(place: Place) {
    const VERSIONS: u64 = 600;
    let bench = Bench::with(place, people()).await;
    let version = |number: u64| named(EntryKind::Tag, "web", &format!("v{number:04}"));
    for chunk in (0..VERSIONS).collect::<Vec<_>>().chunks(100) {
        let entries = chunk.iter().map(|number| bare(version(*number), Rule::ByPolicy, Vec::new()));
        let batch = Batch { entries: entries.collect(), ..Batch::default() };
        bench.opened.storage.commit(bench.on::<Publish>(PLACE), None, batch).await.expect("is new");
    }
    publish(&bench, &named(EntryKind::Tag, "other", "v1")).await;
    let may = || bench.by::<Delete>(bench.actor(), PLACE);
    let web = version(0).package;
    let tried = bench.opened.directory.rehearsing();
    let (would, force) = tried.delete_package(&may(), &OF_TAGS, &web).await.expect("would");
    assert_eq!((would.versions, would.names, force.rehearsed), (VERSIONS, VERSIONS, true));
    assert!(is_there(&bench, &version(599)).await && events(&bench).await.is_empty());
    let (gone, _) = bench.opened.directory.delete_package(&may(), &OF_TAGS, &web).await.expect("is there");
    assert_eq!(gone, PackageGone { versions: VERSIONS, names: VERSIONS, unlisted: false });
    assert!(!is_there(&bench, &version(0)).await && !is_there(&bench, &version(599)).await);
    assert!(is_there(&bench, &named(EntryKind::Tag, "other", "v1")).await);
    assert_eq!(events(&bench).await.len() as u64, VERSIONS, "an event for each");
    let again = bench.opened.directory.delete_package(&may(), &OF_TAGS, &web).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
}
