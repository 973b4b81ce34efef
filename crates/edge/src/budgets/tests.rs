use std::net::Ipv4Addr;

use prometheus_client::registry::Registry;
use tokio::time::{Instant, timeout};

use super::stall_timer::StallEnd;
use super::*;

fn address(last: u8) -> Client {
    Client::at(Some(Ipv4Addr::new(192, 0, 2, last).into()))
}

fn budgets(change: impl FnOnce(&mut BudgetLimits)) -> Arc<Budgets> {
    let mut config = EdgeConfig::default();
    change(&mut config.budgets);
    Budgets::new(&config, &EdgeMetrics::register(&mut Registry::default()))
}

/// Waits for the other side, for ten minutes at most.
async fn stall(budgets: &Budgets, client: Client) -> StallEnd {
    let mut timer = stall_timer::StallTimer::new(&budgets.stalled, client, Duration::from_secs(600));
    poll_fn(|cx| timer.poll_end(cx)).await
}

#[tokio::test(start_paused = true)]
async fn waiting_has_an_end_and_nobody_gives_way_for_nothing() {
    let budgets = budgets(|_| {});
    let begun = Instant::now();
    assert_eq!(stall(&budgets, address(1)).await, StallEnd::TimedOut);
    assert_eq!(begun.elapsed().as_secs(), 600);
    assert_eq!(budgets.stalled.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn at_its_own_bound_a_client_makes_room_for_itself_alone() {
    let budgets = budgets(|limits| limits.requests_per_address_max = 1);
    let held = [
        budgets.in_flight(&budgets.requests, address(1)).await.unwrap(),
        budgets.in_flight(&budgets.requests, address(2)).await.unwrap(),
    ];
    let other = stall(&budgets, address(1));
    let own = async {
        let over = stall(&budgets, address(2)).await;
        drop(held);
        over
    };
    let wanted = budgets.in_flight(&budgets.requests, address(2));
    let (over, place) = tokio::join!(own, wanted);
    assert_eq!(over, StallEnd::GaveWay);
    assert!(place.is_ok());
    assert_eq!(timeout(Duration::from_secs(60), other).await.ok(), None);
}

#[tokio::test(start_paused = true)]
async fn at_the_bound_of_all_whoever_stalled_longest_makes_room() {
    let budgets = budgets(|limits| limits.requests_total_max = 1);
    let held = budgets.in_flight(&budgets.requests, address(1)).await.unwrap();
    let first = async {
        let over = stall(&budgets, address(1)).await;
        drop(held);
        over
    };
    let (over, place) = tokio::join!(first, budgets.in_flight(&budgets.requests, address(2)));
    assert!(over == StallEnd::GaveWay && place.is_ok());
    let begun = Instant::now();
    assert_eq!(
        budgets.in_flight(&budgets.requests, address(3)).await.unwrap_err(),
        Exceeded::Total,
        "who holds it is not stalled"
    );
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn one_answer_is_never_more_than_a_client_may_have() {
    let budgets = budgets(|limits| limits.answer_bytes_per_address_max = 1000);
    let share = budgets.whole_answer(address(1), 5000).await.unwrap();
    assert_eq!(share.amount(), 1000);
    assert_eq!(budgets.whole_answer(address(1), 1).await.unwrap_err(), Exceeded::Own);
}
