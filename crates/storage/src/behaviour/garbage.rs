//! Garbage is collected, and nothing else: what no name needs goes after its time, its bytes after theirs, and whatever happens in
//! between is met (docs/operations.md 2.4).

use bytes::Bytes;
use domain::{
    Algorithm, AuditView, Delete, Digest, EntryKey, EntryKind, Limit, Probe, Publish, Read, RefName,
};
use futures_util::StreamExt as _;

use super::damaged::objects;
use super::uploads::{pattern, read};
use super::{entry, manifest, push, sha256, stories, tag, two_projects};
use crate::sql::{Tx, garbage, one};
use crate::testing::{Bench, Place};
use crate::{
    Batch, CollectCursor, ContentError as Error, EdgeKind, NewEdge, Precondition, Removal, Worked, digest_of,
};

mod doors;
mod together;

use doors::{
    a_repository_that_is_deleted_frees_its_bytes, every_door_leads_to_the_collection,
    what_many_edges_named_goes_too,
};
use together::nothing_that_a_tag_names_is_ever_missing;

stories! {
    a_deleted_image_is_freed_to_the_byte_and_shared_layers_stay
    an_image_without_a_tag_stays_with_its_layers
    what_was_pushed_and_never_named_goes_a_day_later
    whoever_asks_for_a_layer_keeps_it_for_another_day
    a_layer_named_meanwhile_stays
    a_mounted_layer_stands_though_its_source_goes
    the_same_bytes_pushed_again_are_stored_anew
    content_named_by_its_other_digest_stays
    a_download_goes_on_while_its_bytes_go
    who_lost_the_work_collects_nothing
    bytes_that_were_gone_already_are_removed_again
    bytes_that_cannot_be_removed_do_not_keep_the_rest
    garbage_of_earlier_versions_is_found_by_the_walk
    every_door_leads_to_the_collection
    what_many_edges_named_goes_too
    a_repository_that_is_deleted_frees_its_bytes
    nothing_that_a_tag_names_is_ever_missing
}

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
const IMAGES: &str = "alpha/images";

/// Bytes that are stored, all together.
pub(super) async fn stored(bench: &Bench) -> u64 {
    objects(bench).await.iter().map(|(_, bytes)| bytes.len() as u64).sum()
}

/// Lets each worker run until nothing is left to be done, and gives how many things each dealt with.
pub(super) async fn collect(bench: &Bench) -> [u64; 3] {
    let storage = &bench.opened.storage;
    let (mut cursor, mut done) = (CollectCursor::default(), [0; 3]);
    loop {
        let lease = bench.working("links").await;
        let links = storage.collect_links(&lease, &mut cursor).await.expect("a step");
        let lease = bench.working("blobs").await;
        let blobs = storage.collect_blobs(&lease, &mut cursor).await.expect("a step");
        let lease = bench.working("purge").await;
        let bytes = storage.purge(&lease).await.expect("a step");
        let steps = [links, blobs, bytes];
        done.iter_mut().zip(steps).for_each(|(sum, step)| *sum += step.items);
        if steps.into_iter().all(Worked::is_nothing) {
            return done;
        }
    }
}

/// Until everything that is garbage by now is gone.
pub(super) async fn collect_all(bench: &Bench) {
    for _ in 0..5 {
        bench.clock.advance_secs(DAY + HOUR);
        collect(bench).await;
    }
}

/// What is condemned, and what has been freed, in bytes.
pub(super) async fn told(bench: &Bench) -> (u64, u64) {
    let read = |tx: &mut dyn Tx| {
        let sum = |tx: &mut dyn Tx, sql: &'static str| one(tx, sql, &[], |row| row.count(0));
        let waiting = sum(tx, "SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM condemned")?;
        Ok((waiting, sum(tx, "SELECT CAST(coalesce(sum(freed_bytes), 0) AS BIGINT) FROM collected")?))
    };
    bench.opened.storage.shared.database.read(read).await.expect("is read")
}

