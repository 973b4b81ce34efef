//! Text of documents that clients send, in whichever encoding.

use std::borrow::Cow;

use edge::http::encoding::{latin1, utf16};

/// UTF-16 where a mark or the NULs of ASCII in it tell so, or else UTF-8, or else ISO 8859-1: old documents are, and whatever
/// is in them, hashes, names and coordinates are ASCII. Without its mark.
pub(crate) fn decode(document: &[u8]) -> Cow<'_, str> {
    let units = match document {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => wide(document, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => wide(document, u16::from_be_bytes),
        _ => return narrow(document),
    };
    Cow::Owned(units)
}

fn wide(document: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    utf16(document, unit).map(|at| at.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn narrow(document: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(document) {
        Ok(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(_) => Cow::Owned(latin1(document).collect()),
    }
}
