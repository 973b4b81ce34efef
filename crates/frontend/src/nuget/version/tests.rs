use proptest::prelude::*;

use super::*;

const KNOWN: &str = include_str!("known.txt");
const ORDER: &str = include_str!("order.txt");

fn lines(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn texts_are_read_and_written_as_by_the_original() {
    let mut seen = 0;
    for line in lines(KNOWN) {
        let (text, known) = line.split_once('|').unwrap();
        let found = Version::parse(text).map(|version| {
            let semver = if version.is_semver2() { '2' } else { '1' };
            let kind = if version.is_prerelease() { "pre" } else { "rel" };
            format!("{}|{}|{semver}|{kind}", version.normalised(), version.full())
        });
        assert_eq!(found.unwrap_or_default(), known, "{text:?}");
        seen += 1;
    }
    assert!(seen > 90, "{seen}");
}

#[test]
fn versions_are_ordered_as_by_the_original() {
    let mut before: Option<Version> = None;
    for line in lines(ORDER) {
        let (relation, text) = line.split_once(' ').unwrap();
        let next = version(text);
        if let Some(before) = &before {
            let expected = if relation == "=" { Ordering::Equal } else { Ordering::Less };
            assert_eq!(before.cmp(&next), expected, "{before:?} {next:?}");
        }
        before = Some(next);
    }
}

#[test]
fn one_version_has_one_key() {
    for same in ["1.0", "1.0.0", "1.0.0.0", "01.00", "1", "1.0.0+x", " 1.0.0 "] {
        assert_eq!(version(same).key(), "1.0.0", "{same}");
    }
    assert_eq!(version("1.0-RC").key(), "1.0.0-rc");
    assert_eq!(version("1.0-RC").normalised(), "1.0.0-RC");
}

#[test]
fn what_could_leave_its_path_is_no_version() {
    for bad in
        ["1.0#", "1.0?x", "1.0%2f", "1/0", "1.0\\", "1.0..", "..", "1.0\u{0}", "1.0-a/b", "1.0+a/b", "1.0:1"]
    {
        assert!(Version::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_longest_version_has_a_sort_key_that_storage_takes() {
    let labels = |count: usize| vec!["1"; count].join(".");
    let longest = format!("2147483647.2147483647.2147483647.2147483647-{}", labels(106));
    assert!((255..=256).contains(&longest.len()), "{}", longest.len());
    for text in [longest, format!("1-{}", vec!["a"; 125].join(".")), format!("1-{}", "a".repeat(250))] {
        let version = version(&text);
        assert!(version.sort_key().len() <= 512, "{}", version.sort_key().len());
        version.name().unwrap();
    }
    // It is written as `1.0.0-a`, and could not be asked for by that.
    assert!(Version::parse(&format!("1-{}", "a".repeat(251))).is_err());
    assert!(Version::parse(&format!("1.0.0-{}+b", "a".repeat(250))).is_err());
}

/// The order as the original writes it down: four numbers, then labels one by one.
fn naive(left: &Version, right: &Version) -> Ordering {
    let labels = |version: &Version| -> Vec<String> {
        version.labels.split('.').filter(|label| !label.is_empty()).map(str::to_uppercase).collect()
    };
    let numbers = left.numbers.cmp(&right.numbers);
    if numbers != Ordering::Equal {
        return numbers;
    }
    let (mine, theirs) = (labels(left), labels(right));
    match (mine.is_empty(), theirs.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    for (mine, theirs) in mine.iter().zip(&theirs) {
        let order = match (mine.parse::<i32>(), theirs.parse::<i32>()) {
            (Ok(mine), Ok(theirs)) => mine.cmp(&theirs),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => mine.cmp(theirs),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    mine.len().cmp(&theirs.len())
}

fn some_version() -> impl Strategy<Value = String> {
    let number = "(0|1|2|9|10|11|99|100|2147483647)";
    let label = "(0|1|9|10|-1|-2|-10|2147483647|2147483648|-2147483648|-2147483649|[a-cA-C-]{1,3}[0-9]?|rc)";
    let text = format!("{number}(\\.{number}){{0,3}}(-{label}(\\.{label}){{0,3}})?");
    proptest::string::string_regex(&text).unwrap()
}

proptest! {
    #[test]
    fn sort_keys_have_the_order_of_versions(left in some_version(), right in some_version()) {
        let (left, right) = (version(&left), version(&right));
        prop_assert_eq!(left.sort_key().as_bytes().cmp(right.sort_key().as_bytes()), naive(&left, &right));
    }

    #[test]
    fn the_normalised_text_reads_as_the_same_version(text in some_version()) {
        let (once, again) = (version(&text), version(&version(&text).normalised()));
        prop_assert_eq!(once.key(), again.key());
        prop_assert_eq!(once.normalised(), again.normalised());
        prop_assert_eq!(once.sort_key(), again.sort_key());
    }

    #[test]
    fn nothing_panics(text in any::<String>(), near in "[0-9.+a -]{0,20}") {
        let _ = Version::parse(&text);
        let _ = Version::parse(&near);
    }
}
