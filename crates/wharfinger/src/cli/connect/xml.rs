//! XML by spans: where elements stand, and how one is put in or taken out with no other byte touched.

use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::draft::Draft;

/// Signature of UTF-8 at the beginning of a text, which is no part of the document.
const BOM: char = '\u{feff}';

/// An element, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// All of it, from the bracket of its start tag to that of its end tag.
    pub(super) span: Range<usize>,
    /// What is between its tags; an empty span for `<name/>`.
    pub(super) inside: Range<usize>,
    parent: Option<usize>,
    /// Whether it is one tag.
    single: bool,
}

/// Elements in their order, each with its place in the list.
#[derive(Debug)]
pub(super) struct Document(Vec<Element>);

impl Document {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let body = text.strip_prefix(BOM).unwrap_or(text);
        let skipped = text.len().saturating_sub(body.len());
        let mut reader = quick_xml::Reader::from_str(body);
        let (mut elements, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            let place =
                |position: u64| usize::try_from(position).unwrap_or(usize::MAX).saturating_add(skipped);
            let start = place(reader.buffer_position());
            let event = reader.read_event().map_err(|error| format!("is no well-formed XML: {error}"))?;
            let end = place(reader.buffer_position());
            match event {
                Event::Start(tag) => {
                    elements.push(element(&tag, start..end, open.last().copied(), false)?);
                    open.push(elements.len().saturating_sub(1));
                }
                Event::Empty(tag) => elements.push(element(&tag, start..end, open.last().copied(), true)?),
                Event::End(_) => {
                    let closed = open.pop().and_then(|index| elements.get_mut(index));
                    if let Some(closed) = closed {
                        closed.inside.end = start;
                        closed.span.end = end;
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if open.is_empty() && !elements.is_empty() {
            return Ok(Self(elements));
        }
        Err("is no well-formed XML: it ends too early".to_owned())
    }

    /// The first element at a path of names from the root.
    pub(super) fn at(&self, path: &[&str]) -> Option<(usize, &Element)> {
        let mut found = None;
        for name in path {
            let parent = found.map(|(index, _)| index);
            found = Some(self.children(parent).find(|(_, element)| element.name == *name)?);
        }
        found
    }

    /// The elements directly in one, or the root.
    pub(super) fn children(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Element)> {
        self.0.iter().enumerate().filter(move |(_, element)| element.parent == parent)
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its text, if it holds nothing else.
    pub(super) fn text<'t>(&self, document: &'t str) -> &'t str {
        document.get(self.inside.clone()).unwrap_or_default().trim()
    }
}

fn element(
    tag: &BytesStart<'_>,
    span: Range<usize>,
    parent: Option<usize>,
    single: bool,
) -> Result<Element, String> {
    let wrong = |_| "is no well-formed XML: an attribute".to_owned();
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| format!("is no well-formed XML: {error}"))?;
        let value = attribute.normalized_value(XmlVersion::default()).map_err(wrong)?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    let name = tag.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, inside: span.end..span.end, span, parent, single })
}

/// Puts lines into an element, as the last thing in it.
pub(super) fn append(draft: &mut Draft, parent: &Element, lines: &[(usize, String)]) {
    let newline = draft.newline();
    let outer = draft.indent_at(parent.span.start).unwrap_or_default().to_owned();
    let unit = if outer.contains('\t') { "\t" } else { "  " };
    let inner = format!("{outer}{unit}");
    let block: String =
        lines.iter().map(|(depth, line)| format!("{inner}{}{line}{newline}", unit.repeat(*depth))).collect();
    if parent.single {
        let tag = draft.text.get(parent.span.clone()).unwrap_or_default();
        let kept = tag.trim_end_matches('>').trim_end_matches('/').trim_end().len();
        let with = format!(">{newline}{block}{outer}</{}>", parent.name);
        draft.change(parent.span.start.saturating_add(kept)..parent.span.end, &with, false);
        return;
    }
    let place = parent.inside.end;
    match draft.indent_at(place).map(str::len) {
        // The end tag has a line of its own.
        Some(indent) if place.saturating_sub(indent) >= parent.inside.start => {
            let line = place.saturating_sub(indent);
            draft.change(line..line, &block, false);
        }
        _ => draft.change(place..place, &format!("{newline}{block}{outer}"), false),
    }
}

/// Puts lines in place of an element.
pub(super) fn replace(draft: &mut Draft, element: &Element, lines: &[(usize, String)]) {
    let newline = draft.newline();
    let indent = draft.indent_at(element.span.start).unwrap_or_default().to_owned();
    let unit = if indent.contains('\t') { "\t" } else { "  " };
    let lines: Vec<String> =
        lines.iter().map(|(depth, line)| format!("{}{line}", unit.repeat(*depth))).collect();
    draft.change(element.span.clone(), &lines.join(&format!("{newline}{indent}")), true);
}

/// Takes an element out, with its lines if it has them for itself.
pub(super) fn remove(draft: &mut Draft, element: &Element) {
    let span = draft.whole_lines(element.span.clone());
    draft.change(span, "", true);
}

/// Text as it stands between tags or in an attribute: what is not ASCII by its number, whatever the file says its encoding is.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '"' | '\'' => escaped.push_str(&format!("&#{};", u32::from(letter))),
            ' '..='~' => escaped.push(letter),
            other => escaped.push_str(&format!("&#{};", u32::from(other))),
        }
    }
    escaped
}
