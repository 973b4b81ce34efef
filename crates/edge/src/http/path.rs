//! Percent-decoding of paths, with everything refused that could mean another place than it seems to.

use std::borrow::Cow;

/// A path that names nothing here, whatever it decodes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// `%` without two hexadecimal digits behind it, or bytes that are no UTF-8.
    #[error("the path is not well-formed percent-encoded UTF-8")]
    Encoding,
    /// An encoded slash or percent sign, a backslash, NUL or another control character.
    #[error("the path holds {}, which no name may have", named(*.0))]
    Character(char),
    /// An empty segment, `.` or `..`.
    #[error("the path holds an empty or relative segment")]
    Segment,
}

/// Decodes a path that is empty or begins with `/`; one slash at the end is allowed. Encoded slashes, encoded percent
/// signs (double encoding), backslashes, control characters, empty and relative segments are refused.
///
/// # Errors
/// As the variants of [`BadPath`] say.
pub fn decode(path: &str) -> Result<Cow<'_, str>, BadPath> {
    let decoded = percent(path, Slash::Refused)?;
    let Some(below) = decoded.strip_prefix('/') else {
        return if decoded.is_empty() { Ok(decoded) } else { Err(BadPath::Segment) };
    };
    let below = below.strip_suffix('/').unwrap_or(below);
    let relative = |segment: &[u8]| matches!(segment, b"" | b"." | b"..");
    let mut segments = below.as_bytes().split(|byte| *byte == b'/');
    if !below.is_empty() && segments.any(relative) || decoded.starts_with("//") {
        return Err(BadPath::Segment);
    }
    Ok(decoded)
}

/// A character as a sentence names it, which may be an invisible one.
pub fn named(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        character if character.is_ascii_graphic() => format!("`{character}`"),
        character => format!("the character U+{:04X}", u32::from(character)),
    }
}

/// Whether a `%2F` is a character like others (queries) or refused (paths).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    Refused,
    Plain,
}

/// Decodes percent signs; borrows if there are none.
pub(super) fn percent(text: &str, slash: Slash) -> Result<Cow<'_, str>, BadPath> {
    let refused = |byte: u8| byte.is_ascii_control() || byte == b'\\' && slash == Slash::Refused;
    // Without a way out in between the loop is done many bytes at a time; almost every path is plain.
    if !text.bytes().fold(false, |any, byte| any | refused(byte) | (byte == b'%')) {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(byte) = text.bytes().find(|byte| refused(*byte)) {
        return Err(BadPath::Character(byte.into()));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (Some(high), Some(low)) = (rest.next().and_then(nibble), rest.next().and_then(nibble)) else {
            return Err(BadPath::Encoding);
        };
        let byte = high << 4 | low;
        if refused(byte) || slash == Slash::Refused && matches!(byte, b'/' | b'%') {
            return Err(BadPath::Character(byte.into()));
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| BadPath::Encoding)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