pub(super) async fn bring(bench: &Bench, repository: &str, bytes: &[u8]) -> Digest {
    let may = bench.on::<Publish>(repository);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::copy_from_slice(bytes), None).await;
    let batch = Batch { uploads: vec![upload.expect("is stored")], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("is linked");
    sha256(bytes)
}

/// Names layers that are there, as a manifest does, with a tag.
pub(super) async fn name(
    bench: &Bench,
    repository: &str,
    bytes: &'static [u8],
    layers: &[Digest],
    name: &str,
) -> Result<Digest, Error> {
    let may = bench.on::<Publish>(repository);
    let digest = sha256(bytes);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await?;
    let edge = |digest: &Digest| NewEdge { kind: EdgeKind::Blob, target: digest.to_string().into() };
    let mut image = entry(manifest(&digest), digest);
    image.edges = layers.iter().map(edge).collect();
    let batch = Batch {
        preconditions: layers.iter().map(|layer| Precondition::Linked(*layer)).collect(),
        uploads: vec![upload],
        entries: vec![image, entry(tag(name), digest)],
        ..Batch::default()
    };
    bench.opened.storage.commit(may, Some(bench.on(repository)), batch).await.map(|_| digest)
}

pub(super) async fn delete(bench: &Bench, repository: &str, digest: &Digest) {
    let removal = Removal::EntryAndPointers { key: manifest(digest), force: false };
    let may = bench.on::<Delete>(repository);
    bench.opened.storage.remove(may, vec![removal]).await.expect("goes");
}

pub(super) async fn is_there(bench: &Bench, repository: &str, digest: &Digest) -> bool {
    bench.opened.storage.stat_blob(&bench.on::<Probe>(repository), digest).await.is_ok()
}

async fn a_deleted_image_is_freed_to_the_byte_and_shared_layers_stay(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let shared = bring(&bench, IMAGES, &pattern(5000)).await;
    let own = bring(&bench, IMAGES, &pattern(150_000)).await;
    let gone = name(&bench, IMAGES, b"the first image", &[shared, own], "1").await.expect("is new");
    let kept = name(&bench, IMAGES, b"the other image", &[shared], "2").await.expect("is new");
    bench.clock.advance_secs(2 * DAY);
    collect(&bench).await;
    assert_eq!(told(&bench).await, (0, 0), "all of it is named");
    let before = stored(&bench).await;
    delete(&bench, IMAGES, &gone).await;
    assert!(!is_there(&bench, IMAGES, &gone).await && is_there(&bench, IMAGES, &own).await);
    bench.clock.advance_secs(HOUR - 1);
    collect(&bench).await;
    assert!(is_there(&bench, IMAGES, &own).await, "somebody may be about to name it");
    bench.clock.advance_secs(1);
    collect(&bench).await;
    assert!(!is_there(&bench, IMAGES, &own).await && is_there(&bench, IMAGES, &shared).await);
    bench.clock.advance_secs(HOUR);
    collect(&bench).await;
    let garbage = 150_000 + b"the first image".len() as u64;
    assert_eq!(told(&bench).await, (garbage, 0));
    assert_eq!(stored(&bench).await, before, "bytes stay for their window");
    let may = bench.on_organisation::<AuditView>(bench.actor());
    let shown = bench.opened.directory.garbage(&may, None, Limit::MAX).await.expect("is told");
    let goes_at = Some(bench.opened.storage.now().plus_secs(DAY));
    assert_eq!(shown.len(), 2, "all together, and the one repository: {shown:?}");
    for row in &shown {
        assert_eq!((row.removed, row.waiting, row.freed), (2, 2, 0), "{row:?}");
        assert_eq!((row.removed_bytes, row.waiting_bytes, row.freed_bytes), (garbage, garbage, 0), "{row:?}");
        assert!(row.first_goes_at <= row.last_goes_at && row.last_goes_at <= goes_at, "{row:?}");
    }
    assert_eq!(shown[1].repository.as_deref(), Some("images"));
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    assert_eq!(told(&bench).await, (0, garbage));
    assert_eq!(stored(&bench).await, before - garbage);
    assert_eq!(read(&bench, IMAGES, &shared, 0..u64::MAX).await, pattern(5000));
    assert_eq!(read(&bench, IMAGES, &kept, 0..u64::MAX).await, b"the other image");
}

