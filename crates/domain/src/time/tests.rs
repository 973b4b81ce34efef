use crate::clock::Timestamp;

use super::{parse, show};

#[test]
fn reads_moments() {
    for (text, millis) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1970-01-01T01:00:00+01:00", Some(0)),
        ("1969-12-31T23:00:00.25-01:00", Some(250)),
        ("2000-02-29T12:00:00Z", Some(951_825_600_000)),
        ("2099-12-31t00:00:00z", Some(4_102_358_400_000)),
        ("2100-02-29T00:00:00Z", None),
        ("2099-12-31", None),
        ("2099-12-31T00:00:00", None),
        ("2099-13-01T00:00:00Z", None),
        ("2099-12-31T24:00:00Z", None),
        ("2099-12-31T00:00:00.Z", None),
        ("2099-12-31T00:00:00+1:00", None),
        ("2099-12-31T00:00:00Zulu", None),
        ("٢٠٩٩-12-31T00:00:00Z", None),
        ("", None),
    ] {
        assert_eq!(parse(text).map(Timestamp::millis), millis, "{text}");
    }
}

#[test]
fn shows_what_it_reads() {
    for text in
        ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2099-12-31T00:00:00Z", "1900-03-01T00:00:00Z"]
    {
        assert_eq!(show(parse(text).expect("a moment")), text);
    }
    for day in (-200_000..200_000_i64).step_by(17) {
        let at = Timestamp::from_millis(day * 86_400_000);
        assert_eq!(parse(&show(at)), Some(at));
    }
}
