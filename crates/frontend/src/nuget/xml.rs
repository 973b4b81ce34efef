//! A small XML document as a tree. No document types, so no entities but the five of XML; bounded in depth and elements. What
//! the parser of clients refuses is refused here as well, so that nothing is published that they cannot read.

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, Prefix, PrefixDeclaration, QName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

mod encoding;

/// Deepest nesting.
const DEPTH_MAX: usize = 32;
/// Most elements, and attributes of one.
const ELEMENTS_MAX: usize = 20_000;
const ATTRIBUTES_MAX: usize = 64;
/// What is inside of which the elements are texts: the children of the children of the root.
const FIELD_DEPTH: usize = 2;

/// An element that clients find: they take the children of the root by their name alone, and what is inside one of those by its
/// name in the default namespace that holds there. Others are left out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    name: Box<str>,
    attributes: Vec<Attribute>,
    text: String,
    children: Vec<Self>,
}

/// Name and value.
type Attribute = (Box<str>, Box<str>);

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

    /// Its text, without spaces around it; of a child of a child of the root with that of all elements inside it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its children of one name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| *child.name == *name)
    }
}

/// Reads a document into its root.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, BadXml> {
    let text = encoding::decode(bytes)?;
    if !text.chars().all(is_char) {
        return Err("it holds a control character");
    }
    if text.starts_with('\u{feff}') {
        return Err(ILL_FORMED);
    }
    let mut reader = NsReader::from_str(&text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    let mut first = true;
    loop {
        let event = reader.read_event().map_err(|_| ILL_FORMED)?;
        match event {
            Event::Start(start) => tree.open(&start, reader.resolver())?,
            Event::Empty(start) => {
                tree.open(&start, reader.resolver())?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.plain_text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::DocType(_) => return Err("it has a document type"),
            Event::Decl(_) if !first => return Err("its XML declaration is not at its very beginning"),
            Event::Decl(declaration) => check_declaration(&declaration)?,
            Event::PI(instruction) if instruction.target().eq_ignore_ascii_case("xml") => {
                return Err(ILL_FORMED);
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
        first = false;
    }
}

/// Elements that are open, the root first; a foreign one is thrown away when it closes.
#[derive(Default)]
struct Tree {
    open: Vec<(Element, bool)>,
    elements: usize,
    root: Option<Element>,
    /// The default namespace in the child of the root that is open.
    inside: Box<str>,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, names: &NamespaceResolver) -> Result<(), BadXml> {
        self.elements = self.elements.saturating_add(1);
        let depth = self.open.len();
        if depth >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err("it is nested too deeply or has too many elements");
        }
        if depth == 0 && self.root.is_some() {
            return Err("it has two roots");
        }
        check_name(start.name())?;
        let namespace = namespace(start.name().prefix(), true, names)?;
        if depth == 1 {
            self.inside = self::namespace(None, true, names)?;
        }
        let foreign = depth >= FIELD_DEPTH && namespace != self.inside;
        let name = start.local_name().as_ref().into();
        let attributes = attributes(start, names)?;
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

    /// Text as it stands there, which alone may be outside the root.
    fn plain_text(&mut self, text: &str) -> Result<(), BadXml> {
        let blank = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        match self.open.is_empty() {
            _ if text.contains("]]>") => Err(ILL_FORMED),
            true if blank(text) => Ok(()),
            _ => self.text(text),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), BadXml> {
        let into = FIELD_DEPTH.min(self.open.len().checked_sub(1).ok_or(ILL_FORMED)?);
        if let Some((element, _)) = self.open.get_mut(into) {
            element.text.push_str(text);
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, BadXml> {
        self.root.filter(|_| self.open.is_empty()).ok_or(ILL_FORMED)
    }
}

/// `version="1.0"`, which is the only one clients know; the encoding was looked at before.
fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), BadXml> {
    if declaration.version().map_err(|_| ILL_FORMED)? != "1.0" {
        return Err("it is of another version than XML 1.0");
    }
    match declaration.standalone() {
        None => Ok(()),
        Some(Ok(alone)) if matches!(&*alone, "yes" | "no") => Ok(()),
        Some(_) => Err(ILL_FORMED),
    }
}

fn attributes(start: &BytesStart<'_>, names: &NamespaceResolver) -> Result<Vec<Attribute>, BadXml> {
    if !are_apart(start.attributes_raw()) {
        return Err(ILL_FORMED);
    }
    let mut attributes: Vec<Attribute> = Vec::new();
    // Prefixes may differ where namespaces do not.
    let mut qualified: Vec<Attribute> = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| ILL_FORMED)?;
        if attributes.len() == ATTRIBUTES_MAX {
            return Err("an element has too many attributes");
        }
        let value = attribute.normalized_value(XmlVersion::default()).map_err(|_| ILL_FORMED)?;
        check_name(attribute.key)?;
        let raw = &attribute.value;
        if raw.contains('<') || !value.chars().all(is_char) {
            return Err(ILL_FORMED);
        }
        match attribute.key.as_namespace_binding() {
            Some(PrefixDeclaration::Named(_)) if value.is_empty() => return Err(ILL_FORMED),
            Some(_) => {}
            None if attribute.key.prefix().is_some() => {
                let namespace = namespace(attribute.key.prefix(), false, names)?;
                let name = (namespace, Box::from(attribute.key.local_name().as_ref()));
                if qualified.contains(&name) {
                    return Err(ILL_FORMED);
                }
                qualified.push(name);
            }
            None => {}
        }
        attributes.push((attribute.key.as_ref().into(), value.into()));
    }
    Ok(attributes)
}

/// Whether space follows each value.
fn are_apart(mut raw: &str) -> bool {
    while let Some((_, quoted)) = raw.split_once(['"', '\'']) {
        let at = raw.len().saturating_sub(quoted.len()).saturating_sub(1);
        let mark = if raw.get(at..).is_some_and(|from| from.starts_with('"')) { '"' } else { '\'' };
        let Some((_, behind)) = quoted.split_once(mark) else { return false };
        if !behind.is_empty() && !behind.starts_with([' ', '\t', '\n', '\r']) {
            return false;
        }
        raw = behind;
    }
    true
}

/// A name with at most one prefix, each of both as XML has it.
fn check_name(name: QName<'_>) -> Result<(), BadXml> {
    let first = |c: char| c.is_alphabetic() || c == '_';
    let other = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}');
    let good = |part: &str| part.starts_with(first) && part.chars().all(other);
    let name: &str = name.as_ref();
    let well_formed = match name.split_once(':') {
        Some((prefix, local)) => good(prefix) && good(local),
        None => good(name),
    };
    if well_formed { Ok(()) } else { Err("a name in it is none that XML has") }
}

fn namespace(
    prefix: Option<Prefix<'_>>,
    default: bool,
    names: &NamespaceResolver,
) -> Result<Box<str>, BadXml> {
    match names.resolve_prefix(prefix, default) {
        ResolveResult::Bound(namespace) => Ok(namespace.0.into()),
        ResolveResult::Unbound => Ok("".into()),
        ResolveResult::Unknown(_) => Err("it uses a prefix that it does not declare"),
    }
}

/// A character that XML has.
const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, BadXml> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| ILL_FORMED)? {
        return if is_char(c) { Ok(c) } else { Err("it holds a control character") };
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

#[cfg(test)]
mod tests;
