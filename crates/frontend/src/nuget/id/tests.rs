use proptest::prelude::*;

use super::*;

#[test]
fn ids_are_ascii_words_with_single_separators() {
    for good in ["A", "Newtonsoft.Json", "a-b.c_d", "_", "__a", "1", "x.1", "NUnit3TestAdapter"] {
        let id = PackageId::parse(good).unwrap_or_else(|_| panic!("{good}"));
        assert_eq!((id.display(), id.key()), (good, &*good.to_ascii_lowercase()));
    }
    let bad = [
        "", ".", "..", "-", ".a", "a.", "a..b", "a-.b", "-a", "a-", "a b", "a/b", "a\\b", "a#b", "a?b",
        "a%b", "a+b", "a:b", "$id$", "Ａ", "ı", "é", "a\u{0}", "a\n",
    ];
    for bad in bad {
        assert_eq!(PackageId::parse(bad), Err(BadId), "{bad:?}");
    }
}

#[test]
fn the_bound_is_exact() {
    assert!(PackageId::parse(&"a".repeat(100)).is_ok());
    assert!(PackageId::parse(&"a".repeat(101)).is_err());
}

/// The client's pattern `^\w+([.-]\w+)*$` over ASCII, read one character at a time.
fn naive(text: &str) -> bool {
    let mut before = '.';
    for c in text.chars() {
        let separator = c == '.' || c == '-';
        let separated = before == '.' || before == '-';
        if !(c.is_ascii_alphanumeric() || c == '_' || separator) || separator && separated {
            return false;
        }
        before = c;
    }
    before != '.' && before != '-' && text.chars().count() <= 100
}

proptest! {
    #[test]
    fn any_text_is_judged_as_the_client_judges_it(text in "([a-cA-C_0-1.-]{0,8}|[ -~é]{0,4}|a{95,104})") {
        prop_assert_eq!(PackageId::parse(&text).is_ok(), naive(&text), "{}", text);
    }

    #[test]
    fn case_makes_no_difference(text in "[a-zA-Z]{1,5}([.-][a-zA-Z_]{1,5}){0,3}") {
        let (id, upper) = (PackageId::parse(&text).unwrap(), PackageId::parse(&text.to_uppercase()).unwrap());
        prop_assert_eq!(id.key(), upper.key());
        prop_assert_eq!(id, upper);
    }
}
