use ::http::HeaderValue;

use super::*;

fn headers(name: ::http::HeaderName, values: &[&'static str]) -> HeaderMap {
    let values = values.iter().map(|value| HeaderValue::from_static(value));
    values.fold(HeaderMap::new(), |mut all, value| {
        all.append(&name, value);
        all
    })
}

#[test]
fn a_list_matches_if_one_does() {
    for (values, expected) in [
        (&["\"a\""][..], true),
        (&["W/\"a\""], true),
        (&["\"b\", \"a\""], true),
        (&["\"b\"", "\"a\""], true),
        (&["*"], true),
        (&["\"b\""], false),
        (&["a"], false),
        (&[""], false),
        (&[], false),
    ] {
        assert_eq!(not_modified(&headers(IF_NONE_MATCH, values), "\"a\""), expected, "{values:?}");
    }
}

#[test]
fn a_range_needs_the_very_tag() {
    assert!(range_holds(&HeaderMap::new(), "\"a\""));
    assert!(range_holds(&headers(IF_RANGE, &["\"a\""]), "\"a\""));
    assert!(!range_holds(&headers(IF_RANGE, &["W/\"a\""]), "\"a\""));
    assert!(!range_holds(&headers(IF_RANGE, &["Wed, 21 Oct 2026 07:28:00 GMT"]), "\"a\""));
}
