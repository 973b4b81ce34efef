//! Work that one node does for all: who has it, when it is due, and that nobody who lost it writes.

use std::time::Duration;

use bytes::Bytes;
use domain::{AccessManage, AuditView, Changes, Clock as _, Limit, Publish};

use super::access::{people, role};
use super::{push, stories, two_projects};
use crate::testing::{Bench, Place, system};
use crate::{Lease, SweepCursor, Taken, UPLOADS as WORK, Worked};

stories! {
    one_has_the_work_at_a_time
    who_lost_the_work_writes_nothing
    work_waits_until_it_is_due
    a_clock_that_was_set_back_keeps_no_work_for_ever
    what_cannot_be_thrown_away_does_not_keep_the_rest
    what_is_kept_no_longer_is_forgotten
}

/// Longer than a lease.
const LEASE_OVER_SECS: i64 = 31;
const DAY: i64 = 24 * 3600;

async fn take(bench: &Bench, holder: i64, at_once: bool) -> Taken {
    bench.opened.storage.take_work(&system(), WORK, holder, at_once).await.expect("asks")
}

/// How long it is not to be had.
fn elsewhere(taken: Taken) -> Duration {
    match taken {
        Taken::Elsewhere(rest) => rest,
        Taken::Here(lease) => panic!("{lease:?}"),
    }
}

fn here(taken: Taken) -> Lease {
    match taken {
        Taken::Here(lease) => lease,
        Taken::Elsewhere(rest) => panic!("not for {rest:?}"),
    }
}

/// An upload that somebody began and left.
async fn abandon(bench: &Bench) -> domain::UploadId {
    let mut upload =
        bench.opened.storage.begin_upload(&bench.on::<Publish>("alpha/images")).await.expect("begins");
    let id = upload.id();
    upload.append(Bytes::from_static(b"some bytes")).await.expect("appends");
    upload.save().await.expect("saves");
    id
}

async fn is_there(bench: &Bench, id: domain::UploadId) -> bool {
    bench.opened.storage.upload_offset(&bench.on::<Publish>("alpha/images"), id).await.is_ok()
}

async fn one_has_the_work_at_a_time(place: Place) {
    let bench = Bench::open(place).await;
    let first = bench.working(WORK).await;
    assert!(elsewhere(take(&bench, 2, true).await) > Duration::from_secs(20), "another has it");
    // Its own node may take it again, as it does while there is more to do.
    here(take(&bench, 1, true).await);
    bench.clock.advance_secs(LEASE_OVER_SECS);
    let second = here(take(&bench, 2, true).await);
    // Whoever lost it cannot give it away.
    bench.opened.storage.give_work_back(first, Duration::ZERO, true).await.expect("is heard");
    elsewhere(take(&bench, 3, true).await);
    bench.opened.storage.give_work_back(second, Duration::ZERO, true).await.expect("is heard");
    let third = here(take(&bench, 3, false).await);
    assert_eq!(third.last_ok_at, Some(bench.clock.now()));
    bench.opened.storage.leave_work(&system(), WORK, 2).await.expect("is heard");
    elsewhere(take(&bench, 4, true).await);
    bench.opened.storage.leave_work(&system(), WORK, 3).await.expect("is heard");
    here(take(&bench, 4, false).await);
}

async fn who_lost_the_work_writes_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let id = abandon(&bench).await;
    let lost = bench.working(WORK).await;
    bench.clock.advance_secs(LEASE_OVER_SECS);
    let lease = here(take(&bench, 2, true).await);
    let (storage, now) = (&bench.opened.storage, bench.clock.now());
    let mut cursor = SweepCursor::default();
    assert_eq!(storage.sweep_uploads(&lost, now, &mut cursor).await.expect("asks"), Worked::default());
    assert!(is_there(&bench, id).await);
    assert_eq!(storage.sweep_uploads(&lease, now, &mut cursor).await.expect("sweeps").items, 1);
    assert!(!is_there(&bench, id).await);
}

async fn work_waits_until_it_is_due(place: Place) {
    let bench = Bench::open(place).await;
    let storage = &bench.opened.storage;
    let lease = bench.working(WORK).await;
    storage.give_work_back(lease, Duration::from_secs(300), false).await.expect("is heard");
    assert_eq!(elsewhere(take(&bench, 2, false).await), Duration::from_secs(300));
    // Who has just started does not know of it, and looks.
    let lease = here(take(&bench, 2, true).await);
    assert_eq!((lease.failures, lease.last_ok_at), (1, None));
    storage.give_work_back(lease, Duration::from_secs(300), true).await.expect("is heard");
    bench.clock.advance_secs(301);
    assert_eq!(here(take(&bench, 1, false).await).failures, 0);
}

