//! XML that clients send, read as if it came from an enemy: nothing of a document type is followed, no entities but the five,
//! bounded depth and text. What has no meaning here is passed over.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use super::text;

/// Deepest nesting.
const DEPTH_MAX: usize = 128;
/// Longest text of an element that is looked at, in bytes; no name or coordinate is longer.
const TEXT_BYTES_MAX: usize = 1024;

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not well-formed, or not XML at all.
    Malformed,
    /// It has a document type, by which it could name files or grow without bound.
    DocumentType,
    /// It is nested more deeply than any honest document.
    TooDeep,
}

/// What becomes of a document with a document type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentType {
    /// It is refused.
    Refused,
    /// It is passed over: no entity that it declares means anything.
    Ignored,
}

/// An element that has ended: its local names from the root, and the text in it behind its last child, trimmed.
pub(crate) struct Element<'a> {
    /// Names without prefixes; the namespace does not matter, because clients write several and none.
    pub path: &'a [String],
    /// At most [`TEXT_BYTES_MAX`] bytes.
    pub text: &'a str,
}

/// Calls `ended` for each element in the order of their ends, so for children before their parents.
///
/// # Errors
/// As the variants of [`Fault`] say; `ended` may have been called before.
pub(crate) fn read(
    document: &[u8],
    document_type: DocumentType,
    mut ended: impl FnMut(&Element<'_>),
) -> Result<(), Fault> {
    let document = text::decode(document);
    let mut reader = Reader::from_str(&document);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut roots = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Fault::Malformed)? {
            Event::Start(start) => {
                roots += usize::from(path.is_empty());
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
                if path.len() > DEPTH_MAX {
                    return Err(Fault::TooDeep);
                }
            }
            Event::Empty(empty) => {
                roots += usize::from(path.is_empty());
                path.push(empty.local_name().as_ref().to_owned());
                ended(&Element { path: &path, text: "" });
                path.pop();
                text.clear();
            }
            Event::End(_) => {
                ended(&Element { path: &path, text: text.trim() });
                path.pop();
                text.clear();
            }
            Event::Text(piece) => {
                if path.is_empty() && !piece.trim().is_empty() {
                    return Err(Fault::Malformed);
                }
                append(&mut text, &piece);
            }
            Event::CData(piece) => append(&mut text, &piece),
            Event::GeneralRef(reference) => append(&mut text, resolved(&reference)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) if document_type == DocumentType::Refused => return Err(Fault::DocumentType),
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if path.is_empty() && roots == 1 => return Ok(()),
            Event::Eof => return Err(Fault::Malformed),
        }
    }
}

/// A character by number, or one of the five. Maven knows those of HTML too; no name has one, so they only must not pass for
/// nothing.
fn resolved(reference: &BytesRef<'_>) -> Result<char, Fault> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| Fault::Malformed)? {
        return Ok(character);
    }
    let text = resolve_xml_entity(reference).unwrap_or_default();
    Ok(text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn append(text: &mut String, piece: &str) {
    let room = TEXT_BYTES_MAX.saturating_sub(text.len());
    text.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
}

#[cfg(test)]
mod tests;
