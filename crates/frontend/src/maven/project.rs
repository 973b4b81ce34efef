//! A POM as people read it: what it says itself, with its own properties filled in. What comes from a parent only a build finds out.

use std::collections::HashMap;

use api::details::{Dependency, Details, ROWS_MAX, plain};
use domain::Need;

use super::layout::{Gav, is_id};
use super::version::Version;
use super::xml::{self, DocumentType, Element};

/// Most properties that are looked at, and most bytes of a text with them filled in.
const PROPERTIES_MAX: usize = 512;
const FILLED_BYTES_MAX: usize = 4096;
/// What a parent is needed for.
const PARENT: &str = "parent";

/// What was read so far: by who reads a POM for something else, too.
#[derive(Debug, Default)]
pub(super) struct Project {
    /// Texts by their path below `project`, with `/` between names.
    texts: HashMap<String, String>,
    properties: HashMap<String, String>,
    /// The element that is being read, its children by name.
    open: HashMap<String, String>,
    licences: Vec<[String; 2]>,
    people: Vec<String>,
    modules: Vec<String>,
    dependencies: Vec<HashMap<String, String>>,
    /// Those that hold if something else needs them.
    managed: Vec<HashMap<String, String>>,
}

/// Reads a POM; what is behind a fault in it is left out.
pub(super) fn read(document: &[u8], gav: &Gav) -> Details {
    Project::read(document).details(gav)
}

/// What a POM says that its version needs; what is behind a fault in it is left out.
pub(super) fn needs(document: &[u8], gav: &Gav) -> Vec<Need> {
    Project::read(document).needs(gav)
}

impl Project {
    fn read(document: &[u8]) -> Self {
        let mut project = Self::default();
        // What was read before a fault counts.
        let _well_formed =
            xml::read(document, DocumentType::Ignored, |element| project.take(element)).is_ok();
        project
    }

    /// Takes an element that has ended.
    pub(super) fn take(&mut self, element: &Element<'_>) {
        let names: Vec<&str> = element.path.iter().map(String::as_str).collect();
        let ["project", path @ ..] = names.as_slice() else { return };
        let text = element.text.to_owned();
        match path {
            ["properties", name] if self.properties.len() < PROPERTIES_MAX => {
                self.properties.insert((*name).to_owned(), text);
            }
            ["licenses", "license", name]
            | ["developers", "developer", name]
            | ["dependencies", "dependency", name]
            | ["dependencyManagement", "dependencies", "dependency", name] => {
                self.open.insert((*name).to_owned(), text);
            }
            ["licenses", "license"] => {
                let [name, url] = ["name", "url"].map(|name| self.open.remove(name).unwrap_or_default());
                push(&mut self.licences, [name, url]);
                self.open.clear();
            }
            ["developers", "developer"] => {
                let name = self.open.remove("name").or_else(|| self.open.remove("id"));
                push(&mut self.people, name.unwrap_or_default());
                self.open.clear();
            }
            ["dependencies", "dependency"] => push(&mut self.dependencies, std::mem::take(&mut self.open)),
            ["dependencyManagement", "dependencies", "dependency"] => {
                push(&mut self.managed, std::mem::take(&mut self.open));
            }
            ["modules", "module"] => push(&mut self.modules, text),
            [_] | ["parent" | "scm" | "organization" | "issueManagement", _] => {
                self.texts.insert(path.join("/"), text);
            }
            _ => {}
        }
    }

    /// A text with properties filled in; empty if it is not there.
    fn text(&self, path: &str) -> String {
        self.texts.get(path).map(|text| self.filled(text)).unwrap_or_default()
    }

