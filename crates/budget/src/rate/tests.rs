use domain::{Client, PrincipalId, Timestamp};

use super::{Often, Rate, TooOften};

fn client(id: u32) -> Client {
    Client::Principal(PrincipalId::new(id))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + millis)
}

/// How many of so many attempts at one moment have a turn.
fn taken(rate: &Rate, who: Client, attempts: u32, millis: i64) -> u32 {
    (0..attempts).map(|_| u32::from(rate.take(who, at(millis)).is_ok())).sum()
}

#[test]
fn so_many_at_once_and_then_evenly() {
    let rate = Rate::new(Often { burst: 400, times: 200, secs: 1 }, 100);
    assert_eq!(taken(&rate, client(1), 1000, 0), 400);
    assert_eq!(taken(&rate, client(1), 10, 4), 0, "one turn takes 5 ms");
    assert_eq!(taken(&rate, client(1), 10, 5), 1);
    assert_eq!(taken(&rate, client(1), 1000, 1005), 200);
    assert_eq!(taken(&rate, client(1), 1000, 60_000), 400, "never more than all");
    assert_eq!(taken(&rate, client(2), 1000, 60_000), 400, "others have their own");
    assert_eq!(rate.refused(), 600 + 10 + 9 + 800 + 600 + 600);
}

#[test]
fn who_is_refused_is_told_when_to_come_again() {
    let rate = Rate::new(Often { burst: 10, times: 10, secs: 60 }, 100);
    assert_eq!(taken(&rate, client(1), 10, 0), 10);
    assert_eq!(rate.take(client(1), at(0)), Err(TooOften { retry_after_secs: 6 }));
    assert_eq!(rate.take(client(1), at(5_500)), Err(TooOften { retry_after_secs: 1 }));
    assert_eq!(rate.take(client(1), at(6_000)), Ok(()));
    assert!(rate.take(client(1), at(6_000)).is_err());
    rate.give_back(client(1));
    assert_eq!(rate.take(client(1), at(6_000)), Ok(()));
    rate.give_back(client(7));
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let rate = Rate::new(Often { burst: 5, times: 5, secs: 1 }, 100);
    assert_eq!(taken(&rate, client(1), 9, 3_600_000), 5);
    assert_eq!(taken(&rate, client(1), 9, 0), 5);
    assert_eq!(taken(&rate, client(1), 9, 200), 1);
}

#[test]
fn not_more_clients_are_remembered_than_may_be() {
    let rate = Rate::new(Often { burst: 2, times: 1, secs: 1 }, 160);
    for id in 0..10_000 {
        assert_eq!(rate.take(client(id), at(i64::from(id) / 1000)), Ok(()), "others cost nobody a turn");
    }
    assert!(rate.remembered() <= 160, "{}", rate.remembered());
    for id in 0..200 {
        rate.take(client(id), at(3_600_000)).unwrap();
    }
    assert!(rate.remembered() <= 160, "{}", rate.remembered());
}
