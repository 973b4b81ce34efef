use super::moment;

#[test]
fn reads_moments() {
    for (text, millis) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1970-01-01T01:00:00+01:00", Some(0)),
        ("2000-02-29T12:00:00.5Z", Some(951_825_600_500)),
        ("2099-12-31T00:00:00Z", Some(4_102_358_400_000)),
        ("1969-12-31T23:59:59Z", Some(-1_000)),
        ("2024-03-01T00:00:00Z", Some(1_709_251_200_000)),
        ("2099-12-31", None),
        ("2099-12-31T00:00:00", None),
    ] {
        let at = text.parse().expect("a date");
        assert_eq!(moment(&at).map(|moment| moment.millis()), millis, "{text}");
    }
}
