//! `maven-metadata.xml`: what it lists, how it is written, and what is taken from the ones that clients send (docs/maven.md 6).

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Timestamp;
use quick_xml::escape::escape;

use super::layout::{Build, Directory, File, is_id};
use super::xml::{self, DocumentType, Element, Fault};
use super::xml_writer::Writer;
use crate::fit::{DOCUMENT_BYTES_MAX, fitting};
use domain::time;

/// Largest metadata document taken from a client, in bytes: that of an artifact with ten thousand versions has a third of it.
pub(crate) const METADATA_BYTES_MAX: u64 = 1 << 20;
/// Most plug-ins taken out of one; less than a batch has room for.
const PLUGINS_MAX: usize = 512;
/// Most bytes of the versions of a document, up to where files are written, and up to where plug-ins are; none of these is as
/// long as what is left behind. Of versions the newest stay.
const VERSIONS_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - (2 << 20);
const BUILDS_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - (1 << 20);
const PLUGINS_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - (64 << 10);
/// What a version costs besides its own characters.
const VERSION_LINE_BYTES: usize = "      <version></version>\n".len();

/// What one address lists: the union of the levels that it is at once.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Level A: versions in their order.
    pub versions: Vec<Dated<Arc<str>>>,
    /// Level V: the newest file of each kind.
    pub builds: Builds,
    /// Level G: plug-ins by artifact id.
    pub plugins: Vec<Dated<Plugin>>,
}

/// Something, and when its row last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dated<T> {
    /// What.
    pub what: T,
    /// When.
    pub at: Timestamp,
}

/// The newest files of a snapshot version by classifier and extension: as many as there are kinds of files, however many
/// builds there were.
#[derive(Debug, Default)]
pub(crate) struct Builds(BTreeMap<(Box<str>, Box<str>), Newest>);

/// The newest file of a kind, of both forms of its name. Among expanded names the time in them decides, which is the client's;
/// between the two forms it is the time when they came.
#[derive(Debug, Default)]
struct Newest {
    expanded: Option<Dated<File>>,
    literal: Option<Dated<File>>,
}

/// A plug-in of a group: the one thing that only the client's metadata knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugin {
    /// What people type in front of the colon.
    pub prefix: Box<str>,
    /// The artifact.
    pub artifact: Box<str>,
    /// For people.
    pub name: Box<str>,
}

impl Builds {
    /// Takes a file into account.
    pub(crate) fn add(&mut self, file: File, at: Timestamp) {
        let kind = (file.classifier.clone().unwrap_or_default(), file.extension.clone());
        self.0.entry(kind).or_default().add(Dated { what: file, at });
    }

    /// The newest of each kind.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Dated<File>> {
        self.0.values().filter_map(Newest::file)
    }

    /// The newest of each kind among those with expanded names.
    pub(crate) fn expanded(&self) -> impl Iterator<Item = &Dated<File>> {
        self.0.values().filter_map(|newest| newest.expanded.as_ref())
    }

    /// The newest of all kinds.
    fn newest(&self) -> Newest {
        let mut newest = Newest::default();
        for Newest { expanded, literal } in self.0.values() {
            [expanded, literal].into_iter().flatten().for_each(|file| newest.add(file.clone()));
        }
        newest
    }
}

impl Newest {
    fn add(&mut self, file: Dated<File>) {
        let is_build = matches!(file.what.build, Build::Expanded(_));
        let known = if is_build { &mut self.expanded } else { &mut self.literal };
        let newer = |known: &Dated<File>| {
            if is_build { file.what.build > known.what.build } else { file.at > known.at }
        };
        if known.as_ref().is_none_or(newer) {
            *known = Some(file);
        }
    }

    fn file(&self) -> Option<&Dated<File>> {
        match (&self.expanded, &self.literal) {
            (Some(expanded), Some(literal)) if literal.at > expanded.at => Some(literal),
            (Some(file), _) | (None, Some(file)) => Some(file),
            (None, None) => None,
        }
    }

    /// What tools read that know of one build only. Who counts builds goes on from the number, whichever form is newer.
    fn write(&self, xml: &mut Writer) {
        let Some(file) = self.file() else { return };
        let stamp = self.expanded.as_ref().and_then(|file| match &file.what.build {
            Build::Expanded(stamp) => Some(stamp),
            Build::Literal | Build::Release => None,
        });
        let literal = !matches!(file.what.build, Build::Expanded(_));
        xml.within("snapshot", |xml| {
            if let Some(stamp) = stamp.filter(|_| !literal) {
                xml.leaf("timestamp", &stamp.timestamp);
            }
            if let Some(stamp) = stamp {
                xml.leaf("buildNumber", &stamp.number.to_string());
            }
            if literal {
                xml.leaf("localCopy", "true");
            }
        });
    }
}

