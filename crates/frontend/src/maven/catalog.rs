//! `archetype-catalog.xml`: which templates for projects a repository has, as their POMs say.

use std::borrow::Cow;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Entry;

use super::xml_writer::Writer;
use crate::fit::DOCUMENT_BYTES_MAX;

/// Its path.
pub(crate) const CATALOG: &str = "archetype-catalog.xml";
/// What the row of the POM of an archetype points at.
pub(crate) const ARCHETYPE: &str = "packaging:maven-archetype";
/// Up to where archetypes are written; none is as long as what is left behind.
const ARCHETYPES_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - (64 << 10);

/// A version of an archetype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archetype {
    group: Box<str>,
    artifact: Box<str>,
    version: Box<str>,
    description: Box<str>,
}

/// What the row of a POM knows.
#[derive(Serialize, Deserialize)]
struct Attributes<'a> {
    description: Cow<'a, str>,
}

impl Archetype {
    /// The one whose POM this row is.
    pub(crate) fn of_entry(entry: &Entry) -> Option<Self> {
        let (group, artifact) = entry.key.package.key().split_once(':')?;
        let (version, _) = entry.key.name.key().split_once('/')?;
        let Attributes { description } = serde_json::from_str(&entry.attributes).ok()?;
        let description = description.as_ref().into();
        Some(Self { group: group.into(), artifact: artifact.into(), version: version.into(), description })
    }

    /// Whether it is the same version, as two builds of a snapshot are.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        self.group == other.group && self.artifact == other.artifact && self.version == other.version
    }

    fn write(&self, xml: &mut Writer) {
        xml.within("archetype", |xml| {
            xml.leaf("groupId", &self.group);
            xml.leaf("artifactId", &self.artifact);
            xml.leaf("version", &self.version);
            xml.leaf("description", &self.description);
        });
    }
}

/// What the row of a POM with this description keeps of it.
pub(crate) fn attributes(description: &str) -> String {
    serde_json::to_string(&Attributes { description: description.into() }).unwrap_or_default()
}

/// The document; `None` if there is nothing to list.
pub(crate) fn document(archetypes: &[Archetype], changed: Option<Timestamp>) -> Option<(Timestamp, String)> {
    let changed = changed?;
    let mut xml = Writer::new(
        "<archetype-catalog xmlns=\"http://maven.apache.org/plugins/maven-archetype-plugin/archetype-catalog/1.0.0\">",
    );
    xml.within("archetypes", |xml| {
        xml.up_to(ARCHETYPES_BYTES_MAX, archetypes.iter(), |xml, archetype| archetype.write(xml));
    });
    Some((changed, xml.finish("</archetype-catalog>")))
}
