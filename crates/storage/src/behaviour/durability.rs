//! A disk that refuses what is to be durable.

use bytes::Bytes;
use domain::{Publish, Read};

use super::{push, sha256, stories, tag, two_projects};
use crate::testing::{Bench, Place};
use crate::{ContentError as Error, DirectoryError, Fault, Plan};

stories! {
    a_disk_that_refuses_ends_all_writing
}

const fn is_refused<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Fault(Fault::Unavailable { .. })))
}

async fn a_disk_that_refuses_ends_all_writing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, "alpha/images", b"one", "a", false).await.expect("is new");
    let halt = storage.shared.space.halt();
    // A server that has the rows looks after them itself.
    let point = if storage.shared.database.is_alone() { "group.commit" } else { "finish.fsync" };
    storage.ready().await.expect("is ready");
    halt.fail_at(Some(point));
    let refused = push(&bench, "alpha/images", b"two", "b", false).await;
    assert!(is_refused(&refused), "{refused:?}");
    storage.halted().await;
    // It says so once, and what it says later is not to be believed.
    halt.fail_at(None);
    let refused = push(&bench, "alpha/images", b"three", "c", false).await;
    assert!(is_refused(&refused), "{refused:?}");
    let may = bench.on::<Publish>("alpha/images");
    assert!(storage.begin_upload(&may).await.is_err());
    let changed = bench.opened.directory.apply(&crate::testing::system(), Plan::default()).await;
    assert!(matches!(changed, Err(DirectoryError::Fault(Fault::Unavailable { .. }))), "{changed:?}");
    assert!(storage.ready().await.is_err(), "nothing new is to be sent here");
    let read = bench.on::<Read>("alpha/images");
    let found = storage.entry(&read, &tag("a")).await.expect("what is there is read");
    assert_eq!(
        storage.content(&read, &found).await.expect("what is there is read"),
        Bytes::from_static(b"one")
    );
    if !bench.place.survives() {
        return;
    }
    let bench = bench.reopened().await;
    let (storage, read) = (&bench.opened.storage, bench.on::<Read>("alpha/images"));
    storage.entry(&read, &tag("a")).await.expect("was durable");
    for (bytes, name) in [(&b"two"[..], "b"), (b"three", "c")] {
        assert!(matches!(storage.entry(&read, &tag(name)).await, Err(Error::Absent)));
        let there = storage.stat_blob(&read, &sha256(bytes)).await;
        assert!(matches!(there, Err(Error::Absent)), "{there:?}");
    }
    push(&bench, "alpha/images", b"two", "b", false).await.expect("the next process writes");
}
