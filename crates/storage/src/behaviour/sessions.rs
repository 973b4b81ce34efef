//! Sessions in browsers: how long they last, how many there are, and what ends them.

use domain::{Clock as _, DirectoryManage, Own, SessionId, SessionUse, TokenId};

use super::stories;
use super::tokens::{alice, id_of, spec};
use crate::testing::{Bench, Place, origin, system};
use crate::{DirectoryError as Error, Ending, InForce, NewSession, SessionRow};

stories! {
    a_session_lasts_as_long_as_it_is_used_and_no_longer_than_it_may
    the_one_not_used_for_longest_gives_way
    a_session_takes_the_place_of_the_one_before
    who_is_suspended_or_logged_out_gets_no_session_back
    a_password_that_is_another_by_now_begins_none
    what_is_over_is_forgotten
}

const HOUR: i64 = 3600;
const IDLE_HOURS: i64 = 12;
const TOTAL_HOURS: i64 = 168;

async fn new(bench: &Bench, id: u64) -> NewSession {
    let principal = id_of(bench, "alice").await;
    let credentials = bench.credentials().await;
    let owner = credentials.principals.iter().find(|one| one.id.get() == principal).expect("alice");
    let [last, ..] = id.to_le_bytes();
    NewSession {
        id: TokenId::new(id),
        sha256: [last; 32],
        principal: owner.id,
        generation: owner.generation,
        replaces: None,
    }
}

async fn begin(bench: &Bench, new: NewSession) -> Result<(SessionRow, InForce), Error> {
    bench.opened.directory.begin_session(new, &origin()).await
}

async fn begun(bench: &Bench, id: u64) -> SessionRow {
    begin(bench, new(bench, id).await).await.expect("begins").0
}

/// Alice, through a token, which stays good whatever becomes of her password.
async fn own(bench: &Bench) -> Own {
    bench.own_through(id_of(bench, "alice").await, TokenId::new(1))
}

/// Those that go on, the one used last first.
async fn going_on(bench: &Bench) -> Vec<u64> {
    let own = own(bench).await;
    let rows = bench.opened.directory.own_sessions(&own).await.expect("lists");
    rows.iter().map(|row| row.id.get()).collect()
}

async fn used(bench: &Bench, id: u64) {
    let minute = u32::try_from(bench.clock.now().millis() / 60_000).expect("a minute");
    let used = SessionUse { session: SessionId::new(TokenId::new(id)), minute };
    bench.opened.directory.touch_sessions(&system(), &[used]).await.expect("notes");
}

async fn a_session_lasts_as_long_as_it_is_used_and_no_longer_than_it_may(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    let first = begun(&bench, 1).await;
    let hours = |row: &SessionRow| row.expires.millis_since(row.created_at) / 3_600_000;
    assert_eq!(hours(&first), IDLE_HOURS.unsigned_abs());
    let fact = async |bench: &Bench| bench.credentials().await.sessions.pop().expect("a session");
    assert_eq!(fact(&bench).await.expires, first.expires);

    // A use a moment later is noted, and told to nobody.
    bench.clock.advance_secs(600);
    let point = bench.point().await;
    used(&bench, 1).await;
    assert_eq!((bench.point().await, fact(&bench).await.expires), (point, first.expires));
    bench.clock.advance_secs(2 * HOUR);
    used(&bench, 1).await;
    let moved = fact(&bench).await;
    assert_eq!(moved.expires.millis_since(first.expires) / 60_000, 130);
    assert_eq!(moved.signed_in, first.created_at, "the password was given then");
    assert_ne!(bench.point().await, point, "other nodes are told");
    // An older use than the last moves nothing back.
    let old = SessionUse { session: SessionId::new(TokenId::new(1)), minute: 1 };
    bench.opened.directory.touch_sessions(&system(), &[old]).await.expect("notes");
    assert_eq!(fact(&bench).await.expires, moved.expires);

    for _ in 0..TOTAL_HOURS {
        bench.clock.advance_secs(HOUR);
        used(&bench, 1).await;
    }
    let last = fact(&bench).await.expires;
    assert_eq!(last.millis_since(first.created_at) / 3_600_000, TOTAL_HOURS.unsigned_abs());
    assert_eq!(going_on(&bench).await, [0; 0]);
}

