use ::http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn accept(lines: &[&str]) -> HeaderMap {
    lines.iter().fold(HeaderMap::new(), |mut all, line| {
        all.append(ACCEPT, HeaderValue::try_from(*line).unwrap());
        all
    })
}

#[test]
fn the_most_specific_entry_decides() {
    for (lines, expected) in [
        (&[][..], true),
        (&["*/*"], true),
        (&["application/json"], true),
        (&["Application/JSON; charset=utf-8"], true),
        (&["text/html", "application/*;q=0.5"], true),
        (&["text/html"], false),
        (&["application/json;q=0, */*"], false),
        (&["*/*;q=0.0"], false),
        (&["*/*;q=0, application/json;q=0.001"], true),
        (&["nonsense"], false),
        (&[""], false),
    ] {
        assert_eq!(takes(&accept(lines), "application/json"), expected, "{lines:?}");
    }
}

#[test]
fn what_is_named_or_weighs_more_is_preferred() {
    for (lines, expected) in [
        (&[][..], false),
        (&["*/*"], false),
        (&["text/csv"], true),
        (&["text/csv", "*/*"], true),
        (&["text/csv;q=0.9, application/json"], false),
        (&["text/csv, application/json"], false),
        (&["text/csv, application/json;q=0.999"], true),
        (&["text/*, application/json;q=0.1"], true),
        (&["text/csv;q=0"], false),
        (&["text/csv;q=2"], false),
        (&["application/json"], false),
    ] {
        assert_eq!(prefers(&accept(lines), "text/csv", "application/json"), expected, "{lines:?}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(line in "[ -~]{0,64}") {
        let _ = takes(&accept(&[&line]), "application/json");
        let _ = prefers(&accept(&[&line]), "text/csv", "application/json");
    }
}

#[test]
fn codings_are_taken_by_name_or_by_star() {
    for list in ["gzip", "br, GZIP;q=0.5", "*", "deflate, *;q=0.1", "gzip;q=1.0, identity;q=0"] {
        assert!(takes_coding(list, "gzip"), "{list}");
    }
    for list in ["", "br", "gzip;q=0", "gzip;q=0, *", "*;q=0", "identity", "xgzip"] {
        assert!(!takes_coding(list, "gzip"), "{list}");
    }
}
