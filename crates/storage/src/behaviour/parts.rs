//! Files of versions of packages: what Maven and NuGet ask of names beyond what images do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use domain::{
    Algorithm, Delete, EntryKey, EntryKind, EntryState, Limit, Overwrite, PackageName, Probe, Publish, Read,
    RefName, RepositorySettings,
};

use super::access::people;
use super::{sha256, two_projects, with_policy};
use crate::testing::{Bench, MAVEN, Place};
use crate::{
    Batch, ContentError as Error, DirectoryError, EdgeKind, EntryOutcome, EntryQuery, Listed, NewEdge,
    NewEntry, PairHalf, Precondition, Removal, Rule, digest_of,
};

const JARS: &str = "alpha/images";

super::stories! {
    all_digests_of_content_are_kept
    digests_of_a_half_are_never_computed
    what_is_part_of_nothing_any_more_goes
    parts_are_listed_and_removed_together
    bytes_that_another_content_names_stay
    replaced_content_is_no_longer_readable
    what_came_with_a_name_goes_with_it
    a_repeated_deploy_leaves_the_version_as_it_was
    immutable_names_never_change
    a_read_only_repository_takes_nothing
    a_removed_release_stays_reserved_until_somebody_lifts_it
    unlisted_names_are_listed_on_demand
    documents_are_rendered_once_for_each_state
    large_documents_are_kept
    who_was_given_a_document_asks_about_that_one
}

pub(super) fn package(name: &str) -> PackageName {
    PackageName::folded(name, &name.to_lowercase()).expect("a package")
}

pub(super) fn named(kind: EntryKind, of: &str, name: &str) -> EntryKey {
    EntryKey { kind, package: package(of), name: RefName::exact(name).expect("a name") }
}

fn part_of(target: &str) -> NewEdge {
    NewEdge { kind: EdgeKind::Part, target: target.into() }
}

pub(super) fn bare(key: EntryKey, rule: Rule, edges: Vec<NewEdge>) -> NewEntry {
    NewEntry {
        key,
        content: None,
        rule,
        media_type: Arc::from(""),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges,
    }
}

/// A file of a version, and the version with it, as Maven's deploy makes them.
pub(super) async fn deploy(
    bench: &Bench,
    version: &str,
    file: &str,
    bytes: &'static [u8],
    rule: Rule,
) -> Result<EntryOutcome, Error> {
    let (may, storage) = (bench.on::<Publish>(JARS), &bench.opened.storage);
    let mut upload =
        storage.begin_upload(&may).await?.hashed_also(&[Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha512]);
    upload.append(Bytes::from_static(bytes)).await?;
    let upload = upload.verify_any().await?;
    let content = Some(*upload.digest());
    let key = named(EntryKind::File, "g:a", &format!("{version}/{file}"));
    let edges = vec![part_of(&format!("g:a:{version}")), part_of("g:a")];
    let file = NewEntry { content, ..bare(key, rule, edges) };
    let version = bare(named(EntryKind::Version, "g:a", version), Rule::Derived, vec![part_of("g:a")]);
    let batch = Batch { uploads: vec![upload], entries: vec![file, version], ..Batch::default() };
    let committed = storage.commit(may, Some(bench.on::<Overwrite>(JARS)), batch).await?;
    Ok(committed.entries[0])
}

async fn versions(bench: &Bench) -> Result<Vec<String>, Error> {
    let (kind, package) = (EntryKind::Version, package("g:a"));
    let query = EntryQuery { kind, package: &package, unlisted: false, after: None, limit: Limit::MAX };
    let found = bench.opened.storage.entries(&bench.on::<Probe>(JARS), &query).await?;
    let Listed::Names { items, .. } = found else { return Err(Error::Absent) };
    Ok(items.iter().map(|entry| entry.key.name.display().to_owned()).collect())
}

