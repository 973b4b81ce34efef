use std::net::Ipv4Addr;

use futures_util::FutureExt as _;

use super::*;

fn address(last: u8) -> Prefix {
    Prefix::of(Some(Ipv4Addr::new(192, 0, 2, last).into()))
}

/// Enters and reports how it ended.
fn enter(queue: &Queue, from: u8) -> tokio::task::JoinHandle<Result<Permit, Full>> {
    let queue = queue.clone();
    tokio::spawn(async move { queue.enter(address(from)).await })
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn two_run_and_the_third_waits_for_one_of_them() {
    let queue = Queue::new(2, 8, 8);
    let first = queue.enter(address(1)).await.unwrap();
    let _second = queue.enter(address(1)).await.unwrap();
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
    let queue = Queue::new(1, 100, 10);
    let running = queue.enter(address(9)).await.unwrap();
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
    let queue = Queue::new(1, 3, 2);
    let _running = queue.enter(address(9)).await.unwrap();
    let _waiting = [enter(&queue, 1), enter(&queue, 1), enter(&queue, 2)];
    settle().await;
    assert_eq!(queue.waiting(), 3);
    assert_eq!(
        queue.enter(address(1)).now_or_never().map(|end| end.err()),
        Some(Some(Full)),
        "two wait already"
    );
    assert_eq!(queue.waiting(), 3);
}

#[tokio::test]
async fn who_waits_with_many_gives_way_to_who_waits_with_few() {
    let queue = Queue::new(1, 4, 4);
    let _running = queue.enter(address(9)).await.unwrap();
    let crowd: Vec<_> = (0..4).map(|_| enter(&queue, 1)).collect();
    settle().await;
    let late = enter(&queue, 2);
    settle().await;
    assert!(!late.is_finished(), "it waits");
    assert_eq!(queue.waiting(), 4);
    let ends: Vec<bool> = crowd.iter().map(tokio::task::JoinHandle::is_finished).collect();
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
    let queue = Queue::new(1, 2, 2);
    let running = queue.enter(address(9)).await.unwrap();
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
    assert!(queue.enter(address(1)).now_or_never().is_some(), "no turn was lost");
}

#[tokio::test]
async fn a_turn_given_to_somebody_who_just_left_goes_on() {
    let queue = Queue::new(1, 4, 4);
    for _ in 0..100 {
        let running = queue.enter(address(9)).await.unwrap();
        let leaving = enter(&queue, 1);
        let staying = enter(&queue, 2);
        settle().await;
        leaving.abort();
        drop(running);
        drop(staying.await.unwrap().unwrap());
        settle().await;
    }
    assert!(queue.enter(address(1)).now_or_never().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_two_at_once_and_none_is_lost() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let queue = Queue::new(2, 1000, 1000);
    let running = Arc::new(AtomicUsize::new(0));
    let mut all = tokio::task::JoinSet::new();
    for client in 0..500_usize {
        let (queue, running) = (queue.clone(), Arc::clone(&running));
        all.spawn(async move {
            let from = u8::try_from(client % 7).unwrap();
            let permit = queue.enter(address(from)).await.unwrap();
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