impl Listing {
    /// The document with when it last changed; `None` if there is nothing to list.
    pub(crate) fn document(&self, at: &Directory) -> Option<(Timestamp, String)> {
        let times = self.versions.iter().map(|listed| listed.at);
        let times = times.chain(self.builds.files().map(|listed| listed.at));
        let versioned = times.max();
        let changed = versioned.max(self.plugins.iter().map(|listed| listed.at).max())?;
        let mut xml = Writer::new("<metadata modelVersion=\"1.1.0\">");
        let build = at.gav.as_ref().filter(|_| !self.builds.0.is_empty());
        let package = build.map(|gav| &gav.package).or(at.package.as_ref()).filter(|_| versioned.is_some());
        if let Some(package) = package {
            xml.leaf("groupId", &package.group);
            xml.leaf("artifactId", &package.artifact);
        }
        if let Some(gav) = build {
            xml.leaf("version", gav.version.as_str());
        }
        if let Some(changed) = versioned {
            xml.within("versioning", |xml| self.versioning(xml, changed));
        }
        if !self.plugins.is_empty() {
            let all = self.plugins.iter();
            xml.within("plugins", |xml| {
                xml.up_to(PLUGINS_BYTES_MAX, all, |xml, listed| listed.what.write(xml))
            });
        }
        Some((changed, xml.finish("</metadata>")))
    }

    /// `latest` and `release` go by the order of versions, not of deployments: a late back-port is neither.
    fn versioning(&self, xml: &mut Writer, changed: Timestamp) {
        let mut newest_first = self.versions.iter().rev().map(|listed| &*listed.what);
        if let Some(latest) = newest_first.clone().next() {
            xml.leaf("latest", latest);
        }
        if let Some(release) = newest_first.find(|version| !version.ends_with(super::version::SNAPSHOT)) {
            xml.leaf("release", release);
        }
        self.builds.newest().write(xml);
        if !self.versions.is_empty() {
            let line_bytes =
                |listed: &Dated<Arc<str>>| escape(&*listed.what).len().saturating_add(VERSION_LINE_BYTES);
            let newest = fitting(VERSIONS_BYTES_MAX, self.versions.iter().rev().map(line_bytes));
            let shown = self.versions.iter().skip(self.versions.len().saturating_sub(newest));
            xml.within("versions", |xml| shown.for_each(|listed| xml.leaf("version", &listed.what)));
        }
        xml.leaf("lastUpdated", &compact(changed));
        if !self.builds.0.is_empty() {
            let all = self.builds.files();
            xml.within("snapshotVersions", |xml| {
                xml.up_to(BUILDS_BYTES_MAX, all, |xml, file| file.write(xml))
            });
        }
    }
}

impl Dated<File> {
    fn write(&self, xml: &mut Writer) {
        xml.within("snapshotVersion", |xml| {
            if let Some(classifier) = &self.what.classifier {
                xml.leaf("classifier", classifier);
            }
            xml.leaf("extension", &self.what.extension);
            xml.leaf("value", &self.what.version());
            xml.leaf("updated", &compact(self.at));
        });
    }
}

impl Plugin {
    fn write(&self, xml: &mut Writer) {
        xml.within("plugin", |xml| {
            xml.leaf("name", &self.name);
            xml.leaf("prefix", &self.prefix);
            xml.leaf("artifactId", &self.artifact);
        });
    }
}

/// The plug-ins in a document that a client sends; everything else in it is known better here.
///
/// # Errors
/// As [`xml::read`].
pub(crate) fn plugins(document: &[u8]) -> Result<Vec<Plugin>, Fault> {
    let mut found = Vec::new();
    let [mut prefix, mut artifact, mut name] = [const { String::new() }; 3];
    let take = |element: &Element<'_>| {
        let path = element.path.iter().map(String::as_str);
        let Some(below) = after(path, &["metadata", "plugins", "plugin"]) else { return };
        match below.as_slice() {
            ["prefix"] => prefix = element.text.to_owned(),
            ["artifactId"] => artifact = element.text.to_owned(),
            ["name"] => name = element.text.chars().filter(is_written).collect(),
            [] => {
                let plugin = [&mut prefix, &mut artifact, &mut name].map(std::mem::take);
                let [prefix, artifact, name] = plugin.map(String::into_boxed_str);
                if is_id(&prefix) && is_id(&artifact) && found.len() < PLUGINS_MAX {
                    found.push(Plugin { prefix, artifact, name });
                }
            }
            _ => {}
        }
    };
    xml::read(document, DocumentType::Refused, take)?;
    Ok(found)
}

/// Whether XML can hold it, escaped or not.
pub(crate) fn is_written(character: &char) -> bool {
    !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// What follows these names in a path.
fn after<'a>(mut path: impl Iterator<Item = &'a str>, names: &[&str]) -> Option<Vec<&'a str>> {
    names.iter().all(|name| path.next() == Some(*name)).then(|| path.collect())
}

/// `yyyyMMddHHmmss` in UTC.
fn compact(at: Timestamp) -> String {
    time::show(at).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests;
