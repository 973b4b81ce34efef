//! Dependencies, flat or by framework.

use std::collections::HashSet;

use super::Fault;
use crate::nuget::fault::Quoted;
use crate::nuget::id::PackageId;
use crate::nuget::metadata::{Dependency, Group};
use crate::nuget::range::{BadRange, Range};
use crate::nuget::xml::Element;

/// Most groups, and most dependencies of all groups together: twice what nuget.org is known to hold.
const GROUPS_MAX: usize = 256;
const DEPENDENCIES_MAX: usize = 4000;
/// Longest name of a framework, in characters.
const FRAMEWORK_CHARS_MAX: usize = 256;

/// All groups, and whether some bound is SemVer 2.
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    pub(super) semver2: bool,
    /// How many there are in all groups.
    dependencies: usize,
}

/// Reads `dependencies` below `metadata`.
pub(super) fn read(metadata: &Element) -> Result<Groups, Fault> {
    let mut groups = Groups { all: Vec::new(), semver2: false, dependencies: 0 };
    let mut lists = metadata.all("dependencies");
    let Some(list) = lists.next() else { return Ok(groups) };
    if lists.next().is_some() {
        return Err(Fault::Once("dependencies"));
    }
    let flat = list.all("dependency").next().is_some();
    if flat && list.all("group").next().is_some() {
        return Err(Fault::DependenciesMixed);
    }
    if flat {
        let group = groups.group(list, "")?;
        groups.all.push(group);
    }
    for element in list.all("group") {
        let framework = element.attribute("targetFramework").unwrap_or_default().trim();
        if framework.chars().count() > FRAMEWORK_CHARS_MAX || framework.contains(char::is_control) {
            return Err(Fault::Framework);
        }
        if groups.all.len() == GROUPS_MAX {
            return Err(Fault::TooMany { what: "dependency groups", most: GROUPS_MAX });
        }
        let group = groups.group(element, framework)?;
        groups.all.push(group);
    }
    Ok(groups)
}

impl Groups {
    fn group(&mut self, element: &Element, framework: &str) -> Result<Group, Fault> {
        let mut seen = HashSet::new();
        let mut dependencies = Vec::new();
        for dependency in element.all("dependency") {
            self.dependencies = self.dependencies.saturating_add(1);
            if self.dependencies > DEPENDENCIES_MAX {
                return Err(Fault::TooMany { what: "dependencies", most: DEPENDENCIES_MAX });
            }
            let text = dependency.attribute("id").unwrap_or_default().trim();
            let id = PackageId::parse(text).map_err(|_| Fault::Id(Quoted::new(text)))?;
            if !seen.insert(id.key().to_owned()) {
                return Err(Fault::DependencyTwice(Quoted::new(text)));
            }
            let range = Range::parse(dependency.attribute("version").unwrap_or_default())
                .map_err(|bad| Fault::Range { id: Quoted::new(text), what: wrong(bad) })?;
            self.semver2 |= range.is_semver2();
            dependencies.push(Dependency { id: id.display().to_owned(), range: range.normalised() });
        }
        Ok(Group { framework: framework.to_owned(), dependencies })
    }
}

const fn wrong(bad: BadRange) -> &'static str {
    match bad {
        BadRange::Malformed => "malformed",
        BadRange::Floating => "floating, which only projects may have",
        BadRange::Metadata => "bounded by a version with build metadata",
        BadRange::TooLong => "too long",
    }
}
