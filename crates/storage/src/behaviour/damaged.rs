//! Bytes that are gone, cut short or altered, whoever did that to them.

use bytes::Bytes;
use domain::{Digest, Publish, Read};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};

use super::uploads::{pattern, read};
use super::{entry, manifest, push, sha256, stories, tag, two_projects};
use crate::testing::{Bench, Place, system};
use crate::{Batch, ContentError as Error, DamageCounts, EdgeKind, NewEdge, Precondition};

stories! {
    damaged_bytes_are_absent_until_they_are_pushed_again
    what_is_pushed_again_heals_every_repository
    a_damaged_name_is_absent_and_heals
    what_was_damaged_is_left_to_the_collection
    bytes_that_come_back_are_found_again
    a_manifest_that_names_damaged_bytes_is_not_whole
}

/// Small enough for memory, and not.
const LENGTHS: [usize; 2] = [1_000, 140_000];

/// What becomes of an object; `None` if it is gone.
pub(super) type Damage = fn(Vec<u8>) -> Option<Vec<u8>>;

const DAMAGES: [Damage; 3] = [
    |_| None,
    |mut bytes| {
        bytes.truncate(bytes.len() / 2);
        Some(bytes)
    },
    |mut bytes| {
        bytes[7] ^= 1;
        Some(bytes)
    },
];

/// All objects that are stored.
pub(super) async fn objects(bench: &Bench) -> Vec<(Path, Bytes)> {
    let store = bench.opened.storage.shared.blobs.store();
    let mut found = Vec::new();
    for object in store.list(None).try_collect::<Vec<_>>().await.expect("are listed") {
        // Beside the rows there may be files that are no objects.
        if object.location.as_ref().starts_with("blobs/") {
            let bytes = store.get(&object.location).await.expect("is there").bytes().await.expect("is read");
            found.push((object.location, bytes));
        }
    }
    found
}

/// Does something to the object that has these bytes; gives its place.
pub(super) async fn damage(bench: &Bench, bytes: &[u8], how: Damage) -> Path {
    let store = bench.opened.storage.shared.blobs.store();
    let (place, _) =
        objects(bench).await.into_iter().find(|(_, there)| *there == bytes).expect("the object is there");
    match how(bytes.to_vec()) {
        Some(other) => drop(store.put(&place, other.into()).await.expect("is written")),
        None => store.delete(&place).await.expect("is removed"),
    }
    place
}

async fn bring(bench: &Bench, repository: &str, bytes: &[u8]) -> Result<(), Error> {
    let may = bench.on::<Publish>(repository);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::copy_from_slice(bytes), None).await?;
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.map(drop)
}

/// What a download gives, up to where it breaks off, and whether it does.
async fn fetched(bench: &Bench, repository: &str, digest: &Digest) -> (u64, bool) {
    let Ok(blob) = bench.opened.storage.open_blob(&bench.on::<Read>(repository), digest).await else {
        return (0, false);
    };
    let Ok(mut stream) = blob.stream(0..u64::MAX).await else { return (0, false) };
    let mut sent = 0;
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => sent += piece.len() as u64,
            Err(_) => return (sent, false),
        }
    }
    (sent, true)
}

