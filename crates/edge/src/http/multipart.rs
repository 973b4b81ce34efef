//! The first part of a `multipart/form-data` body (RFC 7578), as a stream: bytes in, bytes out, nothing kept but what may
//! turn out to be a boundary. What follows the first part is not looked at. A line may end in a bare line feed: Paket's last
//! boundary follows one.

use bytes::{Buf as _, Bytes, BytesMut};

/// Longest boundary (RFC 2046 §5.1.1), in bytes.
const BOUNDARY_BYTES_MAX: usize = 70;
/// Longest beginning up to the first byte of the part: preamble, boundary and the part's headers.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What is wrong with the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMultipart {
    /// The beginning is longer than 16 KiB, or has no part.
    #[error("the body has no first part")]
    NoPart,
    /// The body ended inside the part.
    #[error("the body ended inside its first part")]
    CutShort,
}

/// Takes a body apart.
#[derive(Debug)]
pub struct FirstPart {
    /// `\n--BOUNDARY`; a carriage return before it belongs to it.
    delimiter: Box<[u8]>,
    at: At,
    /// The head as far as it came, or the end of the part's bytes that may be a delimiter's beginning.
    held: BytesMut,
    /// How much of the head was looked at: however small the pieces are that it comes in, no line is looked at twice.
    seen: usize,
    /// Whether the first boundary is behind it, and only the part's headers are to come.
    opened: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Head,
    Part,
    Behind,
}

/// The boundary in a `Content-Type`, if that is `multipart/form-data`; quoted or not.
#[must_use]
pub fn boundary(content_type: &str) -> Option<String> {
    let (kind, mut rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    loop {
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = value(behind.trim_start())?;
        if name.trim().eq_ignore_ascii_case("boundary") {
            let fits = (1..=BOUNDARY_BYTES_MAX).contains(&value.len());
            return fits.then_some(value);
        }
        rest = behind.trim_start().strip_prefix(';')?;
    }
}

/// A token or a quoted string (RFC 9110 §5.6.4), and what is behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, behind) = text.split_at_checked(end)?;
        return Some((value.trim_end().to_owned(), behind));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, quoted.get(at.saturating_add(1)..)?)),
            _ => value.push(c),
        }
    }
    None
}

impl FirstPart {
    /// Begins a body with this boundary.
    #[must_use]
    pub fn new(boundary: &str) -> Self {
        // The first boundary need not be on a new line, so one is put before it.
        let delimiter = [b"\n--", boundary.as_bytes()].concat().into();
        Self { delimiter, at: At::Head, held: BytesMut::from(&b"\n"[..]), seen: 0, opened: false }
    }

    /// Takes the next bytes of the body and gives those of the part that are certain.
    ///
    /// # Errors
    /// `NoPart` if the body does not begin as it should.
    pub fn feed(&mut self, chunk: Bytes) -> Result<Bytes, BadMultipart> {
        match self.at {
            At::Head => self.head(&chunk),
            At::Part => Ok(self.part(chunk)),
            At::Behind => Ok(Bytes::new()),
        }
    }

    /// Whether the whole part was given.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.at == At::Behind
    }

    /// At the end of the body: whether the part was complete.
    ///
    /// # Errors
    /// `CutShort` if it was not, `NoPart` if there was none.
    pub fn finish(&self) -> Result<(), BadMultipart> {
        match self.at {
            At::Head => Err(BadMultipart::NoPart),
            At::Part => Err(BadMultipart::CutShort),
            At::Behind => Ok(()),
        }
    }

    fn head(&mut self, chunk: &Bytes) -> Result<Bytes, BadMultipart> {
        // Only the beginning of a long chunk can belong to the head.
        let (mine, rest) = chunk.split_at_checked(HEAD_BYTES_MAX).unwrap_or((chunk, &[]));
        self.held.extend_from_slice(mine);
        // What the head is made of ends with a line.
        let length = if mine.contains(&b'\n') { self.head_bytes()? } else { None };
        let Some(length) = length else {
            let too_long = self.held.len() > HEAD_BYTES_MAX || !rest.is_empty();
            return if too_long { Err(BadMultipart::NoPart) } else { Ok(Bytes::new()) };
        };
        self.held.advance(length);
        self.at = At::Part;
        let beginning = self.held.split().freeze();
        let behind = chunk.slice(chunk.len().saturating_sub(rest.len())..);
        let (first, second) = (self.part(beginning), self.part(behind));
        Ok(if second.is_empty() { first } else { [&*first, &*second].concat().into() })
    }

    /// Length of everything before the part's first byte; `None` if there may be more to come.
    fn head_bytes(&mut self) -> Result<Option<usize>, BadMultipart> {
        let head: &[u8] = &self.held;
        while !self.opened {
            let Some(at) = line_feed(head, self.seen) else {
                self.seen = head.len();
                return Ok(None);
            };
            self.seen = at;
            let line = head.get(at..).unwrap_or_default();
            if let Some(rest) = line.strip_prefix(&*self.delimiter) {
                let Some(end) = line_feed(rest, 0) else { return Ok(None) };
                let rest = rest.get(..end).unwrap_or_default();
                if rest.starts_with(b"--") {
                    return Err(BadMultipart::NoPart);
                }
                // Else it is a longer word that begins like the boundary.
                self.opened = rest.trim_ascii().is_empty();
                self.seen = at.saturating_add(self.delimiter.len()).saturating_add(end);
            } else if self.delimiter.starts_with(line) {
                return Ok(None);
            } else {
                self.seen = at.saturating_add(1);
            }
        }
        Ok(self.blank_line())
    }

    /// Where the line behind the first empty one begins.
    fn blank_line(&mut self) -> Option<usize> {
        let head: &[u8] = &self.held;
        loop {
            let start = self.seen.saturating_add(1);
            let end = line_feed(head, start)?;
            if matches!(head.get(start..end), Some(b"" | b"\r")) {
                return Some(end.saturating_add(1));
            }
            self.seen = end;
        }
    }

    fn part(&mut self, chunk: Bytes) -> Bytes {
        if self.at == At::Behind {
            return Bytes::new();
        }
        let mut bytes = if self.held.is_empty() {
            chunk
        } else {
            self.held.extend_from_slice(&chunk);
            self.held.split().freeze()
        };
        let mut from = 0;
        while let Some(at) = line_feed(&bytes, from) {
            let (before, line) = bytes.split_at_checked(at).unwrap_or_default();
            let end = before.strip_suffix(b"\r").map_or(at, <[u8]>::len);
            if line.starts_with(&self.delimiter) {
                self.at = At::Behind;
                bytes.truncate(end);
                return bytes;
            }
            if self.delimiter.starts_with(line) {
                self.held = BytesMut::from(bytes.get(end..).unwrap_or_default());
                bytes.truncate(end);
                return bytes;
            }
            from = at.saturating_add(1);
        }
        if let Some(before) = bytes.strip_suffix(b"\r") {
            self.held = BytesMut::from(&b"\r"[..]);
            bytes.truncate(before.len());
        }
        bytes
    }
}

fn line_feed(bytes: &[u8], from: usize) -> Option<usize> {
    let at = bytes.get(from..)?.iter().position(|byte| *byte == b'\n')?;
    Some(from.saturating_add(at))
}

#[cfg(test)]
mod tests;
