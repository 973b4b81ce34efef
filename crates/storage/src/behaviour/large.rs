//! Batches of many rows: they cost few statements, and mean the same as many small ones.

use bytes::Bytes;
use domain::{Digest, Limit, Probe, Publish};

use super::{entry, manifest, sha256, stories, two_projects, web};
use crate::testing::{Bench, Place};
use crate::{Batch, EdgeKind, Error, NewEdge, Precondition};

const IMAGES: &str = "alpha/images";

stories! {
    an_index_wants_every_member_and_points_at_each
    every_blob_must_be_linked
}

/// So many digests, all different.
fn digests(count: usize) -> Vec<Digest> {
    (0..count).map(|number| sha256(&number.to_le_bytes())).collect()
}

/// Manifests named so; their content does not matter here.
async fn make(bench: &Bench, names: &[Digest]) {
    let may = bench.on::<Publish>(IMAGES);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(b"any"), None).await;
    let content = sha256(b"any");
    let entries = names.iter().map(|digest| entry(manifest(digest), content)).collect();
    let batch = Batch { uploads: vec![upload.expect("verifies")], entries, ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.expect("commits");
}

async fn index(bench: &Bench, bytes: &'static [u8], members: &[Digest]) -> Result<(), Error> {
    let may = bench.on::<Publish>(IMAGES);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await?;
    let mut new = entry(manifest(&sha256(bytes)), sha256(bytes));
    let member = |digest: &Digest| NewEdge { kind: EdgeKind::Member, target: digest.to_string().into() };
    new.edges = members.iter().map(member).collect();
    let preconditions = members.iter().map(|digest| Precondition::Entry(manifest(digest))).collect();
    let batch = Batch { uploads: vec![upload], entries: vec![new], preconditions, ..Batch::default() };
    bench.opened.storage.commit(may, None, batch).await.map(drop)
}

async fn an_index_wants_every_member_and_points_at_each(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let all = digests(300);
    let (there, absent) = all.split_at(298);
    make(&bench, there).await;
    match index(&bench, b"too much", &all).await {
        Err(Error::AbsentEntries { names }) => {
            assert_eq!(
                names,
                absent.iter().map(|digest| digest.to_string().into()).collect::<Vec<Box<str>>>()
            );
        }
        other => panic!("{other:?}"),
    }
    for (bytes, count) in [(&b"one"[..], 1), (b"eight", 8), (b"nine", 9), (b"forty", 40), (b"all", 298)] {
        let members = there.get(..count).expect("as many");
        index(&bench, bytes, members).await.expect("all are there");
        let name = sha256(bytes).to_string();
        for member in [members.first(), members.last()].into_iter().flatten() {
            let target = member.to_string();
            let may = bench.on::<Probe>(IMAGES);
            let edge = (EdgeKind::Member, target.as_str());
            let found = bench.opened.storage.pointing_to(&may, edge, &web(), None, Limit::capped(10)).await;
            let found = found.expect("reads");
            assert!(found.iter().any(|entry| entry.key.name.display() == name), "{count}: {target}");
        }
    }
}

async fn every_blob_must_be_linked(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = || bench.on::<Publish>(IMAGES);
    let mut linked = Vec::new();
    for number in 0_u8..12 {
        let upload = bench.opened.storage.verified_bytes(&may(), Bytes::from(vec![number]), None).await;
        let upload = upload.expect("verifies");
        linked.extend(upload.digest().copied());
        let batch = Batch { uploads: vec![upload], ..Batch::default() };
        bench.opened.storage.commit(may(), None, batch).await.expect("commits");
    }
    let wanted = |digests: &[Digest]| Batch {
        preconditions: digests.iter().copied().map(Precondition::Linked).collect(),
        ..Batch::default()
    };
    bench.opened.storage.commit(may(), None, wanted(&linked)).await.expect("all are linked");
    let absent = digests(50);
    let all: Vec<Digest> = linked.iter().chain(&absent).copied().collect();
    match bench.opened.storage.commit(may(), None, wanted(&all)).await {
        Err(Error::Unlinked { digests }) => assert_eq!(digests, absent),
        other => panic!("{other:?}"),
    }
}
