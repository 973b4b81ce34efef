//! Whether a POM says the same about itself as the path it is stored under.

use domain::Need;

use super::layout::{File, sbt_plugin};
use super::metadata::is_written;
use super::project::Project;
use super::xml::{self, DocumentType, Element, Fault};

/// Largest POM, in bytes. The largest on Maven Central have some hundred thousand.
pub(crate) const POM_BYTES_MAX: u64 = 4 << 20;

/// Longest description that is kept, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 256;

/// What is wrong with a POM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadPom {
    /// It cannot be read.
    Unreadable(Fault),
    /// It is some other document.
    NoProject,
    /// It names other coordinates than its path.
    Contradicts {
        /// `groupId`, `artifactId` or `version`.
        what: &'static str,
        /// What the path says.
        path: Box<str>,
        /// What the POM says.
        pom: Box<str>,
    },
}

/// What is kept of a POM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    /// Whether it is of a template for projects.
    pub archetype: bool,
    /// What people are told about it; at most [`DESCRIPTION_BYTES_MAX`].
    pub description: Box<str>,
    /// What its version needs.
    pub needs: Vec<Need>,
}

/// What a POM says about itself; group and version may come from its parent.
#[derive(Debug, Default)]
struct Said {
    root: bool,
    group: Option<Box<str>>,
    artifact: Option<Box<str>>,
    version: Option<Box<str>>,
    parent_group: Option<Box<str>>,
    parent_version: Option<Box<str>>,
    packaging: Option<Box<str>>,
    description: Option<Box<str>>,
}

/// Compares a POM with its path, in a repository with a strict layout. What it leaves open, and what only a build could tell
/// (`${revision}`), contradicts nothing. A permissive one takes any project, with a document type too, of which nothing is followed.
///
/// # Errors
/// As the variants of [`BadPom`] say.
pub(crate) fn check(document: &[u8], file: &File, strict: bool) -> Result<Described, BadPom> {
    let (mut said, mut project) = (Said::default(), Project::default());
    let document_type = if strict { DocumentType::Refused } else { DocumentType::Ignored };
    let read = xml::read(document, document_type, |element| {
        said.take(element);
        project.take(element);
    });
    read.map_err(BadPom::Unreadable)?;
    if !said.root {
        return Err(BadPom::NoProject);
    }
    let described = said.described(project.needs(&file.gav));
    if !strict {
        return Ok(described);
    }
    let package = &file.gav.package;
    agree("groupId", &package.group, said.group.or(said.parent_group), None)?;
    agree("artifactId", &package.artifact, said.artifact, sbt_plugin(&package.artifact))?;
    let version = said.version.or(said.parent_version);
    agree("version", file.gav.version.as_str(), version, Some(&file.version()))?;
    Ok(described)
}

impl Said {
    fn described(&mut self, needs: Vec<Need>) -> Described {
        let description = self.description.take().unwrap_or_default();
        let short =
            description.get(..description.floor_char_boundary(DESCRIPTION_BYTES_MAX)).unwrap_or_default();
        let short: String = short.chars().map(|at| if is_written(&at) { at } else { ' ' }).collect();
        Described {
            archetype: self.packaging.as_deref() == Some("maven-archetype"),
            description: short.into(),
            needs,
        }
    }

    fn take(&mut self, element: &Element<'_>) {
        let mut names = element.path.iter().map(String::as_str);
        if names.next() != Some("project") {
            return;
        }
        let place = match (names.next(), names.next(), names.next()) {
            (None, ..) => {
                self.root = true;
                return;
            }
            (Some("groupId"), None, _) => &mut self.group,
            (Some("artifactId"), None, _) => &mut self.artifact,
            (Some("version"), None, _) => &mut self.version,
            (Some("packaging"), None, _) => &mut self.packaging,
            (Some("description"), None, _) => &mut self.description,
            (Some("parent"), Some("groupId"), None) => &mut self.parent_group,
            (Some("parent"), Some("version"), None) => &mut self.parent_version,
            _ => return,
        };
        *place = if element.text.is_empty() { None } else { Some(element.text.into()) };
    }
}

fn agree(what: &'static str, path: &str, pom: Option<Box<str>>, or: Option<&str>) -> Result<(), BadPom> {
    match pom {
        Some(pom) if &*pom != path && Some(&*pom) != or && !pom.contains("${") => {
            Err(BadPom::Contradicts { what, path: path.into(), pom })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
