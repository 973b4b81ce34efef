//! Changes while threads check at full speed: no check that begins after `refresh_to` returned is let in.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::*;

const ROUNDS: u32 = 60;
const CHECKERS: usize = 3;

/// Threads that present the credentials without pause.
struct Checkers {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// Odd while the credentials are out of force. A check that sees the same odd number before and after must be refused.
    epoch: AtomicU64,
    faults: AtomicU64,
    let_in: AtomicU64,
    refused: AtomicU64,
}

impl Checkers {
    fn start(auth: &Arc<Authenticator>, credentials: Vec<Credentials>) -> Self {
        let (shared, all) = (Arc::new(Shared::default()), Arc::new(credentials));
        let threads = (0..CHECKERS).map(|_| {
            let (auth, all, shared) = (Arc::clone(auth), Arc::clone(&all), Arc::clone(&shared));
            thread::spawn(move || {
                while !shared.stop.load(Ordering::Relaxed) {
                    all.iter().for_each(|credentials| shared.check(&auth, credentials));
                }
            })
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// Waits until the credentials have been let in, or refused, a good number of times more.
    fn wait_for_more(counter: &AtomicU64) {
        let before = counter.load(Ordering::Relaxed);
        while counter.load(Ordering::Relaxed) < before + 100 {
            thread::yield_now();
        }
    }

    fn turn(&self) {
        self.shared.epoch.fetch_add(1, Ordering::SeqCst);
    }

    fn end(self) -> u64 {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.shared.faults.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn check(&self, auth: &Authenticator, credentials: &Credentials) {
        let before = self.epoch.load(Ordering::SeqCst);
        let decided = auth.authenticate_now(credentials, Some(HOME), Audience::Oci);
        let good = matches!(decided, Some(Ok(_)));
        let after = self.epoch.load(Ordering::SeqCst);
        if good && before == after && before % 2 == 1 {
            self.faults.fetch_add(1, Ordering::SeqCst);
        }
        let counter = if good { &self.let_in } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes the credentials out of force and back, many times, while they are being presented.
async fn storm(
    house: &House,
    credentials: Vec<Credentials>,
    kill: impl Fn(&House) -> PolicyPoint,
    revive: impl Fn(&House) -> PolicyPoint,
) {
    let checkers = Checkers::start(&house.auth, credentials);
    for _ in 0..ROUNDS {
        Checkers::wait_for_more(&checkers.shared.let_in);
        house.in_force(kill(house)).await;
        checkers.turn();
        Checkers::wait_for_more(&checkers.shared.refused);
        checkers.turn();
        house.in_force(revive(house)).await;
    }
    assert_eq!(checkers.end(), 0);
}

fn all_ways(house: &House) -> Vec<Credentials> {
    let token = house.alice.text.expose();
    let identity = house.now(&bearer(token)).unwrap();
    vec![bearer(&house.auth.issue_bearer(&identity).text), basic("alice", token), api_key(token)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoking_and_making_a_new_record() {
    let house = House::new().await;
    storm(
        &house,
        all_ways(&house),
        |house| house.source.set_token_state(house.alice.id, TokenState::Revoked),
        |house| house.source.set_token_state(house.alice.id, TokenState::Active),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_and_making_again() {
    let house = House::new().await;
    storm(
        &house,
        all_ways(&house),
        |house| house.source.remove_token(house.alice.id),
        |house| house.source.put_token(row(&house.alice, ALICE)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspending() {
    let house = House::new().await;
    let suspend = |house: &House, suspended| {
        house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.suspended = suspended)
    };
    storm(&house, all_ways(&house), |house| suspend(house, true), |house| suspend(house, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspending_by_a_rebuild() {
    let house = House::new().await;
    let suspend = |house: &House, suspended| {
        house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.suspended = suspended);
        house.source.demand_rebuild()
    };
    storm(&house, all_ways(&house), |house| suspend(house, true), |house| suspend(house, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_a_login_name_away() {
    let house = House::new().await;
    let rename = |house: &House, name: &str| {
        house.source.put_principal(principal(ALICE, PrincipalKind::Member, &[name]))
    };
    let named = vec![basic("alice", house.alice.text.expose())];
    storm(&house, named, |house| rename(house, "other"), |house| rename(house, "alice")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changing_a_password_kills_the_cached_one_and_its_bearers_for_good() {
    let house = House::new().await;
    let log_in = house.basic("alice", PASSWORD).await.unwrap();
    let given = bearer(&house.auth.issue_bearer(&log_in).text);
    let checkers = Checkers::start(&house.auth, vec![given, basic("alice", PASSWORD)]);
    Checkers::wait_for_more(&checkers.shared.let_in);
    let version = house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.generation += 1);
    house.in_force(version).await;
    checkers.turn();
    // Many other changes, none of which brings it back.
    for round in 0..ROUNDS {
        let other = principal(100 + round, PrincipalKind::Guest, &["other"]);
        house.in_force(house.source.put_principal(other)).await;
        Checkers::wait_for_more(&checkers.shared.refused);
    }
    assert_eq!(checkers.end(), 0);
}
