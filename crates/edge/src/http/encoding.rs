//! Text of documents in the two encodings besides UTF-8 that clients still send.

/// The characters of UTF-16 without its mark, `None` for each unit that is none; `unit` says which byte comes first.
pub fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> impl Iterator<Item = Option<char>> {
    let (units, rest) = bytes.as_chunks();
    let characters = char::decode_utf16(units.iter().map(move |bytes| unit(*bytes))).map(Result::ok);
    characters.chain((!rest.is_empty()).then_some(None))
}

/// The characters of ISO 8859-1, which has one for each byte.
pub fn latin1(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.iter().copied().map(char::from)
}

#[cfg(test)]
mod tests;
