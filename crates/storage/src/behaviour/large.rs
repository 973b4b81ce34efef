//! Batches of many rows: they cost few statements, and mean the same as many small ones.

use std::pin::{Pin, pin};

use bytes::Bytes;
use domain::{Client, Delete, Digest, Limit, Overwrite, Probe, Publish, Timestamp};

use super::{entry, manifest, push, sha256, stories, tag, two_projects, web};
use crate::model::Stamp;
use crate::sql::hidden::{self, PIECE_ROWS};
use crate::sql::{Load, Tx, bulk, one};
use crate::testing::{Bench, Place};
use crate::{Batch, ContentError as Error, EdgeKind, Entry, NewEdge, Precondition, Removal};

const IMAGES: &str = "alpha/images";

stories! {
    an_index_wants_every_member_and_points_at_each
    every_blob_must_be_linked
    nobody_sees_half_of_an_index
    what_a_crash_left_in_the_middle_is_swept
    a_push_that_nobody_waits_for_leaves_nothing
    a_manifest_goes_with_many_tags_some_at_a_time
    a_removal_goes_on_if_nobody_waits_for_it
    who_is_swept_in_the_middle_begins_again
    a_member_that_goes_in_the_middle_is_missed
    removals_of_other_names_hold_nobody_up
    who_loses_the_right_in_the_middle_leaves_nothing
    the_same_index_may_be_pushed_twice_at_once
    an_index_goes_with_all_its_edges
    many_edges_give_way_to_others
    many_parts_go_some_at_a_time
    a_name_with_many_tags_waits_for_a_turn_of_large_jobs
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

fn member(digest: &Digest) -> NewEdge {
    NewEdge { kind: EdgeKind::Member, target: digest.to_string().into() }
}

async fn index(bench: &Bench, bytes: &'static [u8], members: &[Digest]) -> Result<(), Error> {
    let may = bench.on::<Publish>(IMAGES);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await?;
    let mut new = entry(manifest(&sha256(bytes)), sha256(bytes));
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
        linked.push(*upload.digest());
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

/// Members of an index that is written in several pieces.
const MANY: usize = 600;

/// Makes so many members.
async fn members(bench: &Bench) -> Vec<Digest> {
    let members = digests(MANY);
    make(bench, &members).await;
    members
}

/// How many rows no name leads to, and how many edges there are in all.
async fn counted(bench: &Bench) -> (u64, u64) {
    let count = |tx: &mut dyn Tx| {
        let hidden = one(tx, "SELECT count(*) FROM entry WHERE kind = 'hidden'", &[], |row| row.count(0))?;
        Ok((hidden, one(tx, "SELECT count(*) FROM edge", &[], |row| row.count(0))?))
    };
    bench.opened.storage.shared.database.read(count).await.expect("reads")
}

/// Goes on with a push until some of its edges are written, and no further.
async fn begun<F: Future>(bench: &Bench, push: &mut Pin<&mut F>) {
    let before = counted(bench).await.1;
    loop {
        assert!(futures_util::poll!(push.as_mut()).is_pending(), "it is written in several pieces");
        let written = counted(bench).await.1 - before;
        // One that ended since it was looked for, and the one begun now.
        assert!(written <= u64::from(2 * PIECE_ROWS), "no job writes more than a piece: {written}");
        if written > 0 {
            return;
        }
    }
}

async fn shown(bench: &Bench, bytes: &[u8]) -> Result<Entry, Error> {
    bench.opened.storage.entry(&bench.on::<Probe>(IMAGES), &manifest(&sha256(bytes))).await
}

/// Names of the package that have this digest as a member.
async fn above(bench: &Bench, member: &Digest) -> usize {
    let (may, target) = (bench.on::<Probe>(IMAGES), member.to_string());
    let edge = (EdgeKind::Member, target.as_str());
    let found = bench.opened.storage.pointing_to(&may, edge, &web(), None, Limit::capped(10)).await;
    found.expect("reads").len()
}

async fn swept(bench: &Bench, before: Timestamp) {
    let lease = bench.working("rows").await;
    while !bench.opened.storage.sweep_rows(&lease, before).await.expect("sweeps").is_nothing() {}
}

async fn remove(bench: &Bench, removal: Removal) -> Result<(), Error> {
    bench.opened.storage.remove(bench.on::<Delete>(IMAGES), vec![removal]).await.map(drop)
}

async fn nobody_sees_half_of_an_index(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let [first, .., last] = members.as_slice() else { panic!("there are some") };
    let mut push = pin!(index(&bench, b"large", &members));
    begun(&bench, &mut push).await;
    assert!(matches!(shown(&bench, b"large").await, Err(Error::Absent)));
    assert_eq!((above(&bench, first).await, above(&bench, last).await), (0, 0));
    push.await.expect("is pushed");
    assert_eq!(shown(&bench, b"large").await.expect("is there").size_bytes, 5);
    assert_eq!((above(&bench, first).await, above(&bench, last).await), (1, 1));
    assert_eq!(counted(&bench).await, (0, MANY as u64));
}

async fn what_a_crash_left_in_the_middle_is_swept(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let may = bench.on::<Publish>(IMAGES);
    let (repository, now) = (may.node().id(), bench.opened.storage.now());
    let at = Stamp { repository, principal: may.principal().get(), now };
    let edges: Vec<NewEdge> = members.iter().take(3).map(member).collect();
    let left = move |tx: &mut dyn Tx| {
        let id = hidden::stage(tx, at, "left")?;
        bulk::insert_edges(tx, repository, id, &edges)
    };
    bench.opened.storage.shared.database.write(Load::upkeep(1), left).await.expect("writes");
    assert_eq!(counted(&bench).await, (1, 3));
    let bench = if bench.place.survives() { bench.reopened().await } else { bench };
    index(&bench, b"large", &members).await.expect("the same is pushed beside what was left");
    // Young as it is, it could be somebody's who is still at it.
    swept(&bench, bench.opened.storage.now()).await;
    assert_eq!(counted(&bench).await.0, 1);
    bench.clock.advance_secs(1);
    swept(&bench, bench.opened.storage.now()).await;
    assert_eq!(counted(&bench).await, (0, MANY as u64));
    assert_eq!(above(&bench, &members[0]).await, 1);
}

async fn a_push_that_nobody_waits_for_leaves_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    {
        let mut push = pin!(index(&bench, b"large", &members));
        begun(&bench, &mut push).await;
    }
    // What was under way when it ended may still be written; the row is noted only after that.
    while counted(&bench).await != (0, 0) {
        swept(&bench, bench.opened.storage.now()).await;
    }
    assert!(matches!(shown(&bench, b"large").await, Err(Error::Absent)));
}

/// More tags than go in two transactions.
const TAGS: usize = 150;

async fn tagged(bench: &Bench) -> Vec<String> {
    let names: Vec<String> = (0..TAGS).map(|number| format!("t{number:03}")).collect();
    for name in &names {
        push(bench, IMAGES, b"tagged", name, false).await.expect("pushes");
    }
    names
}

fn tagged_and_all() -> Removal {
    Removal::EntryAndPointers { key: manifest(&sha256(b"tagged")), force: false }
}

async fn a_manifest_goes_with_many_tags_some_at_a_time(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let names = tagged(&bench).await;
    push(&bench, IMAGES, b"another", "another", false).await.expect("pushes");
    let storage = &bench.opened.storage;
    let removed = storage.remove(bench.on::<Delete>(IMAGES), vec![tagged_and_all()]).await.expect("removes");
    assert_eq!(removed.entries, TAGS as u64 + 1);
    for name in &names {
        let found = storage.entry(&bench.on::<Probe>(IMAGES), &tag(name)).await;
        assert!(matches!(found, Err(Error::Absent)), "{name}");
    }
    assert!(storage.entry(&bench.on::<Probe>(IMAGES), &tag("another")).await.is_ok());
}

async fn a_removal_goes_on_if_nobody_waits_for_it(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let names = tagged(&bench).await;
    {
        let mut removing = pin!(remove(&bench, tagged_and_all()));
        assert!(futures_util::poll!(removing.as_mut()).is_pending());
    }
    let last = tag(names.last().expect("there are some"));
    while bench.opened.storage.entry(&bench.on::<Probe>(IMAGES), &last).await.is_ok() {
        tokio::task::yield_now().await;
    }
    while shown(&bench, b"tagged").await.is_ok() {
        tokio::task::yield_now().await;
    }
}

async fn who_is_swept_in_the_middle_begins_again(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let mut push = pin!(index(&bench, b"large", &members));
    begun(&bench, &mut push).await;
    // As a sweep would, which is not let in before a push that nobody goes on with.
    let later = bench.opened.storage.now().plus_secs(1);
    let sweep = move |tx: &mut dyn Tx| {
        hidden::left_over(tx, later, 1)?.into_iter().try_for_each(|id| hidden::clear(tx, id, later).map(drop))
    };
    bench.opened.storage.shared.database.write(Load::upkeep(1), sweep).await.expect("sweeps");
    push.await.expect("is pushed");
    swept(&bench, bench.opened.storage.now()).await;
    assert_eq!(counted(&bench).await, (0, MANY as u64));
}

async fn a_member_that_goes_in_the_middle_is_missed(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let gone = members[MANY / 2];
    let mut push = pin!(index(&bench, b"large", &members));
    begun(&bench, &mut push).await;
    remove(&bench, Removal::EntryAndPointers { key: manifest(&gone), force: false })
        .await
        .expect("nobody has it");
    match push.await {
        Err(Error::AbsentEntries { names }) => assert_eq!(names, [gone.to_string().into()]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(shown(&bench, b"large").await, Err(Error::Absent)));
    assert_eq!(counted(&bench).await, (0, 0));
}

async fn removals_of_other_names_hold_nobody_up(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    for (name, bytes) in [("a", &b"a"[..]), ("b", b"b"), ("c", b"c"), ("d", b"d"), ("e", b"e")] {
        push(&bench, IMAGES, bytes, name, false).await.expect("pushes");
    }
    let mut large = pin!(index(&bench, b"large", &members));
    // Whoever takes something away all the time does not keep others from pushing.
    for name in ["a", "b", "c", "d", "e"] {
        if futures_util::poll!(large.as_mut()).is_ready() {
            break;
        }
        remove(&bench, Removal::Entry(tag(name))).await.expect("removes");
    }
    large.await.expect("is pushed");
    assert_eq!(counted(&bench).await, (0, MANY as u64));
}

async fn who_loses_the_right_in_the_middle_leaves_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let mut push = pin!(index(&bench, b"large", &members));
    begun(&bench, &mut push).await;
    bench.withdraw();
    let refused = push.await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    bench.refresh().await;
    assert!(matches!(shown(&bench, b"large").await, Err(Error::Absent)));
    assert_eq!(counted(&bench).await, (0, 0));
}

async fn the_same_index_may_be_pushed_twice_at_once(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    let both = futures_util::join!(index(&bench, b"large", &members), index(&bench, b"large", &members));
    both.0.and(both.1).expect("both are pushed");
    index(&bench, b"large", &members).await.expect("it is there");
    assert_eq!(counted(&bench).await, (0, MANY as u64));
}

async fn an_index_goes_with_all_its_edges(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = members(&bench).await;
    index(&bench, b"large", &members).await.expect("is pushed");
    let gone = Removal::EntryAndPointers { key: manifest(&sha256(b"large")), force: false };
    remove(&bench, gone).await.expect("removes");
    assert!(matches!(shown(&bench, b"large").await, Err(Error::Absent)));
    assert_eq!((above(&bench, &members[0]).await, counted(&bench).await), (0, (0, 0)));
    index(&bench, b"large", &members).await.expect("is pushed again");
    assert_eq!(counted(&bench).await, (0, MANY as u64));
}

/// A name whose content changes, with many edges before or after, or both.
async fn many_edges_give_way_to_others(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let (all, mut made) = (digests(MANY), None);
    for (bytes, count) in [(&b"many"[..], MANY), (b"few", 3), (b"more", MANY / 2), (b"others", MANY)] {
        let may = bench.on::<Publish>(IMAGES);
        let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), None).await;
        let mut new = entry(tag("latest"), sha256(bytes));
        let member = |digest: &Digest| NewEdge { kind: EdgeKind::Member, target: digest.to_string().into() };
        new.edges = all.iter().rev().take(count).map(member).collect();
        let batch =
            Batch { uploads: vec![upload.expect("verifies")], entries: vec![new], ..Batch::default() };
        let replace = Some(bench.on::<Overwrite>(IMAGES));
        bench.opened.storage.commit(may, replace, batch).await.expect("commits");
        let found =
            bench.opened.storage.entry(&bench.on::<Probe>(IMAGES), &tag("latest")).await.expect("is there");
        assert_eq!(found.digest, Some(sha256(bytes)));
        assert_eq!(found.created_at, *made.get_or_insert(found.created_at));
        assert_eq!((above(&bench, &all[MANY - 1]).await, counted(&bench).await), (1, (0, count as u64)));
        assert_eq!(above(&bench, &all[0]).await, usize::from(count == MANY));
        bench.clock.advance_secs(1);
    }
}

