//! A small XML document as a tree. No document types, so no entities but the five of XML; bounded in depth and elements.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

/// Deepest nesting.
const DEPTH_MAX: usize = 32;
/// Most elements.
const ELEMENTS_MAX: usize = 20_000;

/// An element of the root's own namespace, written without a prefix. Others are left out: what is read by name must not be
/// something that another reader finds elsewhere.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    text: String,
    children: Vec<Self>,
}

/// The document: its root, and the root's namespace, empty for none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) root: Element,
    pub(crate) namespace: Box<str>,
}

/// Why a document is not read; the text is for people.
pub(crate) type BadXml = &'static str;

const ILL_FORMED: BadXml = "it is not well-formed";

impl Element {
    /// Its name.
    pub(crate) const fn name(&self) -> &str {
        &self.name
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| **found == *name).map(|(_, value)| &**value)
    }

    /// Its text, without spaces around it and without that of its children.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its children of one name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| *child.name == *name)
    }
}

/// Reads a document in UTF-8, or in UTF-16 with a byte order mark.
pub(crate) fn parse(bytes: &[u8]) -> Result<Document, BadXml> {
    let text = decode(bytes)?;
    let mut reader = NsReader::from_str(&text);
    let mut tree = Tree::default();
    loop {
        let (found, event) = reader.read_resolved_event().map_err(|_| ILL_FORMED)?;
        let own = |start: &BytesStart<'_>, tree: &Tree| tree.is_own(&found, start);
        match event {
            Event::Start(start) => {
                let foreign = !own(&start, &tree);
                tree.open(&start, foreign, namespace(&found))?;
            }
            Event::Empty(start) => {
                let foreign = !own(&start, &tree);
                tree.open(&start, foreign, namespace(&found))?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::DocType(_) => return Err("it has a document type"),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// Elements that are open, the root first; a foreign one is thrown away when it closes.
#[derive(Default)]
struct Tree {
    open: Vec<(Element, bool)>,
    elements: usize,
    root: Option<Element>,
    namespace: Option<Box<str>>,
}

impl Tree {
    fn is_own(&self, found: &ResolveResult<'_>, start: &BytesStart<'_>) -> bool {
        let unprefixed = start.name().prefix().is_none();
        unprefixed && self.namespace.as_deref().is_none_or(|own| own == namespace(found))
    }

    fn open(&mut self, start: &BytesStart<'_>, foreign: bool, namespace: &str) -> Result<(), BadXml> {
        self.elements = self.elements.saturating_add(1);
        if self.open.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err("it is nested too deeply or has too many elements");
        }
        if self.open.is_empty() {
            if self.root.is_some() || foreign {
                return Err("its root is not one plain element");
            }
            self.namespace = Some(namespace.into());
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| ILL_FORMED)?;
            let value = attribute.normalized_value(XmlVersion::default()).map_err(|_| ILL_FORMED)?;
            attributes.push((attribute.key.as_ref().into(), value.into()));
        }
        let name = start.local_name().as_ref().into();
        self.open.push((Element { name, attributes, ..Element::default() }, foreign));
        Ok(())
    }

    fn close(&mut self) -> Result<(), BadXml> {
        let (element, foreign) = self.open.pop().ok_or(ILL_FORMED)?;
        match self.open.last_mut() {
            None => self.root = Some(element),
            Some((parent, _)) if !foreign => parent.children.push(element),
            Some(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), BadXml> {
        let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        if !text.chars().all(allowed) {
            return Err("it holds a control character");
        }
        match self.open.last_mut() {
            Some((element, _)) => element.text.push_str(text),
            None if text.chars().all(|c| c.is_whitespace() || c == '\u{feff}') => {}
            None => return Err(ILL_FORMED),
        }
        Ok(())
    }

    fn finish(self) -> Result<Document, BadXml> {
        match (self.root, self.namespace) {
            (Some(root), Some(namespace)) if self.open.is_empty() => Ok(Document { root, namespace }),
            _ => Err(ILL_FORMED),
        }
    }
}

fn namespace<'a>(found: &'a ResolveResult<'_>) -> &'a str {
    match found {
        ResolveResult::Bound(namespace) => namespace.0,
        // A prefix that nobody declared is foreign by being a prefix.
        ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, BadXml> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| ILL_FORMED)? {
        return Ok(c);
    }
    match &*reference.xml10_content() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err("it uses an entity that XML does not have"),
    }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, BadXml> {
    const NOT_UNICODE: BadXml = "it is neither UTF-8 nor UTF-16";
    let wide = |read: fn([u8; 2]) -> u16| {
        let units: Option<Vec<u16>> =
            bytes.chunks(2).skip(1).map(|unit| unit.try_into().ok().map(read)).collect();
        String::from_utf16(&units.ok_or(NOT_UNICODE)?).map(Cow::Owned).map_err(|_| NOT_UNICODE)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| NOT_UNICODE)
        }
        _ => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| NOT_UNICODE),
    }
}

#[cfg(test)]
mod tests;
