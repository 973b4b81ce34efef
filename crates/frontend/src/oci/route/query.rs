//! Query parameters with percent decoding. Unknown ones are ignored, malformed ones count only where they are asked for.

use std::borrow::Cow;

/// Most parameters looked at; what follows is ignored.
const PARAMETERS_MAX: usize = 128;
/// Longest query looked at, in bytes; a longer one counts as empty of what we know.
const QUERY_BYTES_MAX: usize = 16 * 1024;

/// The query of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a>(&'a str);

/// A parameter cannot be understood: bad percent encoding, not UTF-8, or given twice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadParameter;

impl<'a> Query<'a> {
    pub(crate) fn new(query: Option<&'a str>) -> Self {
        Self(query.filter(|text| text.len() <= QUERY_BYTES_MAX).unwrap_or_default())
    }

    /// The only value of a parameter; `None` if it is absent.
    ///
    /// # Errors
    /// `BadParameter` if it is malformed or given twice: which of two digests would be meant?
    pub(crate) fn one(self, key: &str) -> Result<Option<Cow<'a, str>>, BadParameter> {
        let mut values = self.all(key);
        let first = values.next().transpose()?;
        if values.next().is_some() { Err(BadParameter) } else { Ok(first) }
    }

    /// Every value of a parameter, in order.
    pub(crate) fn all(self, key: &str) -> impl Iterator<Item = Result<Cow<'a, str>, BadParameter>> {
        self.0.split('&').take(PARAMETERS_MAX).filter_map(move |pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, Plus::IsSpace)?;
            (name == key).then(|| decode(value, Plus::IsSpace).ok_or(BadParameter))
        })
    }
}

/// What a `+` stands for: a space in queries as forms write them, itself in paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Query.
    IsSpace,
    /// Path.
    IsPlus,
}

/// Undoes percent encoding once. `None` if it is malformed or the result is not UTF-8.
pub(crate) fn decode(text: &str, plus: Plus) -> Option<Cow<'_, str>> {
    let coded = |byte| byte == b'%' || byte == b'+' && plus == Plus::IsSpace;
    if !text.bytes().any(coded) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (*first, tail) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(nibble(*high)? << 4 | nibble(*low)?);
                rest = after;
            }
            (b'%', _) => return None,
            (b'+', _) if plus == Plus::IsSpace => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Writes a value so that [`decode`] gives it back: everything but unreserved characters is encoded.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    use std::fmt::Write as _;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut coded = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if plain(byte) {
            coded.push(char::from(byte));
        } else {
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    Cow::Owned(coded)
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