async fn an_image_without_a_tag_stays_with_its_layers(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let layer = bring(&bench, IMAGES, b"a layer").await;
    let image = name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("is new");
    bench.opened.storage.remove(bench.on(IMAGES), vec![Removal::Entry(tag("1"))]).await.expect("goes");
    collect_all(&bench).await;
    assert!(is_there(&bench, IMAGES, &image).await && is_there(&bench, IMAGES, &layer).await);
}

async fn what_was_pushed_and_never_named_goes_a_day_later(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let layer = bring(&bench, IMAGES, b"never named").await;
    bench.clock.advance_secs(DAY - 1);
    collect(&bench).await;
    assert!(is_there(&bench, IMAGES, &layer).await);
    bench.clock.advance_secs(1);
    collect(&bench).await;
    assert!(!is_there(&bench, IMAGES, &layer).await);
    let late = name(&bench, IMAGES, b"an image", &[layer], "1").await;
    assert!(matches!(late, Err(Error::Unlinked { .. })), "the client pushes it again: {late:?}");
    bring(&bench, IMAGES, b"never named").await;
    name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("all of it is there");
    collect_all(&bench).await;
    assert_eq!(read(&bench, IMAGES, &layer, 0..u64::MAX).await, b"never named");
}

async fn whoever_asks_for_a_layer_keeps_it_for_another_day(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let layer = bring(&bench, IMAGES, b"asked for").await;
    bench.clock.advance_secs(DAY - 60);
    let leases = bench.opened.storage.leases();
    leases.hold_blob(&bench.on(IMAGES), &layer).await.expect("is there");
    bench.clock.advance_secs(DAY - HOUR);
    collect(&bench).await;
    name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("it was told that it is there");
    collect_all(&bench).await;
    assert_eq!(read(&bench, IMAGES, &layer, 0..u64::MAX).await, b"asked for");
}

/// The candidate is due, and between the look for it and the deed a manifest names the layer.
async fn a_layer_named_meanwhile_stays(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let layer = bring(&bench, IMAGES, b"a layer").await;
    bench.clock.advance_secs(2 * DAY);
    let storage = &bench.opened.storage;
    let settled = storage.now().plus_secs(-HOUR);
    let due = storage.shared.database.read(move |tx| garbage::due_links(tx, settled, 9)).await;
    assert_eq!(due.expect("is read").len(), 1);
    name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("it is there");
    collect_all(&bench).await;
    assert_eq!(read(&bench, IMAGES, &layer, 0..u64::MAX).await, b"a layer");
    // It is due again once nothing names it, though its candidate was dropped.
    delete(&bench, IMAGES, &sha256(b"an image")).await;
    collect_all(&bench).await;
    assert_eq!(stored(&bench).await, 0);
}

async fn a_mounted_layer_stands_though_its_source_goes(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let [layer, unused] = [bring(&bench, IMAGES, b"a layer").await, bring(&bench, IMAGES, b"other").await];
    bench.clock.advance_secs(DAY - 1);
    for digest in [layer, unused] {
        storage
            .link_blob(&bench.on("beta/images"), &bench.on::<Read>(IMAGES), &digest)
            .await
            .expect("mounts");
    }
    bench.clock.advance_secs(2);
    collect(&bench).await;
    assert!(!is_there(&bench, IMAGES, &layer).await && is_there(&bench, "beta/images", &layer).await);
    name(&bench, "beta/images", b"an image", &[layer], "1").await.expect("it is there");
    collect_all(&bench).await;
    assert_eq!(read(&bench, "beta/images", &layer, 0..u64::MAX).await, b"a layer");
    assert!(!is_there(&bench, "beta/images", &unused).await, "nothing names it there");
    assert_eq!(stored(&bench).await, (b"a layer".len() + b"an image".len()) as u64);
}