/// Files that are parts of something, and something else that goes with the last of them.
async fn many_parts_go_some_at_a_time(place: Place) {
    const PARTS: usize = 200;
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, IMAGES, b"any", "whole", false).await.expect("pushes");
    let content = sha256(b"any");
    let part = |number: usize| {
        let mut new = entry(tag(&format!("part-{number:03}")), content);
        new.edges = vec![NewEdge { kind: EdgeKind::Part, target: "whole".into() }];
        new
    };
    let batch = Batch { entries: (0..PARTS).map(part).collect(), ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(IMAGES), None, batch).await.expect("commits");
    let left = async || {
        let (may, edge) = (bench.on::<Probe>(IMAGES), (EdgeKind::Part, "whole"));
        let found = bench.opened.storage.pointing_to(&may, edge, &web(), None, Limit::MAX).await;
        found.expect("reads").len()
    };
    let gone =
        || vec![Removal::Parts("whole".into()), Removal::Orphan { key: tag("whole"), of: "whole".into() }];
    let whole = async || bench.opened.storage.entry(&bench.on::<Probe>(IMAGES), &tag("whole")).await;
    {
        let mut removal = pin!(bench.opened.storage.remove(bench.on::<Delete>(IMAGES), gone()));
        while left().await == PARTS {
            assert!(futures_util::poll!(removal.as_mut()).is_pending(), "it takes several transactions");
        }
        whole().await.expect("goes last");
        bench.withdraw();
        let refused = removal.await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        bench.refresh().await;
    }
    let before = left().await;
    assert!((1..PARTS).contains(&before), "{before}");
    let removed = bench.opened.storage.remove(bench.on::<Delete>(IMAGES), gone()).await.expect("removes");
    assert_eq!((removed.entries, left().await), (before as u64, 0));
    assert!(matches!(whole().await, Err(Error::Absent)));
    let again = bench.opened.storage.remove(bench.on::<Delete>(IMAGES), gone()).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
}

