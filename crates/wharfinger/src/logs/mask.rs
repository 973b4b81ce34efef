use std::borrow::Cow;

/// What stands in the place of a token's secret part.
const MASK: &[u8] = b"***";

/// A line of the log without anything that has a token's shape: `whfp_…`, `whfa_…`, `whfs_…`, in any case, percent-encoded or
/// not. Tokens get pasted into paths and names, and a log is read by more people than may use them.
pub(super) fn masked(line: &[u8]) -> Cow<'_, [u8]> {
    let mut shown: Option<Vec<u8>> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(rest) = line.get(at..) {
        if rest.is_empty() {
            break;
        }
        let Some(length) = token(rest) else {
            at += 1;
            continue;
        };
        let kept = shown.get_or_insert_with(|| Vec::with_capacity(line.len()));
        kept.extend_from_slice(line.get(copied..at).unwrap_or_default());
        kept.extend_from_slice(MASK);
        at += length;
        copied = at;
    }
    match shown {
        None => Cow::Borrowed(line),
        Some(mut kept) => {
            kept.extend_from_slice(line.get(copied..).unwrap_or_default());
            Cow::Owned(kept)
        }
    }
}

/// How long the token is that these bytes begin with.
fn token(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for expected in [&b"w"[..], b"h", b"f", b"pas", b"_"] {
        let (byte, length) = decoded(bytes.get(at..)?)?;
        if !expected.contains(&byte.to_ascii_lowercase()) {
            return None;
        }
        at += length;
    }
    while let Some((byte, length)) = bytes.get(at..).and_then(decoded) {
        if !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-') {
            break;
        }
        at += length;
    }
    Some(at)
}

/// The first byte, and how many stand for it; `%2577` is encoded twice and stands for the same as `%77`.
fn decoded(bytes: &[u8]) -> Option<(u8, usize)> {
    let (first, rest) = bytes.split_first()?;
    if *first != b'%' {
        return Some((*first, 1));
    }
    let mut digits = rest;
    while let Some(more) = digits.strip_prefix(b"25") {
        digits = more;
    }
    let value = digits.get(..2).and_then(|two| std::str::from_utf8(two).ok());
    match value.and_then(|two| u8::from_str_radix(two, 16).ok()) {
        Some(byte) => Some((byte, bytes.len() - digits.len() + 2)),
        None => Some((b'%', 1)),
    }
}

#[cfg(test)]
mod tests;