    /// Fills in properties, and those in their values once more. What is unknown stays as it is.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..2 {
            if !text.contains("${") {
                break;
            }
            text = self.filled_once(&text);
        }
        text
    }

    fn filled_once(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            filled.push_str(before);
            match behind.split_once('}').map(|(name, behind)| (self.property(name), name, behind)) {
                Some((Some(value), _, behind)) => {
                    filled.push_str(value);
                    rest = behind;
                }
                Some((None, name, behind)) => {
                    filled.push_str(&format!("${{{name}}}"));
                    rest = behind;
                }
                None => {
                    filled.push_str("${");
                    rest = behind;
                }
            }
            if filled.len() > FILLED_BYTES_MAX {
                return filled;
            }
        }
        filled.push_str(rest);
        filled
    }

    fn property(&self, name: &str) -> Option<&str> {
        if let Some(value) = self.properties.get(name) {
            return Some(value);
        }
        let own = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."))?;
        let or_parent = || self.texts.get(&format!("parent/{own}"));
        let found = self.texts.get(&own.replace('.', "/")).or_else(or_parent);
        found.map(String::as_str)
    }

    /// What it leaves to its parent its own address says.
    fn stand_at(&mut self, gav: &Gav) {
        for (name, value) in [
            ("groupId", &*gav.package.group),
            ("artifactId", &*gav.package.artifact),
            ("version", gav.version.as_str()),
        ] {
            self.texts.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }

    /// Its parent, what it depends on, and what it manages.
    pub(super) fn needs(mut self, gav: &Gav) -> Vec<Need> {
        self.stand_at(gav);
        let [group, artifact, version] = self.parent();
        let package = format!("{group}:{artifact}");
        let (range, scope) = (plain(&version), plain(PARENT));
        let parent = Dependency { group: None, package, range, scope, optional: false, here: None };
        let all = std::iter::once(parent).chain(self.dependencies());
        Need::kept(all.filter_map(|one| need(&one)).collect())
    }

    fn parent(&self) -> [String; 3] {
        ["groupId", "artifactId", "version"].map(|name| self.text(&format!("parent/{name}")))
    }

    fn details(mut self, gav: &Gav) -> Details {
        self.stand_at(gav);
        let mut details = Details::of_kind("package");
        details.title = plain(&self.text("name"));
        details.description = plain(&self.text("description"));
        details.link("home", &self.text("url"));
        details.link("source", &self.text("scm/url"));
        details.link("issues", &self.text("issueManagement/url"));
        for [name, url] in &self.licences {
            details.licence(&self.filled(name), &self.filled(url));
        }
        details.authors = self.people.iter().filter_map(|name| plain(&self.filled(name))).collect();
        let packaging = self.text("packaging");
        details.fact("packaging", if packaging.is_empty() { "jar" } else { &packaging });
        let parent = self.parent();
        if parent.iter().all(|part| !part.is_empty()) {
            details.fact("parent", &parent.join(":"));
        }
        details.fact("organisation", &self.text("organization/name"));
        details.fact("source-tag", &self.text("scm/tag"));
        let java = ["maven.compiler.release", "maven.compiler.target", "java.version"];
        if let Some(java) = java.iter().find_map(|name| self.properties.get(*name)) {
            details.fact("java", &self.filled(java));
        }
        self.modules.iter().for_each(|module| details.fact("module", module));
        details.dependencies = self.dependencies().take(ROWS_MAX).collect();
        details
    }

    /// Those that are managed come last, so that a long list of them leaves room for the others.
    fn dependencies(&self) -> impl Iterator<Item = Dependency> {
        let managed = self.managed.iter().map(|said| (true, said));
        let all = self.dependencies.iter().map(|said| (false, said)).chain(managed);
        all.filter_map(|(managed, said)| self.dependency(managed, said))
    }

    fn dependency(&self, managed: bool, said: &HashMap<String, String>) -> Option<Dependency> {
        let text = |name: &str| said.get(name).and_then(|text| plain(&self.filled(text)));
        Some(Dependency {
            group: managed.then(|| "managed".to_owned()),
            package: format!("{}:{}", text("groupId")?, text("artifactId")?),
            range: text("version"),
            scope: text("scope").filter(|scope| scope != "compile"),
            optional: text("optional").is_some_and(|text| text == "true"),
            here: None,
        })
    }
}

/// As it is found by who asks what needs a package; `None` if no package can be called so.
fn need(said: &Dependency) -> Option<Need> {
    let (group, artifact) = said.package.split_once(':')?;
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().into();
    let range = said.range.as_deref().unwrap_or_default();
    (group.split('.').all(is_id) && is_id(artifact)).then(|| Need {
        package: said.package.as_str().into(),
        version: asked_for(range).map(|version| version.sort_key()).unwrap_or_default().into(),
        range: range.into(),
        scope: text(&said.scope),
        group: text(&said.group),
        optional: said.optional,
    })
}

/// The version that a range names by number: the one, or the lowest that it takes.
fn asked_for(range: &str) -> Option<Version> {
    let range = range.trim();
    let lowest = match range.strip_prefix('[') {
        Some(inside) => inside.split([',', ']']).next()?.trim(),
        None if range.starts_with('(') || range.contains(',') => return None,
        None => range,
    };
    // What only a build can tell is no number.
    Version::parse(lowest).filter(|version| !version.as_str().contains("${"))
}

/// Adds to a list that has an end.
fn push<T>(list: &mut Vec<T>, one: T) {
    if list.len() < ROWS_MAX {
        list.push(one);
    }
}

#[cfg(test)]
mod tests;
