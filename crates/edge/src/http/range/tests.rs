use proptest::prelude::*;

use super::*;

#[test]
fn one_range_of_a_kilobyte() {
    let cases: [(&str, Wanted); 18] = [
        ("bytes=0-0", Wanted::Part(0..1)),
        ("bytes=0-1023", Wanted::Part(0..1024)),
        ("bytes=0-99999", Wanted::Part(0..1024)),
        ("bytes=100-", Wanted::Part(100..1024)),
        ("bytes=-100", Wanted::Part(924..1024)),
        ("bytes=-9999", Wanted::Part(0..1024)),
        ("bytes=1023-1023", Wanted::Part(1023..1024)),
        ("bytes=1024-", Wanted::Unsatisfiable),
        ("bytes=500-0", Wanted::Unsatisfiable),
        ("bytes=-0", Wanted::Unsatisfiable),
        ("bytes=99999999999999999999-", Wanted::Unsatisfiable),
        ("bytes=0-1,5-6", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes=a-b", Wanted::Whole),
        ("bytes=1", Wanted::Whole),
        ("bytes=+1-2", Wanted::Whole),
        ("rows=0-1", Wanted::Whole),
        ("", Wanted::Whole),
    ];
    for (header, expected) in cases {
        assert_eq!(wanted(Some(header), 1024), expected, "{header}");
    }
    assert_eq!(wanted(None, 1024), Wanted::Whole);
}

#[test]
fn nothing_of_an_empty_body_can_be_had() {
    assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Unsatisfiable);
    assert_eq!(wanted(Some("bytes=-1"), 0), Wanted::Unsatisfiable);
}

#[test]
fn the_header_of_the_answer() {
    assert_eq!(content_range(&(0..10), 100).unwrap(), "bytes 0-9/100");
    assert_eq!(content_range(&(0..0), 100), None);
    assert_eq!(unsatisfied_range(7).unwrap(), "bytes */7");
}

proptest! {
    #[test]
    fn a_part_is_never_empty_and_inside(header in "bytes=[0-9 ,-]{0,24}|.{0,32}", size in any::<u64>()) {
        if let Wanted::Part(part) = wanted(Some(&header), size) {
            prop_assert!(part.start < part.end && part.end <= size);
        }
    }
}
