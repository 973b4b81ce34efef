//! What packages are searched for, and what they are found by. The conditions that a client sets, such as whether prereleases
//! count, are facets: every version has those it meets.

use std::sync::Arc;

use storage::{Field, Findable, Search, Wanted};

use super::metadata::{Metadata, PackageType};
use super::version::Version;

/// Longest query looked at, in bytes.
const TEXT_BYTES_MAX: usize = 512;
/// Tags by which a version is found.
const TAGS_MAX: usize = 64;
/// The type of a package that names none.
const ORDINARY: &str = "Dependency";

/// Packages by words, a page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// What is looked for.
    pub terms: Terms,
    /// Which versions count.
    pub filter: Filter,
    /// Packages to pass over.
    pub skip: u64,
    /// Packages to give at most.
    pub take: u32,
}

/// What is looked for; everything if there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Each must be met.
    pub wanted: Vec<Wanted>,
    /// Ids that begin like this come first, lower case.
    pub first: Option<Box<str>>,
}

/// Which versions count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Prereleases too.
    pub prerelease: bool,
    /// Those too that only clients of SemVer 2 can read.
    pub semver2: bool,
    /// Only packages of this type, lower case.
    pub package_type: Option<Box<str>>,
}

/// The terms of a query and the id that would be meant by it. Plain words must all be there. A field such as `tags:` says where
/// a word is to be; of several values of one field any will do, as in the gallery. What looks like an unknown field is plain.
pub(crate) fn terms(text: &str) -> Terms {
    let text = bounded(text);
    let mut words = words(&text);
    words.truncate(Search::WORDS_MAX);
    let first = match words.as_slice() {
        [Word { field, text }] if field.is_empty() || field.eq_ignore_ascii_case("id") => {
            Some(text.to_lowercase().into())
        }
        _ => None,
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    for word in &words {
        let (field, any) = word.read();
        let same = wanted.iter_mut().find(|known| field != Field::Any && known.field == field);
        match same {
            Some(known) => known.any.extend(any),
            None => wanted.push(Wanted { field, any }),
        }
    }
    let mut room = Search::WORDS_MAX;
    for one in &mut wanted {
        one.any.truncate(room);
        room = room.saturating_sub(one.any.len());
    }
    wanted.retain(|one| !one.any.is_empty());
    Terms { wanted, first }
}

/// Ids that begin like this, or have words that do.
pub(crate) fn ids(text: &str) -> Terms {
    let text = bounded(text);
    let text = text.trim();
    if text.is_empty() {
        return Terms::default();
    }
    let wanted = vec![Wanted { field: Field::Id, any: vec![text.into()] }];
    Terms { wanted, first: Some(text.to_lowercase().into()) }
}

fn bounded(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default();
    text.replace(char::is_control, " ")
}

/// A word of a query, and the field it is asked for in.
#[derive(Debug, PartialEq, Eq)]
struct Word<'a> {
    field: &'a str,
    text: &'a str,
}

/// Words between spaces, or between quotes.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (head, quoted) = match rest.split_once('"') {
            // Quotes may begin a word or the value behind its field.
            Some((head, behind)) if head.is_empty() || head.ends_with(':') && !head.contains(' ') => {
                (head, Some(behind))
            }
            _ => ("", None),
        };
        let (text, behind) = match quoted {
            Some(behind) => behind.split_once('"').unwrap_or((behind, "")),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        let (field, text) = match (quoted, text.split_once(':')) {
            (Some(_), _) => (head.trim_end_matches(':'), text),
            (None, Some((field, text))) if !text.is_empty() => (field, text),
            (None, _) => ("", text),
        };
        let text = text.trim();
        if !text.is_empty() {
            found.push(Word { field, text });
        }
        rest = behind.trim_start();
    }
    found
}

impl Word<'_> {
    /// Where it is looked for, and any of what.
    fn read(&self) -> (Field, Vec<Box<str>>) {
        let text = || vec![self.text.into()];
        match self.field.to_ascii_lowercase().as_str() {
            "" => (Field::Any, text()),
            "id" => (Field::Id, text()),
            "packageid" => (Field::Key, text()),
            "title" => (Field::Title, text()),
            "tag" | "tags" => (Field::Tag, Metadata::split_tags(self.text).map(Into::into).collect()),
            // Owners are nobody that a feed knows besides the authors.
            "author" | "authors" | "owner" | "owners" => (Field::People, text()),
            "description" | "summary" => (Field::Text, text()),
            "version" => {
                let version = Version::parse(self.text);
                (Field::Name, version.map_or_else(|_| text(), |version| vec![version.sort_key().into()]))
            }
            _ => (Field::Any, vec![format!("{} {}", self.field, self.text).into()]),
        }
    }
}

impl Filter {
    /// The facet that says so; none if everything counts.
    pub(crate) fn facet(&self) -> Option<Box<str>> {
        let level = level(self.prerelease, self.semver2);
        match &self.package_type {
            Some(kind) => Some(format!("{level}/{kind}").into()),
            None if self.prerelease && self.semver2 => None,
            None => Some(level.into()),
        }
    }

    /// Whether a version counts.
    pub(crate) fn admits(&self, version: &Version, metadata: &Metadata) -> bool {
        let kinds = |kind: &str| types(metadata).any(|found| found.eq_ignore_ascii_case(kind));
        (self.prerelease || !version.is_prerelease())
            && (self.semver2 || !metadata.semver2)
            && self.package_type.as_deref().is_none_or(kinds)
    }

    /// Told apart from every other in the names of documents.
    pub(crate) fn name(&self) -> String {
        format!(
            "{} {}",
            level(self.prerelease, self.semver2),
            self.package_type.as_deref().unwrap_or_default()
        )
    }
}

/// What kind of package it is.
pub(crate) fn types(metadata: &Metadata) -> impl Iterator<Item = &str> {
    let ordinary = metadata.types.is_empty().then_some(ORDINARY);
    metadata.types.iter().map(|PackageType { name, .. }| &**name).chain(ordinary)
}

/// What a version is found by: the conditions it meets, its tags, and what its nuspec says in words.
pub(crate) fn found_by(version: &Version, metadata: &Metadata) -> Arc<str> {
    let mut facets: Vec<Box<str>> = Vec::new();
    let sets = [(false, false), (false, true), (true, false), (true, true)];
    for (prerelease, semver2) in sets {
        let filter = Filter { prerelease, semver2, package_type: None };
        if filter.admits(version, metadata) {
            facets.push(level(prerelease, semver2).into());
            let kinds = types(metadata).map(str::to_ascii_lowercase);
            facets.extend(kinds.map(|kind| format!("{}/{kind}", level(prerelease, semver2)).into()));
        }
    }
    let tags: Vec<&str> = metadata.tags().take(TAGS_MAX).collect();
    let findable = Findable {
        preferred: !version.is_prerelease(),
        facets: &facets,
        tags: &tags,
        title: &metadata.title,
        people: &metadata.authors,
        text: &format!("{} {}", metadata.summary, metadata.description),
    };
    findable.to_words()
}

/// The smallest set that everything of a level is in.
const fn level(prerelease: bool, semver2: bool) -> &'static str {
    match (prerelease, semver2) {
        (false, false) => "s1",
        (false, true) => "s2",
        (true, false) => "p1",
        (true, true) => "p2",
    }
}

#[cfg(test)]
mod tests;
