//! Changes that come in each other's way, as only a server with several writers lets happen.

use std::sync::mpsc::{SyncSender, sync_channel};

use bytes::Bytes;
use domain::{Clock as _, Digest, Publish, Read};
use futures_util::StreamExt as _;
use postgres::{Client, NoTls};

use crate::behaviour::with_policy;
use crate::testing::{Bench, OCI, Place};
use crate::{Batch, CollectCursor, ContentError, DatabaseConfig, Removal, digest_of};

const BYTES: &[u8] = b"pushed again while they are taken away";
/// Whether somebody waits for us.
const AWAITED: &str =
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))";

async fn push(bench: &Bench) -> Result<(), ContentError> {
    let may = bench.on::<Publish>("alpha/images");
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(BYTES), None).await?;
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.map(drop)
}

/// Changes one row, and makes it so once somebody waits for that.
fn change(url: &str, sql: &str, begun: &SyncSender<()>) {
    let mut client = Client::connect(url, NoTls).expect("the server answers");
    let mut transaction = client.transaction().expect("begins");
    assert_eq!(transaction.execute(sql, &[]).expect("nothing is in the way"), 1);
    begun.send(()).expect("the other waits");
    let awaited = |transaction: &mut postgres::Transaction<'_>| {
        transaction.query_one(AWAITED, &[]).expect("is asked").get::<_, i64>(0) > 0
    };
    assert!((0..100_000).any(|_| awaited(&mut transaction)), "the other never came to wait");
    transaction.commit().expect("is so");
}

#[test]
fn a_push_of_bytes_that_are_just_taken_away_keeps_its_own() {
    let Some(place) = Place::postgres() else { return };
    let DatabaseConfig::Postgres { url, .. } = place.config().database else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let bench = runtime.block_on(async {
        let bench = Bench::with(place, with_policy(OCI, "{}")).await;
        push(&bench).await.expect("is new");
        let digest = digest_of(domain::Algorithm::Sha256, &Bytes::from_static(BYTES)).expect("a digest");
        let removal = vec![Removal::Link(digest)];
        bench.opened.storage.remove(bench.on("alpha/images"), removal).await.expect("nothing needs it");
        bench
    });
    let (begun, begins) = sync_channel(1);
    let collector = std::thread::spawn(move || change(&url, "DELETE FROM blob", &begun));
    begins.recv().expect("the collector begins");
    runtime.block_on(push(&bench)).expect("it is stored anew");
    collector.join().expect("the collector ends");
    runtime.block_on(async {
        let digest = digest_of(domain::Algorithm::Sha256, &Bytes::from_static(BYTES)).expect("a digest");
        let may = bench.on::<Read>("alpha/images");
        let blob = bench.opened.storage.open_blob(&may, &digest).await.expect("is there");
        let pieces: Vec<_> = blob.stream(0..u64::MAX).await.expect("begins").collect().await;
        let read: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.expect("is read")).collect();
        assert_eq!(read, BYTES);
    });
    // On a thread that may block.
    drop(bench);
}

fn digest() -> Digest {
    digest_of(domain::Algorithm::Sha256, &Bytes::from_static(BYTES)).expect("a digest")
}

/// One who collects comes to wait for a change that is under way, and sees it then: what it was about to take stays.
fn stays(unlinked: bool, sql: impl Fn(&Bench) -> String) {
    let Some(place) = Place::postgres() else { return };
    let DatabaseConfig::Postgres { url, .. } = place.config().database else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let bench = runtime.block_on(async {
        let bench = Bench::with(place, with_policy(OCI, "{}")).await;
        push(&bench).await.expect("is new");
        if unlinked {
            let removal = vec![Removal::Link(digest())];
            bench.opened.storage.remove(bench.on("alpha/images"), removal).await.expect("nothing needs it");
        }
        bench.clock.advance_secs(2 * 24 * 3600);
        bench
    });
    let (begun, begins) = sync_channel(1);
    let sql = sql(&bench);
    let other = std::thread::spawn(move || change(&url, &sql, &begun));
    begins.recv().expect("the other begins");
    runtime.block_on(async {
        let (storage, mut cursor) = (&bench.opened.storage, CollectCursor::default());
        let lease = bench.working("work").await;
        let step = if unlinked {
            storage.collect_blobs(&lease, &mut cursor).await
        } else {
            storage.collect_links(&lease, &mut cursor).await
        };
        step.expect("a step");
    });
    other.join().expect("the other ends");
    runtime.block_on(async {
        let may = bench.on::<Read>("alpha/images");
        bench.opened.storage.stat_blob(&may, &digest()).await.expect("it stays");
        let lease = bench.working("purge").await;
        bench.clock.advance_secs(2 * 24 * 3600);
        assert!(bench.opened.storage.purge(&lease).await.expect("a step").is_nothing());
        bench.opened.storage.open_blob(&may, &digest()).await.expect("with its bytes");
    });
    drop(bench);
}

/// A manifest names the layer while its link is about to go: it is relied on anew.
#[test]
fn a_link_that_is_relied_on_at_this_moment_stays() {
    stays(false, |bench| format!("UPDATE link SET touched_at = {}", bench.clock.now().millis()));
}

/// A push or a mount finds the blob while it is about to be condemned.
#[test]
fn a_blob_that_is_linked_at_this_moment_stays() {
    stays(true, |bench| {
        let repository = bench.on::<Read>("alpha/images").node().id();
        let now = bench.clock.now().millis();
        format!("INSERT INTO link (repository, blob, touched_at) SELECT {repository}, id, {now} FROM blob")
    });
}
