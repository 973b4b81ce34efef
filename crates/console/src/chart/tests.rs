use api::Day;
use api::usage::{Usage, UsageItem, UsageStep, UsageSum};

use super::{Chart, GROUND, HEIGHT, LEFT, WIDTH, short, times, top};
use crate::look::Language;

fn usage(step: UsageStep, counts: &[(u64, u64)]) -> Usage {
    let item = |(day, (downloads, published)): (i64, &(u64, u64))| UsageItem {
        at: Day(20_000 + day),
        downloads: *downloads,
        downloaded_bytes: downloads * 10,
        published: *published,
    };
    let items: Vec<UsageItem> = (0_i64..).zip(counts).map(item).collect();
    let sum = UsageSum {
        downloads: counts.iter().map(|(downloads, _)| downloads).sum(),
        downloaded_bytes: 0,
        published: counts.iter().map(|(_, published)| published).sum(),
    };
    Usage { from: Day(20_000), to: Day(20_029), step, items, sum, totals: None }
}

fn drawn(usage: &Usage) -> Chart {
    Chart::of(usage, Language::English, Language::English.texts())
}

#[test]
fn bars_stay_in_the_picture() {
    for count in [1, 30, 53, 400] {
        let counts: Vec<(u64, u64)> = (0..count).map(|day| (day * 37 % 1001, day % 3)).collect();
        let chart = drawn(&usage(UsageStep::Day, &counts));
        for bar in &chart.bars {
            assert!(bar.x >= LEFT && bar.x + bar.width <= LEFT + WIDTH, "{count}");
            assert!(bar.height <= HEIGHT && bar.y + bar.height == GROUND && bar.width > 0, "{count}");
        }
        assert!(chart.names.len() <= 4 && chart.rows.len() == counts.len());
    }
}

#[test]
fn what_it_shows_is_said() {
    let none = drawn(&usage(UsageStep::Day, &[(0, 0), (0, 0)]));
    assert!(none.bars.is_empty() && none.sentence.starts_with("Nothing was pulled"), "{}", none.sentence);
    let some = drawn(&usage(UsageStep::Day, &[(3, 1), (1500, 0)]));
    let sentence = "1,503 downloads and 1 new versions; most downloads on 5 Oct 2024: 1,500.";
    assert_eq!((some.sentence.as_str(), some.rows[0].exact.as_str()), (sentence, "2024-10-05"));
    assert_eq!(some.times, 1000);
    assert!(drawn(&usage(UsageStep::Week, &[(0, 1)])).sentence.contains("in the week of"));
}

#[test]
fn scales_are_round() {
    assert_eq!([0, 2, 3, 10, 11, 21, 51, 1001].map(top), [2, 2, 10, 10, 20, 50, 100, 2000]);
    assert_eq!(top(u64::MAX), u64::MAX);
    assert_eq!(
        [(0, 0), (5, 0), (9, 1), (10, 1), (1000, 9), (3, 8)].map(|(all, new)| times(all, new)),
        [1, 1, 1, 10, 100, 1]
    );
    assert_eq!([0, 25, 2500, 25_000, 2_000_000].map(short), ["0", "25", "2500", "25k", "2M"]);
}
