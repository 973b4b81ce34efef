use super::*;

#[test]
fn what_is_no_character_is_told() {
    let read = |bytes| utf16(bytes, u16::from_le_bytes).collect::<Vec<_>>();
    assert_eq!(read(b"a\0\x3d\xd8\x00\xde"), [Some('a'), Some('\u{1f600}')]);
    assert_eq!(read(b"\x3d\xd8a\0"), [None, Some('a')]);
    assert_eq!(read(b"a\0b"), [Some('a'), None]);
    assert_eq!(utf16(b"\0a", u16::from_be_bytes).collect::<Option<String>>().as_deref(), Some("a"));
    assert_eq!(latin1(b"a\xe4\xff").collect::<String>(), "aäÿ");
}