async fn all_digests_of_content_are_kept(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    // The same bytes were here before without the other digests.
    super::push(&bench, "beta/images", b"bytes", "t", false).await.expect("is new");
    deploy(&bench, "1", "a.jar", b"bytes", Rule::ByPolicy).await.expect("is new");
    let read = bench.on::<Read>(JARS);
    let file = storage.entry(&read, &named(EntryKind::File, "g:a", "1/a.jar")).await.expect("is there");
    let bytes = Bytes::from_static(b"bytes");
    for _ in 0..2 {
        let digests = storage.digests(&read, &file).await.expect("are there");
        for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            assert!(digests.contains(&digest_of(algorithm, &bytes).expect("a digest")), "{algorithm:?}");
        }
        assert_eq!(digests.len(), 4);
    }
    let version = storage.entry(&read, &named(EntryKind::Version, "g:a", "1")).await.expect("is there");
    assert!(storage.digests(&read, &version).await.expect("a name without bytes").is_empty());
    let foreign = storage.digests(&bench.on::<Read>("beta/images"), &file).await;
    assert!(matches!(foreign, Err(Error::Absent)), "{foreign:?}");
}

async fn bytes_that_another_content_names_stay(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    for (version, bytes) in [("1", &b"layer"[..]), ("2", b"other layer")] {
        deploy(&bench, version, "a.jar", bytes, Rule::ByPolicy).await.expect("is new");
    }
    let may = bench.on::<Publish>(JARS);
    let upload = storage.verified_bytes(&may, Bytes::from_static(b"made of it"), None).await.expect("begins");
    let digests = [sha256(b"layer"), sha256(b"other layer")];
    let edges = digests.map(|digest| NewEdge { kind: EdgeKind::Blob, target: digest.to_string().into() });
    let of_it = named(EntryKind::Manifest, "h:b", "m");
    let entry =
        NewEntry { content: Some(*upload.digest()), ..bare(of_it.clone(), Rule::ByPolicy, edges.into()) };
    let batch = Batch { uploads: vec![upload], entries: vec![entry], ..Batch::default() };
    storage.commit(may, None, batch).await.expect("is new");

    // All files of one version, and the one file of the other by its name.
    for removal in [Removal::Parts("g:a:1".into()), Removal::Entry(named(EntryKind::File, "g:a", "2/a.jar"))]
    {
        storage.remove(bench.on::<Delete>(JARS), vec![removal]).await.expect("goes");
    }
    let read = bench.on::<Read>(JARS);
    for digest in digests {
        storage.stat_blob(&read, &digest).await.expect("it is named still");
    }
    storage.remove(bench.on::<Delete>(JARS), vec![Removal::Entry(of_it)]).await.expect("goes");
    for digest in digests {
        storage
            .remove(bench.on::<Delete>(JARS), vec![Removal::Link(digest)])
            .await
            .expect("nothing names it");
    }
}

async fn digests_of_a_half_are_never_computed(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (may, storage) = (bench.on::<Publish>(JARS), &bench.opened.storage);
    let mut upload = storage.begin_upload(&may).await.expect("begins").hashed_also(&[Algorithm::Md5]);
    let id = upload.id();
    upload.append(Bytes::from_static(b"one ")).await.expect("takes");
    upload.save().await.expect("saves");
    let resumed = storage.resume_upload(&may, id).await.expect("goes on");
    let mut resumed = resumed.hashed_also(&[Algorithm::Md5, Algorithm::Sha512]);
    resumed.append(Bytes::from_static(b"two")).await.expect("takes");
    let verified = resumed.hashed_also(&[Algorithm::Sha1]).verify_any().await.expect("is whole");
    assert_eq!(verified.digests(), [sha256(b"one two")]);
}

