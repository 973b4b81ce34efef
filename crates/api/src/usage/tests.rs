use domain::time::parse_day;
use storage::UsageDay;

use super::{TotalsAsked, Usage, UsageAsked, UsageStep};
use crate::words::Day;

fn day(text: &str) -> i64 {
    parse_day(text).expect("a day")
}

fn found(text: &str, downloads: u64) -> UsageDay {
    UsageDay { day: day(text), downloads, bytes: downloads * 10, published: 1 }
}

/// The steps with what was fetched in each.
fn steps(from: &str, to: &str, step: UsageStep) -> Vec<(String, u64)> {
    let days =
        [found("2026-01-31", 1), found("2026-02-01", 2), found("2026-02-02", 4), found("2026-03-01", 8)];
    let usage = Usage::of((day(from), day(to)), step, &days, None);
    assert_eq!(usage.sum.downloads, usage.items.iter().map(|item| item.downloads).sum::<u64>());
    usage.items.iter().map(|item| (domain::time::show_day(item.at.0), item.downloads)).collect()
}

#[test]
fn steps_begin_with_their_days_and_none_is_left_out() {
    let of = |list: &[(&str, u64)]| list.iter().map(|(at, n)| ((*at).to_owned(), *n)).collect::<Vec<_>>();
    let days = [("2026-01-31", 1), ("2026-02-01", 2), ("2026-02-02", 4), ("2026-02-03", 0)];
    assert_eq!(steps("2026-01-31", "2026-02-03", UsageStep::Day), of(&days));
    // 2 February 2026 is a Monday.
    let weeks = [("2026-01-30", 3), ("2026-02-02", 4), ("2026-02-09", 0)];
    assert_eq!(steps("2026-01-30", "2026-02-09", UsageStep::Week), of(&weeks));
    let months = [("2026-01-30", 1), ("2026-02-01", 6), ("2026-03-01", 8)];
    assert_eq!(steps("2026-01-30", "2026-03-02", UsageStep::Month), of(&months));
}

#[test]
fn days_are_bounded() {
    let asked = |from: Option<&str>, to: Option<&str>| {
        let day = |text: &str| Day(day(text));
        UsageAsked { from: from.map(day), to: to.map(day), step: UsageStep::Day, totals: TotalsAsked::Now }
    };
    let today = day("2026-11-30");
    let days = |from, to| asked(from, to).days(today).ok();
    assert_eq!(days(None, None), Some((day("2026-11-01"), today)));
    assert_eq!(days(None, Some("2026-01-30")), Some((day("2026-01-01"), day("2026-01-30"))));
    assert_eq!(days(Some("2026-11-30"), None), Some((today, today)));
    assert!(days(Some("2025-10-27"), None).is_some(), "400 days");
    assert!(days(Some("2025-10-26"), None).is_none(), "401 days");
    assert!(days(Some("2026-12-01"), None).is_none());
}

#[test]
fn a_table_has_a_line_for_each_step() {
    let usage =
        Usage::of((day("2026-01-31"), day("2026-02-01")), UsageStep::Day, &[found("2026-01-31", 3)], None);
    assert_eq!(
        usage.csv(),
        "at,downloads,downloaded_bytes,published\r\n2026-01-31,3,30,1\r\n2026-02-01,0,0,0\r\n"
    );
}