async fn the_one_not_used_for_longest_gives_way(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    for id in 1..=32 {
        begun(&bench, id).await;
        bench.clock.advance_secs(60);
    }
    used(&bench, 1).await;
    bench.clock.advance_secs(60);
    begun(&bench, 33).await;
    let there = going_on(&bench).await;
    assert_eq!((there.len(), there.contains(&2), there.contains(&1)), (32, false, true));
    let events = bench.opened.directory.audit_rows().await;
    let ended = events.iter().filter(|event| event.starts_with("session.end|")).count();
    assert_eq!(ended, 1, "{events:?}");
}

async fn a_session_takes_the_place_of_the_one_before(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    let first = begun(&bench, 1).await;
    let next = NewSession { replaces: Some(first.id), ..new(&bench, 2).await };
    begin(&bench, next).await.expect("begins");
    assert_eq!(going_on(&bench).await, [2]);
    assert!(matches!(begin(&bench, new(&bench, 2).await).await, Err(Error::Exists)));
}

async fn who_is_suspended_or_logged_out_gets_no_session_back(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    let directory = &bench.opened.directory;
    let bob = id_of(&bench, "bob").await;
    let manage = || bench.on_organisation::<DirectoryManage>(bob);
    begun(&bench, 1).await;
    let done = directory.end_sessions(&manage(), "member:alice").await.expect("ends");
    assert!(done.changed && going_on(&bench).await.is_empty());
    begun(&bench, 2).await;
    directory.set_suspended(&manage(), "member:alice", true).await.expect("suspends");
    let refused = begin(&bench, new(&bench, 3).await).await;
    assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
    directory.set_suspended(&manage(), "member:alice", false).await.expect("resumes");
    assert_eq!(going_on(&bench).await, [0; 0]);
    begun(&bench, 4).await;
    begun(&bench, 5).await;
    let own = own(&bench).await;
    let one = |id| SessionId::new(TokenId::new(id));
    let absent = directory.end_own_sessions(&own, Ending::One(one(9))).await;
    assert!(matches!(absent, Err(Error::Absent)));
    directory.end_own_sessions(&own, Ending::AllBut(Some(one(4)))).await.expect("ends");
    assert_eq!(going_on(&bench).await, [4]);
    directory.end_own_sessions(&own, Ending::One(one(4))).await.expect("ends");
    let none = directory.end_own_sessions(&own, Ending::AllBut(None)).await.expect("there is none");
    assert!(!none.changed && bench.credentials().await.sessions.is_empty());
}

async fn a_password_that_is_another_by_now_begins_none(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    let verified = new(&bench, 1).await;
    let manage = bench.on_organisation::<DirectoryManage>(id_of(&bench, "bob").await);
    bench.opened.directory.end_sessions(&manage, "member:alice").await.expect("ends");
    assert!(matches!(begin(&bench, verified).await, Err(Error::Stale)));
}

async fn what_is_over_is_forgotten(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "cli")], None)).await;
    begun(&bench, 1).await;
    bench.clock.advance_secs(HOUR);
    begun(&bench, 2).await;
    bench.clock.advance_secs((IDLE_HOURS - 1) * HOUR);
    assert_eq!(going_on(&bench).await, [2]);
    assert_eq!(bench.credentials().await.sessions.len(), 2);
    assert_eq!(bench.opened.directory.forget_sessions(&system()).await.expect("forgets"), 1);
    assert_eq!(bench.opened.directory.forget_sessions(&system()).await.expect("forgets"), 0);
    let ids: Vec<_> = bench.credentials().await.sessions.iter().map(|one| one.id.get()).collect();
    assert_eq!(ids, [2]);
}