/// It goes as a whole, and what is small goes past it.
async fn a_name_with_many_tags_waits_for_a_turn_of_large_jobs(place: Place) {
    const TAGS: usize = 200;
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, IMAGES, b"many", "first", false).await.expect("pushes");
    push(&bench, IMAGES, b"one", "one", false).await.expect("pushes");
    let content = sha256(b"many");
    let entries = (0..TAGS).map(|number| entry(tag(&format!("tag-{number:03}")), content)).collect();
    let batch = Batch { entries, ..Batch::default() };
    bench.opened.storage.commit(bench.on::<Publish>(IMAGES), None, batch).await.expect("commits");
    let gone = |digest: &Digest| Removal::EntryAndPointers { key: manifest(digest), force: false };

    let [_, large] = bench.opened.storage.shared.database.budgets();
    let other = large.wait(Client::at(None), PIECE_ROWS.into()).await.expect("a turn");
    let mut many = pin!(remove(&bench, gone(&content)));
    while large.waiting() == 0 {
        assert!(futures_util::poll!(many.as_mut()).is_pending(), "it waits for a turn");
    }
    remove(&bench, gone(&sha256(b"one"))).await.expect("is small");
    drop(other);
    many.await.expect("removes");
    for name in ["first", "tag-000", "tag-199"] {
        let left = bench.opened.storage.entry(&bench.on::<Probe>(IMAGES), &tag(name)).await;
        assert!(matches!(left, Err(Error::Absent)), "{name}");
    }
}
