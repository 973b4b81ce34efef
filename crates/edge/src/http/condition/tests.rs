use ::http::HeaderValue;
use proptest::prelude::*;

use super::*;

const TAG: &str = "\"now\"";
const BEFORE: &str = "Wed, 21 Oct 2026 07:27:59 GMT";
const SAME: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
const AFTER: &str = "Wed, 21 Oct 2026 07:28:01 GMT";

/// Half a second after [`SAME`], which no header can say.
fn now() -> Validators<'static> {
    let modified = Timestamp::from_millis(date::parse(SAME).unwrap().millis() + 500);
    Validators { tag: TAG, modified }
}

fn conditions(lines: &[(HeaderName, &str)]) -> Conditions {
    let pair = |(name, value): &(HeaderName, &str)| (name.clone(), HeaderValue::from_str(value).unwrap());
    Conditions::of(&Method::GET, &lines.iter().map(pair).collect())
}

#[test]
fn tags_count_before_dates_and_failures_before_the_rest() {
    use Verdict::{Failed, Holds, NotModified};
    for (lines, expected) in [
        (&[][..], Holds),
        (&[(IF_NONE_MATCH, TAG)], NotModified),
        (&[(IF_NONE_MATCH, "\"x\"")], Holds),
        (&[(IF_MODIFIED_SINCE, BEFORE)], Holds),
        (&[(IF_MODIFIED_SINCE, SAME)], NotModified),
        (&[(IF_MODIFIED_SINCE, AFTER)], NotModified),
        (&[(IF_MODIFIED_SINCE, "yesterday")], Holds),
        (&[(IF_MODIFIED_SINCE, SAME), (IF_MODIFIED_SINCE, SAME)], Holds),
        (&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, AFTER)], Holds),
        (&[(IF_MATCH, TAG)], Holds),
        (&[(IF_MATCH, "*")], Holds),
        (&[(IF_MATCH, "\"x\", \"now\"")], Holds),
        (&[(IF_MATCH, "\"x\"")], Failed),
        (&[(IF_MATCH, "W/\"now\"")], Failed),
        (&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
        (&[(IF_UNMODIFIED_SINCE, SAME)], Holds),
        (&[(IF_UNMODIFIED_SINCE, "never")], Holds),
        (&[(IF_MATCH, TAG), (IF_UNMODIFIED_SINCE, BEFORE)], Holds),
        (&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, TAG)], Failed),
        (&[(IF_MATCH, TAG), (IF_NONE_MATCH, TAG)], NotModified),
    ] {
        assert_eq!(conditions(lines).judge(&now()), expected, "{lines:?}");
    }
}

#[test]
fn a_range_is_for_the_state_the_client_has_the_beginning_of() {
    let range = (RANGE, "bytes=2-3");
    for (lines, expected) in [
        (&[][..], Wanted::Whole),
        (&[(RANGE, "bytes=2-3")], Wanted::Part(2..4)),
        (&[range.clone(), (IF_RANGE, TAG)], Wanted::Part(2..4)),
        (&[range.clone(), (IF_RANGE, "\"x\"")], Wanted::Whole),
        (&[range.clone(), (IF_RANGE, "W/\"now\"")], Wanted::Whole),
        (&[range.clone(), (IF_RANGE, SAME)], Wanted::Part(2..4)),
        (&[range.clone(), (IF_RANGE, BEFORE)], Wanted::Whole),
        (&[range, (IF_RANGE, AFTER)], Wanted::Whole),
        (&[(RANGE, "bytes=9-")], Wanted::Unsatisfiable),
    ] {
        assert_eq!(conditions(lines).part(&now(), 9), expected, "{lines:?}");
    }
}

#[test]
fn a_head_has_no_range() {
    let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=2-3"))]);
    assert_eq!(Conditions::of(&Method::HEAD, &headers).part(&now(), 9), Wanted::Whole);
}

proptest! {
    #[test]
    fn nothing_panics(value in proptest::collection::vec(0x20_u8..0xff, 0..40), size in any::<u64>(), millis in any::<i64>()) {
        let value = HeaderValue::from_bytes(&value).unwrap_or(HeaderValue::from_static("x"));
        let names = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE];
        let conditions = Conditions::of(&Method::GET, &names.into_iter().map(|name| (name, value.clone())).collect());
        let now = Validators { tag: TAG, modified: Timestamp::from_millis(millis) };
        let _ = (conditions.judge(&now), conditions.part(&now, size));
    }
}