async fn what_is_part_of_nothing_any_more_goes(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    deploy(&bench, "1", "a.jar", b"jar", Rule::ByPolicy).await.expect("is new");
    deploy(&bench, "1", "a.pom", b"pom", Rule::ByPolicy).await.expect("is new");
    let orphan = |key, of: &str| Removal::Orphan { key, of: of.into() };
    let without = |file: &str| {
        vec![
            Removal::Entry(named(EntryKind::File, "g:a", file)),
            orphan(named(EntryKind::Version, "g:a", "1"), "g:a:1"),
        ]
    };
    storage.remove(bench.on::<Delete>(JARS), without("1/a.jar")).await.expect("is there");
    assert_eq!(versions(&bench).await.expect("still a file"), ["1"]);
    storage.remove(bench.on::<Delete>(JARS), without("1/a.pom")).await.expect("is there");
    assert!(matches!(versions(&bench).await, Err(Error::Absent)), "the last file takes the version along");
    let again = storage.remove(bench.on::<Delete>(JARS), without("1/a.pom")).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");

    let plugin = |of: &str| Batch {
        preconditions: vec![Precondition::Parts(of.into())],
        entries: vec![bare(named(EntryKind::Tag, "g", "a"), Rule::Derived, Vec::new())],
        ..Batch::default()
    };
    let early = storage.commit(bench.on::<Publish>(JARS), None, plugin("g:a")).await;
    assert!(matches!(&early, Err(Error::AbsentEntries { names }) if *names == ["g:a".into()]), "{early:?}");
    deploy(&bench, "2", "a.jar", b"jar", Rule::ByPolicy).await.expect("is new");
    storage.commit(bench.on::<Publish>(JARS), None, plugin("g:a")).await.expect("there is an artifact now");
}

