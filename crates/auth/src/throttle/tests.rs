use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const ALICE: Claim<'static> = Claim::Name("alice");
const HERE: Prefix = Prefix::V4(1);
const THERE: Prefix = Prefix::V4(2);

fn throttle(per_claim: u32, per_address: u32, buckets: usize) -> Throttle {
    Throttle::new(&AuthLimits {
        failures_per_claim_max: per_claim,
        failures_per_claim_forgiven_secs: 6,
        failures_per_address_max: per_address,
        failures_per_address_forgiven_secs: 1,
        failure_buckets_max: buckets,
        ..AuthLimits::default()
    })
}

fn fail(throttle: &Throttle, times: u32, address: Prefix, claim: Claim<'_>, now: Timestamp) -> u32 {
    let refused = (0..times).filter(|_| throttle.failed(address, claim, now).is_err()).count();
    u32::try_from(refused).unwrap()
}

#[test]
fn so_many_failures_are_free_and_then_one_every_few_seconds() {
    let throttle = throttle(10, 1000, 100);
    assert_eq!(fail(&throttle, 10, HERE, ALICE, NOW), 0);
    assert_eq!(throttle.failed(HERE, ALICE, NOW), Err(Exhausted { retry_after_secs: 6 }));
    assert_eq!(throttle.may_try(HERE, ALICE, NOW.plus_secs(2)), Err(Exhausted { retry_after_secs: 4 }));
    assert_eq!(throttle.may_try(HERE, ALICE, NOW.plus_secs(6)), Ok(()));
    assert_eq!(fail(&throttle, 2, HERE, ALICE, NOW.plus_secs(6)), 1);
    assert_eq!(fail(&throttle, 20, HERE, ALICE, NOW.plus_secs(600)), 10);
}

#[test]
fn hammering_on_does_not_make_it_longer() {
    let throttle = throttle(10, 1000, 100);
    fail(&throttle, 100, HERE, ALICE, NOW);
    assert_eq!(throttle.may_try(HERE, ALICE, NOW), Err(Exhausted { retry_after_secs: 6 }));
}

#[test]
fn other_names_and_other_addresses_are_not_meant() {
    let throttle = throttle(10, 1000, 100);
    fail(&throttle, 20, HERE, ALICE, NOW);
    assert!(throttle.may_try(HERE, Claim::Name("ALICE"), NOW).is_err(), "case does not count");
    assert!(throttle.may_try(HERE, Claim::Name("bob"), NOW).is_ok());
    assert!(throttle.may_try(THERE, ALICE, NOW).is_ok());
}

#[test]
fn an_address_that_tries_many_names_is_exhausted_and_new_names_get_three_tries() {
    let throttle = throttle(10, 50, 10_000);
    for name in 0..200 {
        let _ = throttle.failed(HERE, Claim::Name(&name.to_string()), NOW);
    }
    assert!(throttle.failed(HERE, Claim::Nothing, NOW).is_err());
    for _ in 0..3 {
        assert!(throttle.may_try(HERE, ALICE, NOW).is_ok(), "others' failures do not lock alice out");
        let _ = throttle.failed(HERE, ALICE, NOW);
    }
    assert!(throttle.may_try(HERE, ALICE, NOW).is_err());
    assert!(throttle.may_try(THERE, ALICE, NOW).is_ok());
}

#[test]
fn buckets_are_bounded_and_free_again_when_forgiven() {
    let throttle = throttle(10, 5, 50);
    for name in 0..1000 {
        let _ = throttle.failed(HERE, Claim::Name(&name.to_string()), NOW);
    }
    assert!(throttle.buckets.len() <= 50);
    assert!(throttle.may_try(HERE, ALICE, NOW).is_err(), "what cannot be counted is not tried from there");
    let later = NOW.plus_secs(600);
    assert!(throttle.may_try(HERE, ALICE, later).is_ok());
    let _ = throttle.failed(HERE, ALICE, later);
    assert!(throttle.buckets.len() <= 2, "forgiven buckets are swept: {}", throttle.buckets.len());
}

#[test]
fn a_clock_that_jumps_back_locks_nobody_out_for_long() {
    let throttle = throttle(10, 1000, 100);
    fail(&throttle, 10, HERE, ALICE, NOW.plus_secs(1_000_000));
    let retry = throttle.may_try(HERE, ALICE, NOW).unwrap_err().retry_after_secs;
    assert!(retry <= 60, "{retry}");
}

#[test]
fn a_nuget_client_with_a_wrong_key_repeats_it_a_dozen_times_at_once() {
    let throttle = Throttle::new(&AuthLimits::default());
    assert_eq!(fail(&throttle, 12, HERE, ALICE, NOW), 0);
}

#[test]
fn a_name_that_was_there_before_is_looked_at_whatever_others_fail_at() {
    let throttle = throttle(10, 50, 10_000);
    throttle.succeeded(HERE, ALICE);
    for name in 0..200 {
        let _ = throttle.failed(HERE, Claim::Name(&name.to_string()), NOW);
    }
    fail(&throttle, 9, HERE, ALICE, NOW);
    assert_eq!(
        throttle.may_try(HERE, Claim::Name("Alice"), NOW),
        Ok(()),
        "its tenth try, and case does not count"
    );
    fail(&throttle, 3, HERE, Claim::Name("bob"), NOW);
    assert!(throttle.may_try(HERE, Claim::Name("bob"), NOW).is_err(), "and then waits");
    fail(&throttle, 1, HERE, ALICE, NOW);
    assert!(throttle.may_try(HERE, ALICE, NOW).is_err(), "its own failures make it wait");
    fail(&throttle, 200, THERE, Claim::Nothing, NOW);
    fail(&throttle, 3, THERE, ALICE, NOW);
    assert!(throttle.may_try(THERE, ALICE, NOW).is_err(), "known elsewhere is not known here");
}

#[test]
fn what_is_remembered_is_bounded_and_the_younger_half_stays() {
    let throttle = throttle(10, 1, 100);
    for name in 0..1000 {
        throttle.succeeded(HERE, Claim::Name(&name.to_string()));
    }
    let known = |name: u32| {
        let (pair, _) = throttle.buckets_of(HERE, Claim::Name(&name.to_string()));
        throttle.known.contains(pair.unwrap())
    };
    assert!((950..1000).all(known));
    assert!((0..1000).filter(|name| known(*name)).count() <= 100);
}
