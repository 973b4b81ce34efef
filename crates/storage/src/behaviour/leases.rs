//! Links that somebody relies on who looked at them.

use bytes::Bytes;
use domain::{Digest, Probe, Publish, Timestamp};

use super::{sha256, stories, two_projects};
use crate::sql::blobs;
use crate::testing::{Bench, Place};
use crate::{Batch, ContentError as Error, Removal};

stories! {
    who_may_publish_and_looks_keeps_the_link
    a_right_that_is_withdrawn_keeps_nothing
}

const MINUTE_SECS: i64 = 60;

async fn bring(bench: &Bench, bytes: &'static [u8]) -> Digest {
    let may = bench.on::<Publish>("alpha/images");
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await;
    let batch = Batch { uploads: vec![upload.expect("is verified")], ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("is linked");
    sha256(bytes)
}

/// Since when the link is relied on.
async fn touched_at(bench: &Bench, digest: Digest) -> Timestamp {
    let repository = bench.on::<Probe>("alpha/images").node().id();
    let find = move |tx: &mut dyn crate::sql::Tx| blobs::leased_blob(tx, repository, &digest);
    let found = bench.opened.storage.shared.database.point(find).await.expect("is read");
    found.expect("is linked").1
}

async fn who_may_publish_and_looks_keeps_the_link(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (storage, digest) = (&bench.opened.storage, bring(&bench, b"layer").await);
    let pushed_at = touched_at(&bench, digest).await;
    assert_eq!(pushed_at, storage.now());
    bench.clock.advance_secs(59 * MINUTE_SECS);
    let may = bench.on::<Publish>("alpha/images");
    let found = storage.leases().hold_blob(&may, &digest).await.expect("is there");
    assert_eq!(found.size_bytes, 5);
    assert_eq!(touched_at(&bench, digest).await, pushed_at, "it is kept long enough, and nothing is written");
    bench.clock.advance_secs(2 * MINUTE_SECS);
    storage.stat_blob(&bench.on::<Probe>("alpha/images"), &digest).await.expect("is there");
    assert_eq!(touched_at(&bench, digest).await, pushed_at, "who only looks relies on nothing");
    storage.leases().hold_blob(&may, &digest).await.expect("is there");
    assert_eq!(touched_at(&bench, digest).await, storage.now(), "before it is told");
    let removal = vec![Removal::Link(digest)];
    storage.remove(bench.on("alpha/images"), removal).await.expect("nothing needs it");
    let gone = storage.leases().hold_blob(&may, &digest).await;
    assert!(matches!(gone, Err(Error::Absent)), "{gone:?}");
}

async fn a_right_that_is_withdrawn_keeps_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (storage, digest) = (&bench.opened.storage, bring(&bench, b"layer").await);
    let pushed_at = touched_at(&bench, digest).await;
    let may = bench.on::<Publish>("alpha/images");
    bench.clock.advance_secs(61 * MINUTE_SECS);
    bench.withdraw();
    let refused = storage.leases().hold_blob(&may, &digest).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    bench.refresh().await;
    assert_eq!(touched_at(&bench, digest).await, pushed_at);
}