async fn the_same_bytes_pushed_again_are_stored_anew(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = pattern(140_000);
    let digest = bring(&bench, IMAGES, &bytes).await;
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    // Nobody links it, and it is not condemned yet: it is found and used again.
    bring(&bench, IMAGES, &bytes).await;
    bench.clock.advance_secs(HOUR);
    collect(&bench).await;
    assert_eq!((told(&bench).await, objects(&bench).await.len()), ((0, 0), 1));
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    bench.clock.advance_secs(HOUR);
    collect(&bench).await;
    assert_eq!(told(&bench).await, (140_000, 0));
    // Condemned: the same bytes are another object, and the old one goes beside it.
    bring(&bench, IMAGES, &bytes).await;
    assert_eq!(objects(&bench).await.len(), 2);
    push(&bench, "beta/images", b"another", "1", false).await.expect("is new");
    name(&bench, IMAGES, b"an image", &[digest], "1").await.expect("it is there");
    collect_all(&bench).await;
    assert_eq!(told(&bench).await, (0, 140_000));
    assert_eq!(read(&bench, IMAGES, &digest, 0..u64::MAX).await, bytes);
    assert_eq!(objects(&bench).await.len(), 3);
}

async fn content_named_by_its_other_digest_stays(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>(IMAGES);
    let bytes = Bytes::from_static(b"known by two");
    let other = digest_of(Algorithm::Sha512, &bytes).expect("a digest");
    let upload = bench.opened.storage.verified_bytes(&may, bytes, Some(&other)).await.expect("is stored");
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("is linked");
    name(&bench, IMAGES, b"an image", &[other], "1").await.expect("it is there");
    collect_all(&bench).await;
    assert_eq!(read(&bench, IMAGES, &sha256(b"known by two"), 0..u64::MAX).await, b"known by two");
}

async fn a_download_goes_on_while_its_bytes_go(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    // Bytes in a store stay until long after the last link: only an open file is sure to outlive them.
    if in_files(&bench).is_none() {
        return;
    }
    let bytes = pattern(900_000);
    let digest = bring(&bench, IMAGES, &bytes).await;
    let blob = bench.opened.storage.open_blob(&bench.on::<Read>(IMAGES), &digest).await.expect("is there");
    let mut stream = blob.stream(0..u64::MAX).await.expect("begins");
    let mut got = stream.next().await.expect("a piece").expect("is read").to_vec();
    collect_all(&bench).await;
    assert_eq!(stored(&bench).await, 0);
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.expect("is read"));
    }
    assert_eq!(got, bytes);
}

async fn who_lost_the_work_collects_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let layer = bring(&bench, IMAGES, b"a layer").await;
    bench.clock.advance_secs(2 * DAY);
    let lost = [bench.working("links").await, bench.working("blobs").await, bench.working("purge").await];
    bench.clock.advance_secs(31);
    for name in ["links", "blobs", "purge"] {
        bench.working(name).await;
    }
    let mut cursor = CollectCursor::default();
    storage.collect_links(&lost[0], &mut cursor).await.expect("asks");
    assert!(is_there(&bench, IMAGES, &layer).await);
    let lease = bench.working("links").await;
    storage.collect_links(&lease, &mut cursor).await.expect("a step");
    assert!(!is_there(&bench, IMAGES, &layer).await);
    bench.clock.advance_secs(HOUR);
    storage.collect_blobs(&lost[1], &mut cursor).await.expect("asks");
    assert_eq!(told(&bench).await, (0, 0));
    let lease = bench.working("blobs").await;
    storage.collect_blobs(&lease, &mut cursor).await.expect("a step");
    bench.clock.advance_secs(DAY);
    assert!(storage.purge(&lost[2]).await.expect("asks").is_nothing());
    assert_eq!(stored(&bench).await, b"a layer".len() as u64);
    collect(&bench).await;
    assert_eq!(stored(&bench).await, 0);
}

