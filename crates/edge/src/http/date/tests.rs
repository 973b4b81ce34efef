use proptest::prelude::*;

use super::*;

#[test]
fn dates_are_read_in_all_their_forms() {
    let at = Some(Timestamp::from_millis(784_111_777_000));
    for text in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse(text), at, "{text}");
    }
    for text in ["", "now", "2026-01-01T00:00:00Z", "Sun, 06 Nov 1994 25:49:37 GMT"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn moments_that_no_date_has_are_written_as_the_nearest() {
    assert_eq!(show(Timestamp::from_millis(-5)), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(show(Timestamp::from_millis(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_to_the_second(millis in 0_i64..253_402_300_799_999) {
        let shown = show(Timestamp::from_millis(millis));
        prop_assert_eq!(parse(shown.to_str().unwrap()), Some(Timestamp::from_millis(millis / 1000 * 1000)));
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }
}