async fn damaged_bytes_are_absent_until_they_are_pushed_again(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let mut found = 0;
    for (kind, how) in DAMAGES.into_iter().enumerate() {
        for length in LENGTHS {
            let bytes = pattern(length + kind);
            let digest = sha256(&bytes);
            bring(&bench, "alpha/images", &bytes).await.expect("is new");
            damage(&bench, &bytes, how).await;
            let (sent, whole) = fetched(&bench, "alpha/images", &digest).await;
            assert!(sent < bytes.len() as u64 && !whole, "{kind} of {length}: {sent}");
            found += 1;
            let may = bench.on::<Read>("alpha/images");
            let looked = storage.stat_blob(&may, &digest).await;
            assert!(matches!(looked, Err(Error::Absent)), "{kind} of {length}: {looked:?}");
            assert_eq!(fetched(&bench, "alpha/images", &digest).await, (0, false));
            let mounted = storage.link_blob(&bench.on("beta/images"), &may, &digest).await;
            assert!(matches!(mounted, Err(Error::Absent)), "{mounted:?}");
            let batch = Batch { preconditions: vec![Precondition::Linked(digest)], ..Batch::default() };
            let named = storage.commit(bench.on("alpha/images"), None, batch).await;
            assert!(matches!(named, Err(Error::Unlinked { .. })), "{named:?}");
            let batch = Batch { entries: vec![entry(tag("a"), digest)], ..Batch::default() };
            let named = storage.commit(bench.on("alpha/images"), None, batch).await;
            assert!(matches!(named, Err(Error::Unlinked { .. })), "{named:?}");

            bring(&bench, "alpha/images", &bytes).await.expect("takes their place");
            storage.stat_blob(&may, &digest).await.expect("it is there again");
            assert_eq!(read(&bench, "alpha/images", &digest, 0..u64::MAX).await, bytes);
            storage.link_blob(&bench.on("beta/images"), &may, &digest).await.expect("it is there");
        }
    }
    assert_eq!(storage.damage(), DamageCounts { found, healed: found });
}

async fn what_is_pushed_again_heals_every_repository(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = pattern(140_000);
    let digest = sha256(&bytes);
    for repository in ["alpha/images", "beta/images"] {
        bring(&bench, repository, &bytes).await.expect("is new there");
        assert_eq!(read(&bench, repository, &digest, 0..u64::MAX).await, bytes);
    }
    let [lost, ..] = DAMAGES;
    damage(&bench, &bytes, lost).await;
    assert_eq!(fetched(&bench, "beta/images", &digest).await, (0, false));
    bring(&bench, "alpha/images", &bytes).await.expect("takes their place");
    assert_eq!(read(&bench, "beta/images", &digest, 0..u64::MAX).await, bytes);
    let bench = if bench.place.survives() { bench.reopened().await } else { bench };
    assert_eq!(read(&bench, "beta/images", &digest, 0..u64::MAX).await, bytes);
}

async fn a_damaged_name_is_absent_and_heals(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, "alpha/images", b"a manifest", "a", false).await.expect("is new");
    let may = bench.on::<Read>("alpha/images");
    let found = storage.entry(&may, &tag("a")).await.expect("is there");
    let [_, _, altered] = DAMAGES;
    damage(&bench, b"a manifest", altered).await;
    assert!(matches!(storage.content(&may, &found).await, Err(Error::Absent)));
    assert!(matches!(storage.entry(&may, &tag("a")).await, Err(Error::Absent)), "as its content");
    assert_eq!(storage.tend_damaged(&system()).await.expect("writes"), 1);
    assert!(matches!(storage.entry(&may, &tag("a")).await, Err(Error::Absent)), "by its row");
    push(&bench, "alpha/images", b"a manifest", "a", false).await.expect("nothing is replaced");
    let found = storage.entry(&may, &tag("a")).await.expect("is there again");
    assert_eq!(storage.content(&may, &found).await.expect("is right"), "a manifest");
}

async fn what_was_damaged_is_left_to_the_collection(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = pattern(140_000);
    bring(&bench, "alpha/images", &bytes).await.expect("is new");
    let [_, _, altered] = DAMAGES;
    let old = damage(&bench, &bytes, altered).await;
    fetched(&bench, "alpha/images", &sha256(&bytes)).await;
    bring(&bench, "alpha/images", &bytes).await.expect("takes their place");
    let places =
        |objects: Vec<(Path, Bytes)>| objects.into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    let there = places(objects(&bench).await);
    assert!(there.len() == 2 && there.contains(&old), "somebody may still read it: {there:?}");
    let purge = async || {
        let lease = bench.working("purge").await;
        bench.opened.storage.purge(&lease).await.expect("removes").items
    };
    bench.clock.advance_secs(24 * 3600 - 1);
    assert_eq!(purge().await, 0, "its time has not come");
    bench.clock.advance_secs(1);
    assert_eq!(purge().await, 1);
    let left = places(objects(&bench).await);
    assert!(left.len() == 1 && !left.contains(&old), "{left:?}");
    assert_eq!(read(&bench, "alpha/images", &sha256(&bytes), 0..u64::MAX).await, bytes);
}

