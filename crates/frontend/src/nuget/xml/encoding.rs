//! From bytes to text, as clients find out which encoding a document has: by its mark, by its first character, by its declaration.

use std::borrow::Cow;

use edge::http::encoding::{latin1, utf16};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{BadXml, ILL_FORMED};

const OTHER_BYTES: BadXml = "its bytes are not what its encoding has";
const OTHER_ENCODING: BadXml = "it declares another encoding than it has, or one that clients do not read";

/// Reads UTF-8, UTF-16 with or without a mark, ISO-8859-1 and ASCII; what is declared must be what it is.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, BadXml> {
    const LITTLE: [&str; 2] = ["utf-16le", "unicode"];
    const BIG: [&str; 2] = ["utf-16be", "unicodefffe"];
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes, LITTLE),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes, BIG),
        [b'<', 0, ..] => wide(bytes, u16::from_le_bytes, LITTLE),
        [0, b'<', ..] => wide(bytes, u16::from_be_bytes, BIG),
        [0xef, 0xbb, 0xbf, rest @ ..] => narrow(rest),
        _ => narrow(bytes),
    }
}

fn wide(bytes: &[u8], read: fn([u8; 2]) -> u16, own: [&str; 2]) -> Result<Cow<'static, str>, BadXml> {
    let text: String = utf16(bytes, read).collect::<Option<_>>().ok_or(OTHER_BYTES)?;
    let either = ["utf-16", "ucs-2", "iso-10646-ucs-2"];
    match declared(&text)?.as_deref() {
        Some(name) if !either.contains(&name) && !own.contains(&name) => Err(OTHER_ENCODING),
        _ => Ok(Cow::Owned(text)),
    }
}

fn narrow(bytes: &[u8]) -> Result<Cow<'_, str>, BadXml> {
    // A declaration is ASCII in all of these.
    let end = bytes.iter().position(|byte| *byte == b'>').map_or(bytes.len(), |at| at.saturating_add(1));
    let head = bytes.get(..end).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default();
    match declared(head)?.as_deref() {
        None | Some("utf-8") => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| OTHER_BYTES),
        Some("iso-8859-1" | "iso_8859-1" | "latin1" | "l1") => Ok(Cow::Owned(latin1(bytes).collect())),
        // What ASCII has not, clients show as a question mark.
        Some("us-ascii" | "ascii") => {
            Ok(bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect())
        }
        Some(_) => Err(OTHER_ENCODING),
    }
}

/// The encoding that the declaration names, in lower case.
fn declared(text: &str) -> Result<Option<String>, BadXml> {
    if !text.starts_with("<?xml") {
        return Ok(None);
    }
    match Reader::from_str(text).read_event() {
        Ok(Event::Decl(declaration)) => match declaration.encoding() {
            None => Ok(None),
            Some(Ok(name)) => Ok(Some(name.to_ascii_lowercase())),
            Some(Err(_)) => Err(ILL_FORMED),
        },
        Ok(_) => Ok(None),
        Err(_) => Err(ILL_FORMED),
    }
}