async fn a_clock_that_was_set_back_keeps_no_work_for_ever(place: Place) {
    let bench = Bench::open(place).await;
    let lease = bench.working(WORK).await;
    bench.opened.storage.give_work_back(lease, Duration::from_secs(300), true).await.expect("is heard");
    bench.clock.advance_secs(-365 * 24 * 3600);
    let lease = here(take(&bench, 2, false).await);
    assert!(lease.last_ok_at > Some(bench.clock.now()), "its holder sees that the clock was set");
    bench.clock.advance_secs(-365 * 24 * 3600);
    here(take(&bench, 3, false).await);
}

/// Where bytes lie in files, one of them is made impossible to remove.
async fn what_cannot_be_thrown_away_does_not_keep_the_rest(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let Some(root) = bench.place.directory().cloned() else { return };
    let stuck = abandon(&bench).await;
    let blobs = root.join("blobs");
    let Some(file) = only_file(&blobs) else { return };
    std::fs::remove_file(&file).expect("a file");
    std::fs::create_dir_all(file.join("in the way")).expect("a folder in its place");
    bench.clock.advance_secs(1);
    let other = abandon(&bench).await;
    bench.clock.advance_secs(1);
    let (lease, mut cursor) = (bench.working(WORK).await, SweepCursor::default());
    let mut sweep = async || {
        bench.opened.storage.sweep_uploads(&lease, bench.clock.now(), &mut cursor).await.expect("sweeps")
    };
    assert_eq!(sweep().await, Worked { items: 1, failed: 1 });
    assert!(!is_there(&bench, other).await);
    assert_eq!(sweep().await, Worked::default(), "it has had its turn");
    assert_eq!(sweep().await, Worked::default(), "and is not due");
    let again = async |after_secs| {
        bench.clock.advance_secs(after_secs);
        let lease = bench.working(WORK).await;
        let mut cursor = SweepCursor::default();
        bench.opened.storage.sweep_uploads(&lease, bench.clock.now(), &mut cursor).await.expect("sweeps")
    };
    assert_eq!(again(59).await, Worked::default());
    assert_eq!(again(1).await, Worked { items: 0, failed: 1 }, "it has another");
    assert_eq!(again(119).await, Worked::default(), "and waits twice as long");
    assert_eq!(stuck_of(&bench).await, (1, 0, true));
    for _ in 2..20 {
        assert_eq!(again(DAY).await, Worked { items: 0, failed: 1 });
    }
    assert_eq!(again(DAY).await, Worked::default(), "it is given up");
    assert_eq!(stuck_of(&bench).await, (0, 1, true));
    std::fs::remove_dir_all(&file).expect("a folder");
    assert_eq!(again(DAY).await, Worked::default());
    let lease = bench.working(WORK).await;
    bench.opened.storage.retry_uploads(&lease).await.expect("writes");
    assert_eq!(again(0).await, Worked { items: 1, failed: 0 });
    assert_eq!(stuck_of(&bench).await, (0, 0, false));
    assert!(!is_there(&bench, stuck).await);
}

/// What its worker says that it could not throw away: tried again, given up, and whether it says why.
async fn stuck_of(bench: &Bench) -> (u64, u64, bool) {
    let may = bench.on_organisation::<AuditView>(bench.actor());
    let workers = bench.opened.directory.workers(&may, String::new(), Limit::MAX).await.expect("lists");
    let row = workers.into_iter().find(|row| &*row.name == WORK).expect("it has worked");
    (row.failing, row.given_up, row.failure.is_some())
}

fn only_file(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let paths = std::fs::read_dir(folder).ok()?.map(|entry| entry.expect("an entry").path());
    paths.into_iter().find_map(|path| if path.is_dir() { only_file(&path) } else { Some(path) })
}

async fn what_is_kept_no_longer_is_forgotten(place: Place) {
    let bench = Bench::with(place, people()).await;
    let storage = &bench.opened.storage;
    let before = bench.point().await;
    push(&bench, "alpha/images", b"one", "1.0", false).await.expect("is new");
    let alpha = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let directory = &bench.opened.directory;
    directory.put_grant(&alpha, "member:alice", role("project-admin"), None).await.expect("puts");
    let lease = bench.working("trim").await;
    assert_eq!(storage.trim(&lease).await.expect("looks"), Worked::default(), "all of it is young");
    let told =
        async |point| matches!(bench.opened.grants.changes_since(point).await, Ok(Changes::Each { .. }));
    assert!(told(before).await);
    bench.clock.advance_secs(8 * 24 * 3600);
    directory.delete_grant(&alpha, "member:alice", Some("project-admin")).await.expect("deletes");
    let mut forgotten = 0;
    loop {
        match storage.trim(&lease).await.expect("trims") {
            Worked { items: 0, .. } => break,
            worked => forgotten += worked.items,
        }
    }
    assert!(forgotten > 2, "{forgotten}");
    assert!(!told(before).await, "who has followed no further loads everything");
    let last = bench.point().await;
    bench.clock.advance_secs(8 * 24 * 3600);
    while !storage.trim(&lease).await.expect("trims").is_nothing() {}
    directory.put_grant(&alpha, "member:alice", role("project-admin"), None).await.expect("puts");
    assert!(told(last).await, "who has followed all of it is told what comes next, however long nothing did");
}