async fn parts_are_listed_and_removed_together(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    for version in ["1", "2"] {
        for file in ["a.jar", "a.pom"] {
            deploy(&bench, version, file, b"bytes", Rule::ByPolicy).await.expect("is new");
        }
    }
    let parts = async |of: &str| {
        let may = bench.on::<Probe>(JARS);
        let found = storage.pointing_to(&may, (EdgeKind::Part, of), &package("g:a"), None, Limit::MAX).await;
        found.expect("a list").iter().map(|entry| entry.key.name.display().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(parts("g:a:1").await, ["1/a.jar", "1/a.pom"]);
    let version = named(EntryKind::Version, "g:a", "1");
    let removals = vec![Removal::Parts("g:a:1".into()), Removal::Orphan { key: version, of: "g:a:1".into() }];
    let removed = storage.remove(bench.on::<Delete>(JARS), removals.clone()).await.expect("are there");
    assert_eq!(removed.entries, 2);
    assert_eq!(versions(&bench).await.expect("one is left"), ["2"]);
    let again = storage.remove(bench.on::<Delete>(JARS), removals).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    // The other version has the same bytes: they stay readable for it.
    let read = bench.on::<Read>(JARS);
    let left = storage.entry(&read, &named(EntryKind::File, "g:a", "2/a.jar")).await.expect("stays");
    assert_eq!(storage.content(&read, &left).await.expect("stays"), "bytes");
    storage.remove(bench.on::<Delete>(JARS), vec![Removal::Parts("g:a".into())]).await.expect("are there");
    assert!(matches!(versions(&bench).await, Err(Error::Absent)));
    assert!(matches!(storage.open_blob(&read, &sha256(b"bytes")).await, Err(Error::Absent)));
}

async fn replaced_content_is_no_longer_readable(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    deploy(&bench, "1", "a.jar", b"one", Rule::Mutable).await.expect("is new");
    deploy(&bench, "1", "b.jar", b"one", Rule::Mutable).await.expect("is new");
    let readable = async |bytes| storage.open_blob(&bench.on::<Read>(JARS), &sha256(bytes)).await.is_ok();
    deploy(&bench, "1", "a.jar", b"two", Rule::Mutable).await.expect("is replaced");
    assert!(readable(b"one").await, "another name has it");
    deploy(&bench, "1", "b.jar", b"two", Rule::Mutable).await.expect("is replaced");
    assert!(!readable(b"one").await);
    assert!(readable(b"two").await);
}

/// A name whose content has files in it that are blobs of their own, as symbols have.
async fn enclosing(bench: &Bench, name: &str, content: &str, enclosed: &[&str]) {
    let (may, storage) = (bench.on::<Publish>(JARS), &bench.opened.storage);
    let (mut uploads, mut edges) = (Vec::new(), Vec::new());
    for file in enclosed {
        let upload = storage.verified_bytes(&may, Bytes::copy_from_slice(file.as_bytes()), None).await;
        let target = sha256(file.as_bytes()).to_string().into();
        edges.push(NewEdge { kind: EdgeKind::Blob, target });
        uploads.push(upload.expect("is whole"));
    }
    let upload = storage.verified_bytes(&may, Bytes::copy_from_slice(content.as_bytes()), None).await;
    uploads.push(upload.expect("is whole"));
    let key = named(EntryKind::File, "lib", name);
    let content = Some(sha256(content.as_bytes()));
    let entries = vec![NewEntry { content, ..bare(key, Rule::Overwritable, edges) }];
    let batch = Batch { uploads, entries, ..Batch::default() };
    storage.commit(may, Some(bench.on::<Overwrite>(JARS)), batch).await.expect("may be replaced");
}

async fn what_came_with_a_name_goes_with_it(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let readable = async |files: &[&str]| {
        let mut readable = Vec::new();
        for file in files {
            let blob = storage.open_blob(&bench.on::<Read>(JARS), &sha256(file.as_bytes())).await;
            readable.push(blob.is_ok());
        }
        readable
    };
    enclosing(&bench, "1", "first", &["x", "y"]).await;
    enclosing(&bench, "2", "second", &["y", "z"]).await;
    assert_eq!(readable(&["x", "y", "z"]).await, [true, true, true]);
    enclosing(&bench, "1", "third", &["w"]).await;
    assert_eq!(readable(&["w", "x", "y", "z"]).await, [true, false, true, true]);
    let second = Removal::Entry(named(EntryKind::File, "lib", "2"));
    storage.remove(bench.on::<Delete>(JARS), vec![second]).await.expect("is there");
    assert_eq!(readable(&["w", "x", "y", "z"]).await, [true, false, false, false]);
    // More than are cleared away at once.
    let many: Vec<String> = (0..130).map(|number| format!("file {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    enclosing(&bench, "1", "fourth", &many).await;
    assert_eq!(readable(&["w", "file 0", "file 129"]).await, [false, true, true]);
    let orphan = Removal::Orphan { key: named(EntryKind::File, "lib", "1"), of: "lib:1".into() };
    storage.remove(bench.on::<Delete>(JARS), vec![orphan]).await.expect("is there");
    assert_eq!(readable(&["fourth", "file 0", "file 129"]).await, [false, false, false]);
}

/// Deploying the same again changes nothing that anybody could see, not even a time.
async fn a_repeated_deploy_leaves_the_version_as_it_was(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let changed = async || {
        let read = bench.on::<Read>(JARS);
        let version = bench.opened.storage.entry(&read, &named(EntryKind::Version, "g:a", "1")).await;
        version.expect("is there").changed_at.millis()
    };
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("is new");
    let first = changed().await;
    bench.clock.advance_secs(60);
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("the same");
    assert_eq!(changed().await, first);
    deploy(&bench, "1", "a.pom", b"two", Rule::ByPolicy).await.expect("is new");
    assert_eq!(changed().await, first + 60_000);
}

async fn immutable_names_never_change(place: Place) {
    let bench = Bench::with(place, with_policy(MAVEN, r#"{"releases":"replace"}"#)).await;
    let file = "a-1-20260102.030405-1.jar";
    deploy(&bench, "1-SNAPSHOT", file, b"one", Rule::Immutable).await.expect("is new");
    let same = deploy(&bench, "1-SNAPSHOT", file, b"one", Rule::Immutable).await.expect("same bytes");
    assert_eq!(same, EntryOutcome::Unchanged);
    let other = deploy(&bench, "1-SNAPSHOT", file, b"two", Rule::Immutable).await;
    assert!(matches!(other, Err(Error::Conflict)), "whatever the repository allows: {other:?}");
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("is new");
    bench.clock.advance_secs(60);
    let replaced = deploy(&bench, "1", "a.jar", b"two", Rule::ByPolicy).await.expect("may be replaced");
    assert_eq!(replaced, EntryOutcome::Replaced);
    let read = bench.on::<Read>(JARS);
    let file =
        bench.opened.storage.entry(&read, &named(EntryKind::File, "g:a", "1/a.jar")).await.expect("is there");
    assert_eq!(file.changed_at.millis() - file.created_at.millis(), 60_000);
}

async fn a_removed_release_stays_reserved_until_somebody_lifts_it(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (storage, directory) = (&bench.opened.storage, &bench.opened.directory);
    let settings = || bench.by::<RepositorySettings>(bench.actor(), JARS);
    let listed = async |after: Option<&EntryKey>| {
        let may = bench.on::<Read>(JARS);
        let all = directory.tombstones(&may, after.cloned(), Limit::MAX).await.expect("are listed");
        all.into_iter().map(|one| one.tombstone).collect::<Vec<_>>()
    };
    let reserved = async || listed(None).await.into_iter().map(|one| one.key).collect::<Vec<_>>();
    for (file, bytes) in [("a.jar", b"one" as &[u8]), ("a.pom", b"two")] {
        deploy(&bench, "1", file, bytes, Rule::ByPolicy).await.expect("is new");
    }
    deploy(&bench, "1-SNAPSHOT", "a.jar", b"snapshot", Rule::Mutable).await.expect("is new");
    storage.remove(bench.on::<Delete>(JARS), vec![Removal::Parts("g:a".into())]).await.expect("is there");
    let keys = ["1/a.jar", "1/a.pom"].map(|name| named(EntryKind::File, "g:a", name));
    assert_eq!(reserved().await, keys);
    let rest = listed(Some(&keys[0])).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].sha256, sha256(b"two"));
    let other = deploy(&bench, "1", "a.jar", b"other", Rule::ByPolicy).await;
    assert!(matches!(&other, Err(Error::Reserved { name }) if **name == keys[0]), "{other:?}");
    deploy(&bench, "1-SNAPSHOT", "a.jar", b"other", Rule::Mutable).await.expect("snapshots are not reserved");
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("the same bytes come back");
    assert_eq!(reserved().await, keys[1..]);
    directory.lift_tombstone(&settings(), keys[1..].to_vec()).await.expect("is reserved");
    let again = directory.lift_tombstone(&settings(), keys[1..].to_vec()).await;
    assert!(matches!(again, Err(DirectoryError::Absent)), "{again:?}");
    deploy(&bench, "1", "a.pom", b"other", Rule::ByPolicy).await.expect("is free");
    // One name alone, as of a package that is a file.
    storage.remove(bench.on::<Delete>(JARS), vec![Removal::Entry(keys[0].clone())]).await.expect("is there");
    assert_eq!(reserved().await, keys[..1]);
}

async fn a_read_only_repository_takes_nothing(place: Place) {
    let bench = Bench::with(place, with_policy(MAVEN, r#"{"releases":"read-only"}"#)).await;
    for rule in [Rule::ByPolicy, Rule::Mutable, Rule::Overwritable, Rule::Immutable] {
        let refused = deploy(&bench, "1", "a.jar", b"one", rule).await;
        assert!(matches!(refused, Err(Error::Conflict)), "{rule:?}: {refused:?}");
    }
    assert!(matches!(versions(&bench).await, Err(Error::Absent)));
}

async fn unlisted_names_are_listed_on_demand(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("is new");
    deploy(&bench, "2", "a.jar", b"two", Rule::ByPolicy).await.expect("is new");
    let unlist = vec![Removal::Unlist(named(EntryKind::Version, "g:a", "1"))];
    storage.remove(bench.on::<Delete>(JARS), unlist).await.expect("is there");
    assert_eq!(versions(&bench).await.expect("one is left"), ["2"]);
    let (kind, package) = (EntryKind::Version, package("g:a"));
    let query = EntryQuery { kind, package: &package, unlisted: true, after: None, limit: Limit::MAX };
    let all = storage.entries(&bench.on::<Read>(JARS), &query).await.expect("a list").into_items();
    let states: Vec<_> = all.iter().map(|entry| (entry.key.name.display(), entry.state)).collect();
    assert_eq!(states, [("1", EntryState::Unlisted), ("2", EntryState::Live)]);
    deploy(&bench, "1", "b.jar", b"one", Rule::ByPolicy).await.expect("is new");
    assert_eq!(versions(&bench).await.expect("one is left"), ["2"], "what is derived relists nothing");
}

async fn documents_are_rendered_once_for_each_state(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let rendered = AtomicUsize::new(0);
    let document = async |name: &str| {
        let render = || async {
            rendered.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(versions(&bench).await?.join(" ").into())
        };
        bench.opened.storage.derived(&bench.stand(bench.on::<Probe>(JARS)), name, render).await
    };
    let none = document("versions").await;
    assert!(matches!(none, Err(Error::Absent)), "a failure is passed on and not kept: {none:?}");
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("is new");
    rendered.store(0, Ordering::SeqCst);
    let many = futures_util::future::join_all((0..8).map(|_| document("versions"))).await;
    assert!(many.into_iter().all(|one| one.expect("a document") == "1"));
    assert_eq!(rendered.load(Ordering::SeqCst), 1, "equal ones wait for the first");
    assert_eq!(document("other").await.expect("a document"), "1");
    assert_eq!(rendered.load(Ordering::SeqCst), 2, "each name is a document of its own");
    deploy(&bench, "2", "a.jar", b"two", Rule::ByPolicy).await.expect("is new");
    assert_eq!(document("versions").await.expect("a document"), "1 2");
    let unlist = vec![Removal::Unlist(named(EntryKind::Version, "g:a", "1"))];
    bench.opened.storage.remove(bench.on::<Delete>(JARS), unlist).await.expect("is there");
    assert_eq!(document("versions").await.expect("a document"), "2");
}

async fn large_documents_are_kept(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let rendered = AtomicUsize::new(0);
    for _ in 0..3 {
        let render = || async {
            rendered.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(Bytes::from(vec![b'x'; 6 << 20]))
        };
        let of = bench.stand(bench.on::<Probe>(JARS));
        let document = bench.opened.storage.derived(&of, "large", render).await;
        assert_eq!(document.expect("a document").len(), 6 << 20);
    }
    assert_eq!(rendered.load(Ordering::SeqCst), 1);
}

async fn who_was_given_a_document_asks_about_that_one(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let render = || async { Ok::<_, Error>(versions(&bench).await?.join(" ").into()) };
    let told = async |who, half| {
        let of = bench.stand(bench.by::<Probe>(who, JARS));
        let document = storage.derived_paired(&of, "versions", half, render).await;
        document.expect("a document")
    };
    let given = async |who| told(who, PairHalf::Document).await;
    let asked = async |who| told(who, PairHalf::Companion).await;
    let (alice, bob) = (bench.actor(), bench.actor() + 1);
    deploy(&bench, "1", "a.jar", b"one", Rule::ByPolicy).await.expect("is new");
    assert_eq!(given(alice).await, "1");
    deploy(&bench, "2", "a.jar", b"two", Rule::ByPolicy).await.expect("is new");
    assert_eq!((asked(alice).await, asked(bob).await), ("1".into(), "1 2".into()));
    assert_eq!(given(bob).await, "1 2");
    assert_eq!((asked(alice).await, asked(bob).await), ("1".into(), "1 2".into()));
    bench.clock.advance_secs(4);
    assert_eq!(asked(alice).await, "1");
    bench.clock.advance_secs(1);
    assert_eq!(asked(alice).await, "1 2", "a moment has an end");

    assert_eq!(given(alice).await, "1 2");
    let unlist = vec![Removal::Unlist(named(EntryKind::Version, "g:a", "1"))];
    storage.remove(bench.on::<Delete>(JARS), unlist).await.expect("is there");
    assert_eq!(asked(alice).await, "2", "what was removed is gone for everybody");
}
