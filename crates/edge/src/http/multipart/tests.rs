use proptest::prelude::*;

use super::*;

/// The part of a body that comes in pieces of these lengths, over and over.
fn taken(boundary: &str, body: &[u8], lengths: &[usize]) -> Result<Vec<u8>, BadMultipart> {
    let mut part = FirstPart::new(boundary);
    let (mut rest, mut out, mut lengths) = (body, Vec::new(), lengths.iter().cycle());
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at((*lengths.next().unwrap()).clamp(1, rest.len()));
        out.extend_from_slice(&part.feed(Bytes::copy_from_slice(chunk))?);
        rest = behind;
    }
    part.finish().map(|()| out)
}

fn whole(boundary: &str, body: &str) -> Result<String, BadMultipart> {
    taken(boundary, body.as_bytes(), &[body.len()]).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn boundaries_are_found_quoted_or_not() {
    let cases = [
        ("multipart/form-data; boundary=abc", Some("abc")),
        ("multipart/form-data; boundary=\"a b:c\"", Some("a b:c")),
        ("Multipart/Form-Data;charset=utf-8 ; Boundary=\"a\\\"b\" ; x=y", Some("a\"b")),
        ("multipart/form-data; x=\"; boundary=no\"; boundary=yes", Some("yes")),
        ("multipart/form-data; boundary=", None),
        ("multipart/form-data; boundary=\"a", None),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=a", None),
        ("application/octet-stream", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(boundary(text).as_deref(), expected, "{text}");
    }
    let of = |bytes| boundary(&format!("multipart/form-data; boundary={}", "b".repeat(bytes)));
    assert!(of(70).is_some());
    assert_eq!(of(71), None);
}

#[test]
fn the_first_part_is_taken_and_nothing_else() {
    let part = "Content-Disposition: form-data; name=package; filename=package.nupkg\r\n\r\n";
    let cases = [
        (format!("--b\r\n{part}hello\r\n--b--\r\n"), Ok("hello")),
        (format!("--b\r\n{part}hello\r\n--b\r\n{part}other\r\n--b--"), Ok("hello")),
        (format!("preamble\r\n--bb\r\n--b \t\r\n{part}\r\n--b--"), Ok("")),
        ("--b\r\n\r\nno headers\r\n--b--".to_owned(), Ok("no headers")),
        (format!("--b\r\n{part}a\r\n--c\r\n-\r\r\n--b--"), Ok("a\r\n--c\r\n-\r")),
        (format!("--b\r\n{part}a\r\n--b"), Ok("a")),
        (format!("--b\r\n{part}a\n--b--\n"), Ok("a")),
        ("--b\nX: y\n\na\r\r\n--b--".to_owned(), Ok("a\r")),
        ("--b--\r\n".to_owned(), Err(BadMultipart::NoPart)),
        (format!("--b\r\n{part}hello"), Err(BadMultipart::CutShort)),
        (format!("--b\r\n{part}hello\r\n--"), Err(BadMultipart::CutShort)),
        ("--b--\r\n".to_owned(), Err(BadMultipart::NoPart)),
        ("--b\r\nContent-".to_owned(), Err(BadMultipart::NoPart)),
        ("hello".to_owned(), Err(BadMultipart::NoPart)),
        (String::new(), Err(BadMultipart::NoPart)),
    ];
    for (body, expected) in cases {
        assert_eq!(whole("b", &body).as_deref(), expected.as_ref().copied(), "{body}");
    }
}

#[test]
fn the_head_is_bounded() {
    let with = |bytes: usize| format!("--b\r\nX: {}\r\n\r\nhello\r\n--b--", "x".repeat(bytes));
    assert_eq!(whole("b", &with(16_000)).as_deref(), Ok("hello"));
    assert_eq!(whole("b", &with(17_000)), Err(BadMultipart::NoPart));
    let mut part = FirstPart::new("b");
    let endless = (0..1000).try_for_each(|_| part.feed(Bytes::from_static(&[b'x'; 1000])).map(drop));
    assert_eq!(endless, Err(BadMultipart::NoPart));
    assert!(part.held.len() < 20_000);
}

proptest! {
    /// However the bytes arrive, the part is what stands between its head and the first delimiter.
    #[test]
    fn pieces_make_no_difference(
        content in "(\r|\n|-|b|c|\r\n--b|\r\n--|x){0,24}",
        lengths in proptest::collection::vec(1_usize..12, 1..6),
    ) {
        let body = format!("--bc\r\nA: b\r\n\r\n{content}\r\n--bc--\r\n");
        let expected = format!("{content}\r\n--bc");
        let expected = expected.split("\n--bc").next().unwrap();
        let expected = expected.strip_suffix('\r').unwrap_or(expected).to_owned();
        let found = taken("bc", body.as_bytes(), &lengths);
        prop_assert_eq!(found, Ok(expected.into_bytes()));
    }

    #[test]
    fn nothing_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
        near in "(\r\n|--|b|x|\r|\n){0,24}",
        kind in "(multipart/form-data)?[;= \"\\\\a-z]{0,24}",
    ) {
        let _ = (taken("b", &bytes, &[7]), taken("b", near.as_bytes(), &[3]), boundary(&kind));
    }
}
