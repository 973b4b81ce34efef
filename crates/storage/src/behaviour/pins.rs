//! What is pinned is neither removed nor replaced, whoever tries and by whatever verb.

use domain::{Delete, EntryKey, EntryKind, Publish, Read, RepositoryDelete, RepositorySettings};

use super::access::people;
use super::parts::{bare, deploy, named};
use super::{entry, manifest, push, sha256, tag, whatever};
use crate::testing::{Bench, Place};
use crate::{
    Batch, ContentError as Error, DirectoryError, EdgeKind, EntryOutcome, NewEdge, NewEntry, NewPin, Removal,
    Rule,
};

const PLACE: &str = "alpha/images";
const WHY: &str = "shipped to the customer";

super::stories! {
    a_pinned_tag_stays_what_it_is
    the_image_of_a_pinned_tag_stays_whole
    a_pinned_version_keeps_its_files
    one_pin_keeps_all_of_many_parts
    a_pinned_version_is_not_unlisted
    a_repository_with_a_pin_stays
    pins_have_reasons_and_are_on_the_record
}

async fn pin(bench: &Bench, key: &EntryKey, parts: Option<&str>) {
    let new = NewPin { key: key.clone(), parts: parts.map(Into::into), reason: WHY.into() };
    let may = bench.by::<RepositorySettings>(bench.actor(), PLACE);
    assert!(bench.opened.directory.pin(&may, new).await.expect("is there").changed);
}

async fn unpin(bench: &Bench, key: &EntryKey) {
    let may = bench.by::<RepositorySettings>(bench.actor(), PLACE);
    assert!(bench.opened.directory.unpin(&may, key).await.expect("is there").changed);
}

async fn remove(bench: &Bench, removal: Removal) -> Result<u64, Error> {
    let removed = bench.opened.storage.remove(bench.on::<Delete>(PLACE), vec![removal]).await?;
    Ok(removed.entries)
}

#[track_caller]
fn is_pinned<T: std::fmt::Debug>(done: Result<T, Error>, name: &str) {
    match done {
        Err(Error::Pinned { name: told, reason }) => assert_eq!((&*told, &*reason), (name, WHY)),
        other => panic!("{name} should be pinned: {other:?}"),
    }
}

async fn a_pinned_tag_stays_what_it_is(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, PLACE, b"one", "v1", false).await.expect("is new");
    push(&bench, PLACE, b"one", "v2", false).await.expect("is new");
    pin(&bench, &tag("v1"), None).await;
    is_pinned(push(&bench, PLACE, b"two", "v1", true).await, "web:v1");
    is_pinned(remove(&bench, Removal::Entry(tag("v1"))).await, "web:v1");
    let whole = |force| Removal::EntryAndPointers { key: manifest(&sha256(b"one")), force };
    is_pinned(remove(&bench, whole(false)).await, "web:v1");
    is_pinned(remove(&bench, whole(true)).await, "web:v1");
    let again = push(&bench, PLACE, b"one", "v1", false).await.expect("the same is no change");
    assert_eq!(again.entries, [EntryOutcome::Unchanged, EntryOutcome::Unchanged]);
    push(&bench, PLACE, b"two", "v2", true).await.expect("another tag moves");
    remove(&bench, Removal::Entry(tag("v2"))).await.expect("another tag goes");
    unpin(&bench, &tag("v1")).await;
    push(&bench, PLACE, b"two", "v1", true).await.expect("it moves again");
    pin(&bench, &manifest(&sha256(b"two")), None).await;
    is_pinned(
        remove(&bench, Removal::EntryAndPointers { key: manifest(&sha256(b"two")), force: false }).await,
        &manifest(&sha256(b"two")).to_string(),
    );
    remove(&bench, Removal::Entry(tag("v1"))).await.expect("what is pinned is the digest");
}

