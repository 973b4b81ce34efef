use std::net::Ipv4Addr;

use domain::PrincipalId;
use proptest::prelude::*;
use tokio::task::JoinHandle;

use super::*;

fn address(last: u8) -> Client {
    Client::at(Some(Ipv4Addr::new(192, 0, 2, last).into()))
}

/// Turns, as many at a time as given; one client may have them all.
fn turns(at_once: u64, waiting: usize, waiting_per_client: usize) -> Arc<Budget> {
    Budget::new(Bounds::new(at_once, at_once, at_once).waiting(waiting, waiting_per_client))
}

/// Enters and reports how it ended.
fn enter(queue: &Arc<Budget>, from: u8) -> JoinHandle<Result<Share, Exceeded>> {
    let queue = Arc::clone(queue);
    tokio::spawn(async move { queue.wait(address(from), 1).await })
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn two_run_and_the_third_waits_for_one_of_them() {
    let queue = turns(2, 8, 8);
    let first = queue.wait(address(1), 1).await.unwrap();
    let _second = queue.wait(address(1), 1).await.unwrap();
    let third = enter(&queue, 1);
    settle().await;
    assert!(!third.is_finished());
    assert_eq!(queue.waiting(), 1);
    drop(first);
    let _third = third.await.unwrap().unwrap();
    assert_eq!(queue.waiting(), 0);
}

#[tokio::test]
async fn addresses_take_turns() {
    let queue = turns(1, 100, 10);
    let running = queue.wait(address(9), 1).await.unwrap();
    let mut crowd: Vec<_> = Vec::new();
    for _ in 0..5 {
        crowd.push(enter(&queue, 1));
        settle().await;
    }
    let single = enter(&queue, 2);
    settle().await;
    drop(running);
    settle().await;
    let first = crowd.remove(0);
    assert!(first.is_finished() && !single.is_finished());
    drop(first.await);
    settle().await;
    assert!(single.is_finished(), "the other address is next, not the rest of the crowd");
    assert!(crowd.iter().all(|waiting| !waiting.is_finished()));
}

#[tokio::test]
async fn it_is_bounded_for_one_address_and_for_all() {
    let queue = turns(1, 3, 2);
    let _running = queue.wait(address(9), 1).await.unwrap();
    let _waiting = [enter(&queue, 1), enter(&queue, 1), enter(&queue, 2)];
    settle().await;
    assert_eq!(queue.waiting(), 3);
    assert_eq!(queue.wait(address(1), 1).await.err(), Some(Exceeded::Own), "two wait already");
    assert_eq!(queue.waiting(), 3);
}

#[tokio::test]
async fn who_waits_with_many_gives_way_to_who_waits_with_few() {
    let queue = turns(1, 4, 4);
    let _running = queue.wait(address(9), 1).await.unwrap();
    let crowd: Vec<_> = (0..4).map(|_| enter(&queue, 1)).collect();
    settle().await;
    let late = enter(&queue, 2);
    settle().await;
    assert!(!late.is_finished(), "it waits");
    assert_eq!(queue.waiting(), 4);
    let ends: Vec<bool> = crowd.iter().map(JoinHandle::is_finished).collect();
    assert_eq!(ends, [false, false, false, true], "the newest of the crowd has gone");
    let another = enter(&queue, 3);
    settle().await;
    let refused = enter(&queue, 2);
    settle().await;
    assert!(!another.is_finished());
    assert!(refused.is_finished(), "nobody waits with more than it would");
}

#[tokio::test]
async fn clients_that_go_away_leave_no_gap() {
    let queue = turns(1, 2, 2);
    let running = queue.wait(address(9), 1).await.unwrap();
    let gone = [enter(&queue, 1), enter(&queue, 1)];
    settle().await;
    for waiting in gone {
        waiting.abort();
    }
    settle().await;
    let patient = enter(&queue, 1);
    settle().await;
    assert!(!patient.is_finished(), "the places of those who went are free again");
    drop(running);
    drop(patient.await.unwrap().unwrap());
    assert_eq!((queue.held(), queue.waiting()), (0, 0), "no turn was lost");
}

#[tokio::test]
async fn a_turn_given_to_somebody_who_just_left_goes_on() {
    let queue = turns(1, 4, 4);
    for _ in 0..100 {
        let running = queue.wait(address(9), 1).await.unwrap();
        let leaving = enter(&queue, 1);
        let staying = enter(&queue, 2);
        settle().await;
        leaving.abort();
        drop(running);
        drop(staying.await.unwrap().unwrap());
        settle().await;
    }
    assert_eq!((queue.held(), queue.waiting()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_two_at_once_and_none_is_lost() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let queue = turns(2, 1000, 1000);
    let running = Arc::new(AtomicUsize::new(0));
    let mut all = tokio::task::JoinSet::new();
    for client in 0..500_usize {
        let (queue, running) = (Arc::clone(&queue), Arc::clone(&running));
        all.spawn(async move {
            let from = u8::try_from(client % 7).unwrap();
            let permit = queue.wait(address(from), 1).await.unwrap();
            assert!(running.fetch_add(1, Ordering::SeqCst) < 2);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
        });
    }
    let mut done = 0;
    while let Some(end) = all.join_next().await {
        end.unwrap();
        done += 1;
    }
    assert_eq!((done, queue.waiting()), (500, 0));
}

#[test]
fn each_client_has_a_bound_and_so_have_all() {
    let budget = Budget::new(Bounds::new(10, 6, 4));
    let person = Client::Principal(PrincipalId::new(7));
    assert_eq!(budget.take(address(1), 5).err(), Some(Exceeded::Own));
    let mut here = budget.take(address(1), 3).unwrap();
    assert_eq!(here.grow(2), Err(Exceeded::Own));
    here.grow(1).unwrap();
    let theirs = budget.take(person, 6).unwrap();
    assert_eq!(budget.take(address(2), 1).err(), Some(Exceeded::Total));
    assert_eq!((budget.held(), budget.held_by(person), budget.refused()), (10, 6, 3));
    here.shrink_to(1);
    assert_eq!((here.amount(), budget.held()), (1, 7));
    drop((here, theirs));
    assert_eq!((budget.held(), budget.held_by(person), budget.held_by(address(1))), (0, 0, 0));
}

#[tokio::test]
async fn who_is_at_its_own_bound_is_passed_over_by_others() {
    let budget = Budget::new(Bounds::new(4, 4, 2).waiting(8, 8));
    let crowded = [budget.take(address(1), 1).unwrap(), budget.take(address(1), 1).unwrap()];
    let more = enter(&budget, 1);
    settle().await;
    let other = enter(&budget, 2);
    settle().await;
    assert!(other.is_finished() && !more.is_finished());
    drop(crowded);
    drop(more.await.unwrap().unwrap());
}

#[tokio::test]
async fn who_needs_much_is_not_overtaken_for_ever() {
    let budget = Budget::new(Bounds::new(4, 4, 4).waiting(8, 8));
    let small = [budget.take(address(1), 2).unwrap(), budget.take(address(1), 1).unwrap()];
    let large = tokio::spawn({
        let budget = Arc::clone(&budget);
        async move { budget.wait(address(2), 3).await }
    });
    settle().await;
    let late = enter(&budget, 3);
    settle().await;
    assert!(!late.is_finished(), "one is free, and who came first waits for three");
    let [first, _second] = small;
    drop(first);
    let large = large.await.unwrap().unwrap();
    settle().await;
    assert!(!late.is_finished());
    drop(large);
    drop(late.await.unwrap().unwrap());
}

#[tokio::test]
async fn what_can_never_be_had_is_refused_at_once() {
    let budget = Budget::new(Bounds::new(4, 4, 2).waiting(8, 8));
    assert_eq!(budget.wait(address(1), 3).await.err(), Some(Exceeded::Own));
}

proptest! {
    /// Whatever is taken, grown, shrunk and dropped in any order: what is held is the sum of the shares, within the bounds.
    #[test]
    fn what_is_held_is_the_sum_of_the_shares(steps in prop::collection::vec((0..4_u8, 0..3_u8, 0..6_u64), 1..200)) {
        let budget = Budget::new(Bounds::new(12, 8, 5));
        let mut shares: Vec<Share> = Vec::new();
        for (step, who, amount) in steps {
            let client = if who == 0 { Client::Principal(PrincipalId::new(7)) } else { address(who) };
            match step {
                0 => shares.extend(budget.take(client, amount).ok()),
                1 => drop(shares.pop()),
                2 => if let Some(share) = shares.first_mut() { share.shrink_to(amount) },
                _ => if let Some(share) = shares.first_mut() { let _ = share.grow(amount); },
            }
            prop_assert_eq!(budget.held(), shares.iter().map(Share::amount).sum::<u64>());
            prop_assert!(budget.held() <= 12);
            let own: u64 = shares.iter().filter(|share| share.client() == client).map(Share::amount).sum();
            prop_assert_eq!(budget.held_by(client), own);
            prop_assert!(own <= budget.bounds().of(client));
        }
    }
}

#[tokio::test]
async fn what_all_share_is_charged_to_nobody_and_bounded_with_the_rest() {
    let budget = Budget::new(Bounds::new(10, 6, 6).waiting(4, 4));
    let kept = budget.take_common(6).unwrap();
    assert_eq!((budget.held(), budget.held_by(address(1))), (6, 0));
    let own = budget.take(address(1), 4).unwrap();
    assert!(matches!(budget.take_common(1), Err(Exceeded::Total)));
    let waiting = enter(&budget, 2);
    settle().await;
    assert!(!waiting.is_finished());
    drop(kept);
    let next = waiting.await.unwrap().unwrap();
    assert_eq!(budget.held(), 5);
    drop((own, next));
    assert_eq!(budget.held(), 0);
}
