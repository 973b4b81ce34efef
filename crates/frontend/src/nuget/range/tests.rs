use proptest::prelude::*;

use super::*;

const KNOWN: &str = include_str!("known.txt");

#[test]
fn ranges_are_read_and_written_as_by_the_original() {
    let mut seen = 0;
    for line in KNOWN.lines().filter(|line| !line.starts_with('#')) {
        let (text, known) = line.split_once('|').unwrap();
        let found = Range::parse(text);
        match (known.split_once('|'), text) {
            // Without a version attribute a dependency is satisfied by anything.
            (None, "") => assert_eq!(found, Ok(Range::default())),
            (None, _) => assert!(found.is_err(), "{text}"),
            (Some((_, "float")), _) => assert_eq!(found, Err(BadRange::Floating), "{text}"),
            (Some(_), _) if text.contains('+') => assert_eq!(found, Err(BadRange::Metadata), "{text}"),
            (Some((normalised, _)), _) => {
                assert_eq!(found.map(|range| range.normalised()).as_deref(), Ok(normalised), "{text}");
            }
        }
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn bounds_say_who_can_read_them() {
    assert!(!Range::parse("[1.0, 2.0-rc)").unwrap().is_semver2());
    assert!(Range::parse("[1.0, 2.0-rc.1)").unwrap().is_semver2());
    assert!(Range::parse("1.0-a.b").unwrap().is_semver2());
}

#[test]
fn the_bound_is_exact() {
    assert!(Range::parse(&format!("{:256}", "[1.0]")).is_ok());
    assert_eq!(Range::parse(&format!("{:257}", "[1.0]")), Err(BadRange::TooLong));
}

proptest! {
    #[test]
    fn the_normalised_text_reads_as_the_same_range(text in "[\\[(]?[ ]?(1|2.0|3.0-a)?[ ]?,?(1|2|3.0-b.1)?[\\])]?") {
        if let Ok(range) = Range::parse(&text) {
            prop_assert_eq!(Range::parse(&range.normalised()), Ok(range));
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>(), near in "[\\[\\](),.0-9a+* -]{0,12}") {
        let _ = (Range::parse(&text), Range::parse(&near));
    }
}

proptest! {
    /// Versions of one digit, with ends that are in or out, or none.
    #[test]
    fn disjoint_ranges_have_the_same_versions(
        ends in prop::collection::vec((prop::option::of(0_u8..10), prop::option::of((0_u8..10, any::<bool>()))), 0..8),
    ) {
        let version = |number: u8| Version::parse(&format!("{number}.0.0")).unwrap();
        let range = |(from, to): (Option<u8>, Option<(u8, bool)>)| {
            Range::of(from.map(version), to.map(|(number, inclusive)| (version(number), inclusive)))
        };
        let ordered = ends.into_iter().filter(|(from, to)| match (from, to) {
            (Some(from), Some((to, _))) => from <= to,
            _ => true,
        });
        let ranges: Vec<Range> = ordered.map(range).collect();
        let disjoint = Range::disjoint(ranges.clone());
        for number in 0..10 {
            let has = ranges.iter().any(|range| range.contains(&version(number)));
            prop_assert_eq!(Range::any_contains(&disjoint, &version(number)), has, "{} {:?}", number, disjoint);
        }
        let nonempty = disjoint.iter().filter(|range| (0..10).any(|number| range.contains(&version(number))));
        let counted = nonempty.map(|range| (0..10).filter(|number| range.contains(&version(*number))).count()).sum::<usize>();
        let had = (0..10).filter(|number| ranges.iter().any(|range| range.contains(&version(*number)))).count();
        prop_assert_eq!(counted, had, "no version is in two");
    }
}