/// As after a crash between the bytes and their row.
async fn bytes_that_were_gone_already_are_removed_again(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    bring(&bench, IMAGES, b"a layer").await;
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    bench.clock.advance_secs(HOUR);
    collect(&bench).await;
    for (place, _) in objects(&bench).await {
        let store = bench.opened.storage.shared.blobs.store();
        object_store::ObjectStoreExt::delete(store, &place).await.expect("goes");
    }
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    assert_eq!(told(&bench).await, (0, b"a layer".len() as u64));
}

/// Where bytes lie in files, one of them is made impossible to remove.
async fn bytes_that_cannot_be_removed_do_not_keep_the_rest(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let Some(root) = in_files(&bench) else { return };
    bring(&bench, IMAGES, b"in the way").await;
    let [(stuck, _)] = &*objects(&bench).await else { panic!("one object") };
    let file = root.join(stuck.as_ref());
    bring(&bench, IMAGES, b"another layer").await;
    bench.clock.advance_secs(DAY);
    collect(&bench).await;
    bench.clock.advance_secs(HOUR);
    collect(&bench).await;
    std::fs::remove_file(&file).expect("a file");
    std::fs::create_dir_all(file.join("folder")).expect("a folder in its place");
    bench.clock.advance_secs(DAY);
    let purge = async || {
        let lease = bench.working("purge").await;
        bench.opened.storage.purge(&lease).await.expect("a step")
    };
    assert_eq!(purge().await, Worked { items: 1, failed: 1 });
    assert_eq!(told(&bench).await, (10, 13));
    assert!(purge().await.is_nothing(), "it waits");
    for _ in 1..20 {
        bench.clock.advance_secs(DAY);
        assert_eq!(purge().await, Worked { items: 0, failed: 1 });
    }
    bench.clock.advance_secs(DAY);
    assert!(purge().await.is_nothing(), "it is given up");
    let may = bench.on_organisation::<AuditView>(bench.actor());
    let workers = bench.opened.directory.workers(&may, String::new(), Limit::MAX).await.expect("lists");
    let row = workers.into_iter().find(|row| &*row.name == "purge").expect("it has worked");
    assert_eq!((row.failing, row.given_up, row.failure.is_some()), (0, 1, true), "and everybody sees it");
    std::fs::remove_dir_all(&file).expect("a folder");
    let lease = bench.working("purge").await;
    bench.opened.storage.retry_garbage(&lease).await.expect("writes");
    assert_eq!(purge().await, Worked { items: 1, failed: 0 });
    assert_eq!(told(&bench).await, (0, 23));
}

/// Rows as a program left them that noted no candidates.
async fn garbage_of_earlier_versions_is_found_by_the_walk(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let layer = bring(&bench, IMAGES, b"named").await;
    name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("is new");
    for bytes in [&b"never named"[..], b"nor this"] {
        bring(&bench, IMAGES, bytes).await;
    }
    let forget = |tx: &mut dyn Tx| {
        tx.execute("DELETE FROM link_review", &[])?;
        tx.execute("DELETE FROM link WHERE blob = (SELECT max(id) FROM blob)", &[])
    };
    let database = &bench.opened.storage.shared.database;
    database.write(crate::sql::Load::upkeep(1), forget).await.expect("is written");
    collect_all(&bench).await;
    assert_eq!(stored(&bench).await, (b"named".len() + b"an image".len()) as u64);
    assert_eq!(told(&bench).await, (0, (b"never named".len() + b"nor this".len()) as u64));
    // Walked over again a week later, not before.
    database.write(crate::sql::Load::upkeep(1), forget).await.expect("is written");
    bench.clock.advance_secs(60);
    assert_eq!(collect(&bench).await, [0, 0, 0]);
    bench.clock.advance_secs(7 * DAY);
    assert_ne!(collect(&bench).await, [0, 0, 0]);
}

/// Where bytes lie, if they lie in files.
fn in_files(bench: &Bench) -> Option<std::path::PathBuf> {
    bench.place.directory().cloned().filter(|root| std::fs::read_dir(root.join("blobs")).is_ok())
}

pub(super) fn file(name: &str) -> EntryKey {
    EntryKey { kind: EntryKind::File, package: super::web(), name: RefName::exact(name).expect("a name") }
}
