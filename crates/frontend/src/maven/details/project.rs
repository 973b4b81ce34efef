//! A POM as people read it: what it says itself, with its own properties filled in. What comes from a parent only a build finds out.

use std::collections::HashMap;

use api::details::{Dependency, Details, ROWS_MAX, plain};

use crate::maven::layout::Gav;
use crate::maven::xml::{self, DocumentType, Element};

/// Most properties that are looked at, and most bytes of a text with them filled in.
const PROPERTIES_MAX: usize = 512;
const FILLED_BYTES_MAX: usize = 4096;

/// What was read so far.
#[derive(Debug, Default)]
struct Said {
    /// Texts by their path below `project`, with `/` between names.
    texts: HashMap<String, String>,
    properties: HashMap<String, String>,
    /// The element that is being read, its children by name.
    open: HashMap<String, String>,
    licences: Vec<[String; 2]>,
    people: Vec<String>,
    modules: Vec<String>,
    dependencies: Vec<(bool, HashMap<String, String>)>,
}

/// Reads a POM; what is behind a fault in it is left out.
pub(super) fn read(document: &[u8], gav: &Gav) -> Details {
    let mut said = Said::default();
    // What was read before a fault counts.
    let _well_formed = xml::read(document, DocumentType::Ignored, |element| said.take(element)).is_ok();
    said.details(gav)
}

impl Said {
    fn take(&mut self, element: &Element<'_>) {
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
            ["dependencies", "dependency"] => {
                push(&mut self.dependencies, (false, std::mem::take(&mut self.open)))
            }
            ["dependencyManagement", "dependencies", "dependency"] => {
                push(&mut self.dependencies, (true, std::mem::take(&mut self.open)));
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

    fn details(mut self, gav: &Gav) -> Details {
        // What it leaves to its parent its own address says.
        for (name, value) in [
            ("groupId", &*gav.package.group),
            ("artifactId", &*gav.package.artifact),
            ("version", gav.version.as_str()),
        ] {
            self.texts.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
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
        let parent = ["groupId", "artifactId", "version"].map(|name| self.text(&format!("parent/{name}")));
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
        details.dependencies = self.dependencies.iter().filter_map(|one| self.dependency(one)).collect();
        details
    }

    fn dependency(&self, (managed, said): &(bool, HashMap<String, String>)) -> Option<Dependency> {
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

/// Adds to a list that has an end.
fn push<T>(list: &mut Vec<T>, one: T) {
    if list.len() < ROWS_MAX {
        list.push(one);
    }
}

#[cfg(test)]
mod tests;
