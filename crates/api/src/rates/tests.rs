use std::sync::Arc;

use auth::testing::ManualClock;
use domain::{Client, PrincipalId};

use super::{RateLimits, Rates, Turn};
use crate::problem::Code;

fn alice() -> Client {
    Client::Principal(PrincipalId::new(20))
}

/// How many of 5000 requests at one moment are answered.
fn answered(rates: &Rates, turn: Turn) -> usize {
    (0..5000).filter(|_| rates.take(alice(), turn).is_ok()).count()
}

#[test]
fn each_has_its_own_measure() {
    let clock = ManualClock::new();
    let rates = Rates::new(&RateLimits::default(), Arc::<ManualClock>::clone(&clock));
    for (turn, at_once, a_second) in
        [(Turn::Change, 400, 200), (Turn::Read, 1000, 1000), (Turn::Candidates, 5, 5)]
    {
        assert_eq!(answered(&rates, turn), at_once, "{turn:?}");
        clock.advance_secs(1);
        assert_eq!(answered(&rates, turn), a_second, "{turn:?}");
    }
    assert_eq!(answered(&rates, Turn::NewProject), 10);
    clock.advance_secs(6);
    assert_eq!(answered(&rates, Turn::NewProject), 1);
    rates.give_back(alice(), Turn::NewProject);
    assert_eq!(answered(&rates, Turn::NewProject), 1);
}

#[test]
fn who_has_no_turn_left_is_told_when_there_is_one() {
    let rates = Rates::new(&RateLimits::default(), ManualClock::new());
    assert_eq!(answered(&rates, Turn::NewProject), 10);
    let problem = rates.take(alice(), Turn::NewProject).expect_err("ten were made").problem();
    assert_eq!((problem.code, problem.retry_after_secs), (Code::Throttled, Some(6)));
    rates.take(Client::at(None), Turn::NewProject).expect("others have their own");
}
