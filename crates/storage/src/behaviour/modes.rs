//! Repositories whose names come from elsewhere: they are read like any other, and nobody publishes to them.

use bytes::Bytes;
use domain::{Mode, Publish, Read, RepositoryId};

use super::{entry, manifest, push, sha256, stories, tag, two_projects};
use crate::sql::{Load, Tx};
use crate::testing::{Bench, Place};
use crate::{Batch, Error, Precondition};

const IMAGES: &str = "alpha/images";

/// As many links as are looked for before the transaction.
const MANY: usize = 1000;

stories! {
    only_hosted_repositories_are_published_to
    nothing_is_mounted_where_nobody_publishes
}

/// As what sets one up will do.
async fn set_mode(bench: &Bench, repository: RepositoryId, mode: Mode) {
    let set = move |tx: &mut dyn Tx| {
        let sql = "UPDATE repository SET mode = $1 WHERE node = $2";
        tx.execute(sql, &[mode.as_str().into(), repository.get().into()])
    };
    let changed = bench.opened.storage.shared.database.write(Load::upkeep(1), set).await;
    assert_eq!(changed.expect("writes"), 1);
}

async fn only_hosted_repositories_are_published_to(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, IMAGES, b"one", "latest", false).await.expect("is hosted");
    let read = bench.on::<Read>(IMAGES);
    assert_eq!(read.node().mode(), Mode::Hosted);
    for mode in [Mode::Mirror, Mode::Virtual] {
        // The proof and the bytes are of when it was hosted: what it is by now counts.
        let may = bench.on::<Publish>(IMAGES);
        let digest = sha256(b"two");
        let upload = storage.verified_bytes(&may, Bytes::from_static(b"two"), None).await.expect("verifies");
        set_mode(&bench, may.node().id(), mode).await;
        let entries = vec![entry(manifest(&digest), digest), entry(tag("two"), digest)];
        let batch = Batch { uploads: vec![upload], entries, ..Batch::default() };
        let refused = storage.commit(may, None, batch).await;
        assert!(matches!(refused, Err(Error::NotHosted(found)) if found == mode), "{refused:?}");

        let large = Batch {
            entries: vec![entry(tag("three"), sha256(b"one"))],
            preconditions: vec![Precondition::Linked(sha256(b"one")); MANY],
            ..Batch::default()
        };
        let refused = storage.commit(bench.on::<Publish>(IMAGES), None, large).await;
        assert!(matches!(refused, Err(Error::NotHosted(found)) if found == mode), "{refused:?}");
        for name in ["two", "three"] {
            let none = storage.entry(&read, &tag(name)).await;
            assert!(matches!(none, Err(Error::Absent)), "{none:?}");
        }
        let found = storage.entry(&read, &tag("latest")).await.expect("what is there is read");
        assert_eq!(storage.content(&read, &found).await.expect("is readable"), "one");
        bench.refresh().await;
        assert_eq!(bench.on::<Read>(IMAGES).node().mode(), mode, "the next proof knows");
        set_mode(&bench, read.node().id(), Mode::Hosted).await;
        bench.refresh().await;
    }
    push(&bench, IMAGES, b"two", "two", false).await.expect("is hosted again");
}

async fn nothing_is_mounted_where_nobody_publishes(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    push(&bench, IMAGES, b"one", "latest", false).await.expect("is hosted");
    let (to, from, digest) = (bench.on::<Publish>("alpha/other"), bench.on::<Read>(IMAGES), sha256(b"one"));
    set_mode(&bench, to.node().id(), Mode::Mirror).await;
    for refused in [
        storage.link_blob(&to, &from, &digest).await,
        storage.link_visible(&to, &bench.visible(), &digest).await,
    ] {
        assert!(matches!(refused, Err(Error::NotHosted(Mode::Mirror))), "{refused:?}");
    }
    let none = storage.stat_blob(&to, &digest).await;
    assert!(matches!(none, Err(Error::Absent)), "{none:?}");
    set_mode(&bench, to.node().id(), Mode::Hosted).await;
    storage.link_blob(&to, &from, &digest).await.expect("is hosted again");
}