async fn the_image_of_a_pinned_tag_stays_whole(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, PLACE, b"member", "part", false).await.expect("is new");
    push(&bench, PLACE, b"index", "whole", false).await.expect("is new");
    let edge = NewEdge { kind: EdgeKind::Member, target: sha256(b"member").to_string().into() };
    let index = NewEntry { edges: vec![edge], ..entry(manifest(&sha256(b"outer")), sha256(b"outer")) };
    let may = bench.on::<Publish>(PLACE);
    let upload = bench.opened.storage.verified_bytes(&may, "outer".into(), None).await.expect("is stored");
    let tagged = entry(tag("outer"), sha256(b"outer"));
    let batch = Batch { uploads: vec![upload], entries: vec![index, tagged], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("is new");
    pin(&bench, &tag("outer"), None).await;
    let member = |force| Removal::EntryAndPointers { key: manifest(&sha256(b"member")), force };
    for force in [false, true] {
        is_pinned(remove(&bench, member(force)).await, "web:outer");
    }
    remove(&bench, Removal::EntryAndPointers { key: manifest(&sha256(b"index")), force: false })
        .await
        .expect("it belongs to nothing");
    unpin(&bench, &tag("outer")).await;
    remove(&bench, member(true)).await.expect("by force, as before");
}

async fn a_pinned_version_keeps_its_files(place: Place) {
    let bench = Bench::with(place, people()).await;
    for rule in [Rule::ByPolicy, Rule::Mutable] {
        let version = if rule == Rule::Mutable { "1-SNAPSHOT" } else { "1" };
        deploy(&bench, version, "a.jar", b"bytes", rule).await.expect("is new");
        deploy(&bench, "2", version, b"bytes", rule).await.expect("is new");
        let (key, gav) = (named(EntryKind::Version, "g:a", version), format!("g:a:{version}"));
        let told = format!("g:a@{version}");
        pin(&bench, &key, Some(&gav)).await;
        is_pinned(deploy(&bench, version, "a.jar", b"other", rule).await, &told);
        let same = deploy(&bench, version, "a.jar", b"bytes", rule).await.expect("the same is no change");
        assert_eq!(same, EntryOutcome::Unchanged);
        let beside = deploy(&bench, version, "a-sources.jar", b"text", rule).await;
        assert_eq!(beside.expect("nothing is replaced"), EntryOutcome::Created);
        let file = named(EntryKind::File, "g:a", &format!("{version}/a.jar"));
        is_pinned(remove(&bench, Removal::Entry(file)).await, &told);
        is_pinned(remove(&bench, Removal::Parts(gav.as_str().into())).await, &told);
        is_pinned(remove(&bench, Removal::Parts("g:a".into())).await, &told);
        remove(&bench, Removal::Entry(named(EntryKind::File, "g:a", &format!("2/{version}"))))
            .await
            .expect("of another version");
        unpin(&bench, &key).await;
        deploy(&bench, version, "a.jar", b"other", Rule::Mutable).await.expect("it is replaced again");
        remove(&bench, Removal::Parts(gav.as_str().into())).await.expect("it goes");
    }
}

async fn one_pin_keeps_all_of_many_parts(place: Place) {
    let bench = Bench::with(place, people()).await;
    for number in 0..70 {
        deploy(&bench, "1", &format!("a-{number}.jar"), b"bytes", Rule::ByPolicy).await.expect("is new");
    }
    let key = named(EntryKind::Version, "g:a", "1");
    pin(&bench, &key, Some("g:a:1")).await;
    for target in ["g:a:1", "g:a"] {
        is_pinned(remove(&bench, Removal::Parts(target.into())).await, "g:a@1");
    }
    for number in [0, 69] {
        let file = named(EntryKind::File, "g:a", &format!("1/a-{number}.jar"));
        bench.opened.storage.entry(&bench.on::<Read>(PLACE), &file).await.expect("is there");
    }
    unpin(&bench, &key).await;
    assert!(remove(&bench, Removal::Parts("g:a:1".into())).await.expect("they go") >= 70);
}

