use proptest::prelude::*;

use super::*;

#[test]
fn spans_are_two_numbers_in_order() {
    let good = [
        ("0-0", (0, 0, 1)),
        ("0-9", (0, 9, 10)),
        ("10-19", (10, 19, 10)),
        (" 5-6 ", (5, 6, 2)),
        ("bytes 0-9/10", (0, 9, 10)),
        ("bytes 0-9/*", (0, 9, 10)),
        ("bytes=0-9", (0, 9, 10)),
        ("0-18446744073709551614", (0, u64::MAX - 1, u64::MAX)),
    ];
    for (text, (first, last, length)) in good {
        let span = Span::parse(text.as_bytes()).unwrap();
        assert_eq!((span.first, span.last, span.length_bytes()), (first, last, length), "{text}");
    }
    let bad = [
        "",
        "-",
        "0",
        "0-",
        "-0",
        "1-0",
        "0--1",
        "+0-1",
        "a-b",
        "0-1-2",
        "0x1-0x2",
        "bytes */10",
        "0-18446744073709551615",
        "0-99999999999999999999",
        "0 - 1",
    ];
    for text in bad {
        assert_eq!(Span::parse(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(Span::parse("0-1".repeat(100).as_bytes()), None);
    assert_eq!(Span::parse(b"\xff-\xff"), None);
}

proptest! {
    #[test]
    fn spans_round_trip(first in 0..u64::MAX, length in 0..1_u64 << 40) {
        let last = first.saturating_add(length).min(u64::MAX - 1);
        let span = Span::parse(format!("{first}-{last}").as_bytes());
        prop_assert_eq!(span, Some(Span { first, last }));
    }
}
