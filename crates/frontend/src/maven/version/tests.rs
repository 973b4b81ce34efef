use proptest::prelude::*;

use super::*;

/// One line a place in the order, equal ones on one line: as Maven 3.8.7, 3.9.11 and 4.0.0-rc-4 all compare each two of them.
const ORDER: &str = include_str!("order.txt");

fn key(text: &str) -> String {
    Version::parse(text).unwrap_or_else(|| panic!("no version: {text}")).sort_key()
}

#[test]
fn every_two_versions_compare_as_in_maven() {
    let places = ORDER.lines().enumerate();
    let all: Vec<(usize, &str, String)> =
        places.flat_map(|(place, line)| line.split(' ').map(move |text| (place, text, key(text)))).collect();
    assert!(all.len() > 400, "the table is cut");
    for (place, text, its) in &all {
        for (other_place, other, others) in &all {
            assert_eq!(its.cmp(others), place.cmp(other_place), "{text} and {other}: {its} and {others}");
        }
    }
}

#[test]
fn what_comes_before_a_release_is_told_apart() {
    let is_before = |text: &str| Version::parse(text).expect("a version").is_prerelease();
    for before in
        ["1.0-alpha-1", "1.0-beta", "2.0.0.M2", "1.0-rc1", "4.1.0.CR1", "1.0-SNAPSHOT", "1.0-1-snapshot"]
    {
        assert!(is_before(before), "{before}");
    }
    for release in ["1.0", "4.1.0.Final", "2.0.0.RELEASE", "1.0-sp1", "1.0-redhat-1", "31.1-jre"] {
        assert!(!is_before(release), "{release}");
    }
}

#[test]
fn versions_as_people_write_them_ascend() {
    let lines = [
        "1.0-alpha-1 1.0-alpha-2 1.0-alpha-10 1.0-beta-1 1.0-M1 1.0-rc1 1.0-RC2 1.0-SNAPSHOT 1.0 1.0-sp1 1.0.1",
        "4.1.0.Alpha1 4.1.0.Beta1 4.1.0.CR1 4.1.0.CR2 4.1.0.Final 4.1.0.Final-redhat-1 4.1.0.SP1 4.1.1.Final",
        "2.0.0.M2 2.0.0.RC1 2.0.0.RELEASE 2.0.1.RELEASE",
        "9.9 9.10 9.10.1 10.0 10.0-1 10.0-2 10.0.1 99999999999999999998 99999999999999999999",
        "31.0 31.0-android 31.0-jre 31.1-android",
        "1.2.3~rc1 1.2.3~rc2 1.2.4",
        "Greenwich.RELEASE Hoxton.SR1 Hoxton.SR12",
        "1-foo 1-foo.1 1-foo1 1-1 1.1",
        "1-rc 1-rc.1 1-rc.2 1-rc1 1-rc2",
        "1-ga-alpha 1 1-ga-foo 1-ga1 1-ga2 1-sp",
        "1-1 1-2 1.0-1 1.0-2 1.0.1",
    ];
    for line in lines {
        let versions: Vec<&str> = line.split(' ').collect();
        for pair in versions.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }
}

#[test]
fn spellings_of_one_version_are_equal() {
    for line in [
        "1 1.0 1.0.0 01 1-ga 1.0.Final 1-RELEASE 1.0-ga.0 1-0",
        "1-rc1 1-RC1 1-cr1 1.rc1 1rc1 1-rc-1 1.0.0-rc1 1-rc01",
        "1-a1 1-alpha1 1alpha-1 1.0.a1",
        "1-SNAPSHOT 1.0-snapshot 1.SNAPSHOT",
        "1-a 1.a",
    ] {
        let keys: Vec<String> =
            line.split(' ').filter_map(|text| Some(Version::parse(text)?.sort_key())).collect();
        assert!(keys.len() > 1 && keys.windows(2).all(|pair| pair[0] == pair[1]), "{line}: {keys:?}");
    }
}

#[test]
fn what_is_no_version() {
    let long = "1".repeat(VERSION_BYTES_MAX);
    assert!(Version::parse(&long).is_some());
    for text in
        ["", "1/2", "1:2", "${revision}", "1 ", " 1", "[1,2)", "1%2", "1.", ".", "..", "1\u{1}", "1\u{202e}2"]
    {
        assert_eq!(Version::parse(text), None, "{text}");
    }
    assert_eq!(Version::parse(&format!("{long}1")), None);
}

/// In the order of their characters, as Maven compares words it does not know, and each apart from a word that ends before.
#[test]
fn unusual_words_have_a_place() {
    let ascending = [
        "1-x", "1-x1", "1-x y", "1-x!", "1-x!y", "1-x#", "1-x$", "1-x&", "1-x'", "1-x;", "1-x@", "1-xa",
        "1-xü",
    ];
    for pair in ascending.windows(2) {
        assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
    }
    assert_eq!(key("1-Ü"), key("1-ü"));
}

#[test]
fn snapshots_end_with_the_word() {
    for (text, expected) in [
        ("1.0-SNAPSHOT", true),
        ("SNAPSHOT", true),
        ("1.0.SNAPSHOT", true),
        ("1.0-snapshot", false),
        ("1.0", false),
    ] {
        assert_eq!(Version::parse(text).unwrap().is_snapshot(), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn keys_are_bounded_and_printable(text in "[0-9A-Za-z._+~-]{0,255}[0-9A-Za-z_+~-]") {
        let key = key(&text);
        prop_assert!(key.len() <= 1024 && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{}", key);
    }

    #[test]
    fn keys_of_any_version_are_bounded(text in "[0-9a@!=$#;&' İüß文.-]{1,256}") {
        if let Some(version) = Version::parse(&text) {
            prop_assert!(version.sort_key().len() <= 1024);
        }
    }

    #[test]
    fn the_longest_keys_fit(piece in "[0-9a-z.!-][0-9a-z.! -]{0,2}") {
        let text: String = piece.chars().cycle().take(VERSION_BYTES_MAX - 1).chain(['1']).collect();
        prop_assert!(key(&text).len() <= 1024);
    }

    #[test]
    fn numbers_count_by_value(left in any::<u128>(), right in any::<u128>(), zeros in 0_usize..4) {
        let zeros = "0".repeat(zeros);
        prop_assert_eq!(key(&format!("1.{zeros}{left}")).cmp(&key(&format!("1.{right}"))), left.cmp(&right));
        prop_assert_eq!(key(&format!("1-rc{zeros}{left}")).cmp(&key(&format!("1-rc{right}"))), left.cmp(&right));
    }

    #[test]
    fn case_and_zeros_at_the_end_do_not_count(text in "[0-9]{1,3}([.-]([0-9]{1,3}|[a-zA-Z]{1,8})){0,5}") {
        let plain = key(&text);
        prop_assert_eq!(&key(&text.to_ascii_uppercase()), &plain);
        if text.ends_with(|last: char| last.is_ascii_digit()) {
            prop_assert_eq!(&key(&format!("{text}.0")), &plain);
        }
    }

    #[test]
    fn a_release_lies_between_its_snapshot_and_the_next(text in "[1-9][0-9]{0,2}(\\.[0-9]{1,3}){0,3}") {
        let with = |suffix| key(&format!("{text}{suffix}"));
        let all = [with("-rc-1"), with("-SNAPSHOT"), key(&text), with("-1"), with(".1")];
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", all);
    }
}
