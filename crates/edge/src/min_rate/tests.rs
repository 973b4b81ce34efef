use super::*;

fn rate() -> MinRate {
    MinRate { idle: Duration::from_secs(30), grace: Duration::from_secs(10), bytes_per_sec_min: 100 }
}

#[test]
fn waiting_is_earned_by_bytes() {
    let wait = |waited, moved| rate().longest_wait(Duration::from_secs(waited), moved).as_secs();
    assert_eq!(wait(0, 0), 10, "nothing came yet: the grace");
    assert_eq!(wait(4, 0), 6);
    assert_eq!(wait(10, 0), 0);
    assert_eq!(wait(12, 500), 3, "500 bytes explain 5 seconds");
    assert_eq!(wait(0, 1 << 40), 30, "never longer than the idle bound");
    let free = MinRate { bytes_per_sec_min: 0, ..rate() };
    assert_eq!(free.longest_wait(Duration::from_secs(99_999), 0).as_secs(), 30);
}
