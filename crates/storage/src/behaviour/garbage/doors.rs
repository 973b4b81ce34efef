//! Whatever takes a name or a link away says where to look.

use bytes::Bytes;
use domain::{Delete, Publish, RepositoryDelete, Timestamp};

use super::super::access::people;
use super::super::uploads::pattern;
use super::super::{entry, push, tag, two_projects, whatever};
use super::{IMAGES, bring, collect_all, delete, file, is_there, name, stored, told};
use crate::testing::{Bench, Place};
use crate::{Batch, EdgeKind, NewEdge, Removal, Rule};

/// A file that encloses something and is a part of something, as those of feeds are.
async fn enclosing(bench: &Bench, key: &str, bytes: &'static [u8], within: &'static [u8]) {
    let may = bench.on::<Publish>(IMAGES);
    let mut uploads = Vec::new();
    for bytes in [bytes, within] {
        let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await;
        uploads.push(upload.expect("is stored"));
    }
    let edge = |kind, target: String| NewEdge { kind, target: target.into() };
    let mut new = entry(file(key), *uploads[0].digest());
    new.rule = Rule::Overwritable;
    new.edges =
        vec![edge(EdgeKind::Blob, uploads[1].digest().to_string()), edge(EdgeKind::Part, "whole".to_owned())];
    let batch = Batch { uploads, entries: vec![new], ..Batch::default() };
    let replace = bench.on(IMAGES);
    bench.opened.storage.commit(may, Some(replace), batch).await.expect("is new or replaced");
}

pub(super) async fn every_door_leads_to_the_collection(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let remove = async |removal| {
        bench.opened.storage.remove(bench.on::<Delete>(IMAGES), vec![removal]).await.expect("goes");
        collect_all(&bench).await;
        assert_eq!((stored(&bench).await, told(&bench).await.0), (0, 0));
    };
    // By its link alone.
    let layer = bring(&bench, IMAGES, b"a layer").await;
    remove(Removal::Link(layer)).await;
    // A name with what it encloses; one of many parts; all parts.
    enclosing(&bench, "one", b"outer", b"inner").await;
    remove(Removal::Entry(file("one"))).await;
    enclosing(&bench, "one", b"outer", b"inner").await;
    enclosing(&bench, "two", b"outer too", b"inner").await;
    remove(Removal::Parts("whole".into())).await;
    // Replaced by other content, and that again.
    enclosing(&bench, "one", b"outer", b"inner").await;
    enclosing(&bench, "one", b"other", b"inner of the other").await;
    collect_all(&bench).await;
    assert_eq!(stored(&bench).await, (b"other".len() + b"inner of the other".len()) as u64);
    remove(Removal::Entry(file("one"))).await;
    // A tag that is moved leaves its manifest; a manifest takes its tags along.
    push(&bench, IMAGES, b"first", "1", false).await.expect("is new");
    push(&bench, IMAGES, b"second", "1", true).await.expect("is moved");
    for bytes in [&b"first"[..], b"second"] {
        delete(&bench, IMAGES, &super::sha256(bytes)).await;
    }
    collect_all(&bench).await;
    assert_eq!((stored(&bench).await, told(&bench).await.0), (0, 0));
    // A file whose enclosed bytes a manifest names too.
    let layer = bring(&bench, IMAGES, b"inner").await;
    name(&bench, IMAGES, b"an image", &[layer], "1").await.expect("is new");
    enclosing(&bench, "one", b"outer", b"inner").await;
    bench.opened.storage.remove(bench.on(IMAGES), vec![Removal::Entry(file("one"))]).await.expect("goes");
    collect_all(&bench).await;
    assert!(is_there(&bench, IMAGES, &layer).await);
    bench.opened.storage.remove(bench.on(IMAGES), vec![Removal::Entry(tag("1"))]).await.expect("goes");
    delete(&bench, IMAGES, &super::sha256(b"an image")).await;
    collect_all(&bench).await;
    assert_eq!((stored(&bench).await, told(&bench).await.0), (0, 0));
}

pub(super) async fn what_many_edges_named_goes_too(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let mut layers = Vec::new();
    for length in 1..300 {
        layers.push(bring(&bench, IMAGES, &pattern(length)).await);
    }
    let image = name(&bench, IMAGES, b"an image of many layers", &layers, "1").await.expect("is new");
    collect_all(&bench).await;
    for layer in &layers {
        assert!(is_there(&bench, IMAGES, layer).await);
    }
    delete(&bench, IMAGES, &image).await;
    collect_all(&bench).await;
    assert_eq!((stored(&bench).await, told(&bench).await.0), (0, 0));
}

pub(super) async fn a_repository_that_is_deleted_frees_its_bytes(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (kept, gone) = (bring(&bench, IMAGES, b"shared").await, bring(&bench, IMAGES, b"its own").await);
    name(&bench, IMAGES, b"an image", &[kept, gone], "1").await.expect("is new");
    bring(&bench, "beta/images", b"shared").await;
    name(&bench, "beta/images", b"another image", &[kept], "1").await.expect("is new");
    let may = bench.by::<RepositoryDelete>(bench.actor(), IMAGES);
    bench.opened.directory.remove_repository(&may, whatever()).await.expect("goes");
    let lease = bench.working("rows").await;
    while !bench
        .opened
        .storage
        .sweep_rows(&lease, Timestamp::from_millis(0))
        .await
        .expect("sweeps")
        .is_nothing()
    {}
    collect_all(&bench).await;
    assert_eq!(stored(&bench).await, (b"shared".len() + b"another image".len()) as u64);
    assert!(is_there(&bench, "beta/images", &kept).await);
}