async fn bytes_that_come_back_are_found_again(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (storage, bytes) = (&bench.opened.storage, pattern(140_000));
    let digest = sha256(&bytes);
    bring(&bench, "alpha/images", &bytes).await.expect("is new");
    let [lost, ..] = DAMAGES;
    let object = damage(&bench, &bytes, lost).await;
    assert_eq!(fetched(&bench, "alpha/images", &digest).await, (0, false));
    assert_eq!(storage.tend_damaged(&system()).await.expect("writes"), 1);
    storage.shared.blobs.store().put(&object, bytes.clone().into()).await.expect("is written");
    let may = bench.on::<Read>("alpha/images");
    let looked = storage.stat_blob(&may, &digest).await;
    assert!(matches!(looked, Err(Error::Absent)), "nobody has looked yet: {looked:?}");
    assert_eq!(storage.tend_damaged(&system()).await.expect("looks"), 1);
    storage.stat_blob(&may, &digest).await.expect("it is there again");
    assert_eq!(storage.tend_damaged(&system()).await.expect("looks"), 0, "nothing is left to do");
    assert_eq!(read(&bench, "alpha/images", &digest, 0..u64::MAX).await, bytes);
}

async fn a_manifest_that_names_damaged_bytes_is_not_whole(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (storage, layer) = (&bench.opened.storage, pattern(140_000));
    let [lost, ..] = DAMAGES;
    let about = |repository: &str, text: &'static [u8], kind: EdgeKind, target: Digest| {
        let may = bench.on::<Publish>(repository);
        async move {
            let upload = storage.verified_bytes(&may, Bytes::from_static(text), None).await.expect("right");
            let mut name = entry(manifest(&sha256(text)), sha256(text));
            name.edges = vec![NewEdge { kind, target: target.to_string().into() }];
            let batch = Batch { uploads: vec![upload], entries: vec![name], ..Batch::default() };
            storage.commit(may, None, batch).await.expect("is new");
        }
    };
    bring(&bench, "alpha/images", &layer).await.expect("is new");
    about("alpha/images", b"an image", EdgeKind::Blob, sha256(&layer)).await;
    about("alpha/images", b"an index", EdgeKind::Member, sha256(b"an image")).await;
    // Named as one that lies elsewhere: this repository does not have it, damaged or not.
    about("beta/images", b"an image of beta", EdgeKind::Blob, sha256(&layer)).await;
    let whole = async |repository: &str, text: &[u8]| {
        let may = bench.on::<Publish>(repository);
        storage.leases().is_whole(&may, &manifest(&sha256(text))).await.expect("is asked")
    };
    assert!(whole("alpha/images", b"an image").await);
    damage(&bench, &layer, lost).await;
    assert_eq!(fetched(&bench, "alpha/images", &sha256(&layer)).await, (0, false));
    assert!(!whole("alpha/images", b"an image").await);
    assert!(whole("alpha/images", b"an index").await, "its members are asked for one by one");
    assert!(whole("beta/images", b"an image of beta").await);
    bring(&bench, "alpha/images", &layer).await.expect("takes their place");
    assert!(whole("alpha/images", b"an image").await);
    damage(&bench, b"an image", lost).await;
    let may = bench.on::<Read>("alpha/images");
    assert!(storage.open_blob(&may, &sha256(b"an image")).await.is_err(), "it is gone");
    assert!(!whole("alpha/images", b"an index").await);
}
