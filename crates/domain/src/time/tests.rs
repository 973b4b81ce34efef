use crate::clock::Timestamp;

use super::{day_of, month_of, parse, parse_day, show, show_day, week_of};

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

#[test]
fn days_are_read_as_they_are_shown() {
    for text in ["1970-01-01", "2000-02-29", "2099-12-31", "1969-12-31"] {
        let day = parse_day(text).expect("a day");
        assert_eq!(
            (show_day(day), day_of(parse(&format!("{text}T23:59:59Z")).expect("a moment"))),
            (text.into(), day)
        );
    }
    for wrong in ["2000-02-30", "2000-2-01", "2000-01-01T", "", "2000-01-01 ", "٢٠٩٩-12-31"] {
        assert_eq!(parse_day(wrong), None, "{wrong}");
    }
}

#[test]
fn weeks_begin_on_mondays_and_months_with_their_first() {
    let day = |text: &str| parse_day(text).expect("a day");
    for (text, week, month) in [
        ("1970-01-01", "1969-12-29", "1970-01-01"),
        ("2026-11-30", "2026-11-30", "2026-11-01"),
        ("2026-11-29", "2026-11-23", "2026-11-01"),
        ("2024-02-29", "2024-02-26", "2024-02-01"),
    ] {
        assert_eq!((week_of(day(text)), month_of(day(text))), (day(week), day(month)), "{text}");
    }
}
