//! What packages are searched for, and the words by which they are found. Conditions that are no words, such as whether
//! prereleases count, are words as well: they stand between control characters, which no text of a package has.

use storage::{NewEntry, Search};

use super::id::PackageId;
use super::metadata::{Metadata, PackageType};
use super::version::Version;

/// Between the words that nobody types.
const MARK: char = '\u{1}';
/// Longest query looked at, in bytes.
const TEXT_BYTES_MAX: usize = 512;
/// Words of a query that count; with the conditions they are as many as storage looks for.
const TERMS_MAX: usize = Search::WORDS_MAX - 2;
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

/// What is looked for; everything if there is no word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Lower case; each must be there.
    pub words: Vec<Box<str>>,
    /// The package that comes first, lower case.
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

/// The terms of a query and the id that would be meant by it. A prefix such as `packageid:` or `tags:` asks for a whole id,
/// version or tag; other prefixes are passed over.
pub(crate) fn terms(text: &str) -> Terms {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default().to_lowercase();
    let text = text.replace(char::is_control, " ");
    let mut words = words(&text);
    words.truncate(TERMS_MAX);
    let first = match words.as_slice() {
        [Word { field: "" | "id" | "packageid", text }] => Some((*text).into()),
        _ => None,
    };
    Terms { words: words.iter().map(Word::term).collect(), first }
}

/// The one term of ids that begin like this, or have a part that does.
pub(crate) fn ids(text: &str) -> Terms {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default().trim().to_lowercase();
    if text.is_empty() {
        return Terms::default();
    }
    let text = text.replace(char::is_control, " ");
    Terms { words: vec![format!("{MARK}at={text}").into()], first: Some(text.into()) }
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
    fn term(&self) -> Box<str> {
        match self.field {
            "packageid" => format!("{MARK}id={}{MARK}", self.text).into(),
            "version" => {
                let version =
                    Version::parse(self.text).map_or_else(|_| self.text.to_owned(), |version| version.key());
                format!("{MARK}version={version}{MARK}").into()
            }
            "tag" | "tags" => format!("{MARK}tag={}{MARK}", self.text).into(),
            _ => self.text.into(),
        }
    }
}

impl Filter {
    /// The words that say so.
    pub(crate) fn words(&self) -> impl Iterator<Item = Box<str>> {
        // Everything is in the widest set, so nothing need be asked for it.
        let all = self.prerelease && self.semver2;
        let level = (!all).then(|| format!("{MARK}{}{MARK}", level(self.prerelease, self.semver2)));
        let kind = self.package_type.as_ref().map(|kind| format!("{MARK}type={kind}{MARK}"));
        level.into_iter().chain(kind).map(Into::into)
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

/// What a version is found by: the conditions it meets, its id and the parts of that, its tags, then everything in words.
pub(crate) fn found_by(id: &PackageId, version: &Version, metadata: &Metadata) -> String {
    let mut text = String::with_capacity(1024);
    let mut word = |prefix: &str, value: &str| {
        text.push(MARK);
        text.push_str(prefix);
        text.push_str(value);
    };
    for (prerelease, semver2) in [(false, false), (false, true), (true, false)] {
        let filter = Filter { prerelease, semver2, package_type: None };
        if filter.admits(version, metadata) {
            word("", level(prerelease, semver2));
        }
    }
    types(metadata).for_each(|kind| word("type=", &kind.to_ascii_lowercase()));
    word("id=", id.key());
    word("version=", &version.key());
    word("at=", id.key());
    for (at, _) in id.key().match_indices(['.', '-', '_']) {
        word("at=", id.key().get(at.saturating_add(1)..).unwrap_or_default());
    }
    metadata.tags().take(TAGS_MAX).for_each(|tag| word("tag=", &plain(tag)));
    text.push(MARK);
    for part in [&metadata.title, &metadata.authors, &metadata.summary, &metadata.description] {
        text.push_str(&plain(part));
        text.push('\n');
    }
    text.truncate(text.floor_char_boundary(NewEntry::WORDS_BYTES_MAX));
    text
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

fn plain(text: &str) -> String {
    text.to_lowercase().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests;
