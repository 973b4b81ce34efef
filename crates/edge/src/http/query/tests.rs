use proptest::prelude::*;

use super::*;

#[test]
fn values_are_decoded_in_order() {
    let query = Some("digest=sha256%3Aab&tag=a&tag=b%20c+d&flag&=x&bad=%zz&tag=");
    assert_eq!(first(query, "digest").as_deref(), Some("sha256:ab"));
    assert_eq!(all(query, "tag").collect::<Vec<_>>(), ["a", "b c d", ""]);
    assert_eq!(first(query, "flag").as_deref(), Some(""));
    assert_eq!(first(query, "bad"), None);
    assert_eq!(first(None, "digest"), None);
}

#[test]
fn a_scope_may_hold_slashes_encoded_or_not() {
    assert_eq!(first(Some("scope=repository:a%2Fb:pull"), "scope").as_deref(), Some("repository:a/b:pull"));
    assert_eq!(first(Some("scope=repository:a/b:pull"), "scope").as_deref(), Some("repository:a/b:pull"));
}

#[test]
fn the_number_of_pairs_is_bounded() {
    let long = "a=1&".repeat(100_000);
    assert_eq!(pairs(&long).count(), PAIRS_MAX);
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text in "\\PC{0,64}") {
        let mut query = String::from("v=");
        encode_into(&mut query, &text);
        prop_assert_eq!(first(Some(&query), "v").unwrap(), text);
    }

    #[test]
    fn nothing_panics(text in ".{0,128}") {
        let _ = pairs(&text).count();
    }
}