async fn a_pinned_version_is_not_unlisted(place: Place) {
    let bench = Bench::with(place, people()).await;
    let key = named(EntryKind::Version, "Lib", "1.0.0");
    let entries = vec![bare(key.clone(), Rule::ByPolicy, Vec::new())];
    let batch = Batch { entries, ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(PLACE), None, batch).await.expect("is new");
    pin(&bench, &key, None).await;
    is_pinned(remove(&bench, Removal::Unlist(key.clone())).await, "Lib@1.0.0");
    is_pinned(remove(&bench, Removal::Entry(key.clone())).await, "Lib@1.0.0");
    remove(&bench, Removal::Relist(key.clone())).await.expect("it is listed");
    let seen = bench.opened.storage.pins(&bench.on::<Read>(PLACE), &key, &key).await.expect("reads");
    assert_eq!(seen.iter().map(|pin| (&pin.key, &*pin.reason)).collect::<Vec<_>>(), [(&key, WHY)]);
    unpin(&bench, &key).await;
    remove(&bench, Removal::Unlist(key.clone())).await.expect("it is there");
    let seen = bench.opened.storage.pins(&bench.on::<Read>(PLACE), &key, &key).await.expect("reads");
    assert_eq!(seen, []);
}

async fn a_repository_with_a_pin_stays(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, PLACE, b"one", "v1", false).await.expect("is new");
    pin(&bench, &tag("v1"), None).await;
    let actor = bench.actor();
    let may = || bench.by::<RepositoryDelete>(actor, PLACE);
    for directory in [bench.opened.directory.clone(), bench.opened.directory.rehearsing()] {
        let refused = directory.remove_repository(&may(), whatever()).await;
        let Err(DirectoryError::Pinned { name, reason }) = refused else { panic!("{refused:?}") };
        assert_eq!((&*name, &*reason), ("web:v1 in alpha/images", WHY));
    }
    let (delete, manage) = (bench.on_project(actor, "alpha"), bench.on_project(actor, "alpha"));
    let refused = bench.opened.directory.remove_project(&delete, &manage, true, whatever()).await;
    assert!(matches!(refused, Err(DirectoryError::Pinned { .. })), "{refused:?}");
    unpin(&bench, &tag("v1")).await;
    bench.opened.directory.remove_repository(&may(), whatever()).await.expect("it goes");
}

async fn pins_have_reasons_and_are_on_the_record(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, PLACE, b"one", "v1", false).await.expect("is new");
    let directory = &bench.opened.directory;
    let may = bench.by::<RepositorySettings>(bench.actor(), PLACE);
    let new = |name: &str, reason: &str| NewPin { key: tag(name), parts: None, reason: reason.into() };
    for reason in ["", " ", "two\nlines", &"x".repeat(NewPin::REASON_BYTES_MAX + 1)] {
        let refused = directory.pin(&may, new("v1", reason)).await;
        assert!(matches!(refused, Err(DirectoryError::Refused(_))), "{refused:?}");
    }
    for absent in [directory.pin(&may, new("v2", WHY)).await, directory.unpin(&may, &tag("v2")).await] {
        assert!(matches!(absent, Err(DirectoryError::Absent)), "{absent:?}");
    }
    let tried = directory.rehearsing().pin(&may, new("v1", WHY)).await.expect("would");
    assert!(tried.changed && tried.rehearsed);
    assert!(!directory.unpin(&may, &tag("v1")).await.expect("is there").changed, "it was only tried");
    assert!(directory.pin(&may, new("v1", "first")).await.expect("is there").changed);
    assert!(!directory.pin(&may, new("v1", "first")).await.expect("is there").changed, "twice is once");
    assert!(directory.pin(&may, new("v1", WHY)).await.expect("is there").changed);
    assert!(directory.unpin(&may, &tag("v1")).await.expect("is there").changed);
    let told = directory.audit_events().await;
    let told = told.iter().filter(|event| event.action.starts_with("version."));
    let told: Vec<_> = told
        .map(|event| {
            let content = (event.content.before.as_deref(), event.content.after.as_deref());
            (&*event.action, &*event.object.name, content)
        })
        .collect();
    let (first, why) = (r#"{"reason":"first"}"#, format!(r#"{{"reason":"{WHY}"}}"#));
    let name = "alpha/images/web:v1";
    assert_eq!(
        told,
        [
            ("version.pin", name, (None, Some(first))),
            ("version.pin", name, (Some(first), Some(&*why))),
            ("version.unpin", name, (Some(&*why), None)),
        ]
    );
}
