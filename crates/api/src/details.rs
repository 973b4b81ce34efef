//! What the content of a version tells of it, and who reads it. Content is whatever somebody pushed: what cannot be read is left
//! out, and nothing in it makes the answer fail.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::{BoxFuture, Format, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shelf::{Item, Shelf};
use storage::ContentError;

use crate::words::Moment;

/// Most characters of a text that is told.
pub const TEXT_CHARS_MAX: usize = 4000;
/// Longest text that a version brings along for people, and longest document that is shown as it is, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 256 << 10;
/// Most entries of each list.
pub const ROWS_MAX: usize = 256;

/// What the content of a version tells of it. Texts are as whoever made it wrote them, without control characters and at most 4,000
/// characters each; lists have at most 256 entries. What is not said there, or cannot be read, is absent.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Details {
    /// What it is: `image`, `index`, `helm-chart`, `wasm`, `artifact`, `signature`, `sbom`, `provenance`, `package`, `file`.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// What people call it.
    pub title: Option<String>,
    /// What it is good for.
    pub description: Option<String>,
    /// Who made it.
    pub authors: Vec<String>,
    /// Words it is found by.
    pub tags: Vec<String>,
    /// Under which terms it may be used.
    pub licences: Vec<Licence>,
    /// Where there is more about it.
    pub links: Vec<Link>,
    /// When it was built, as it says.
    pub built_at: Option<Moment>,
    /// What else its format has to say, in the words of the format; a name may be there several times.
    pub facts: Vec<Fact>,
    /// Labels of its configuration, and its annotations, which win.
    pub labels: BTreeMap<String, String>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// What it is made of, and what is attached to it.
    pub parts: Vec<Part>,
    /// How many bytes somebody pulls who has nothing of it yet; of an index for the platform that takes the most.
    pub pull_bytes: Option<u64>,
    /// Other versions of its package that have the same content, at most 100.
    pub same_as: Vec<String>,
    /// Versions of its package that it is a part of, at most 100.
    pub part_of: Vec<String>,
    /// Known weaknesses in it, the worst first.
    pub weaknesses: Vec<Weakness>,
    /// What it says to whoever uses it.
    pub readme: Option<ReadMe>,
    /// The document it is described by, as it was pushed: a manifest, a POM, a nuspec; absent if it is longer than 256 KiB or no text.
    pub document: Option<String>,
}

/// Terms under which something may be used.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    /// Its name, or an expression of SPDX.
    pub name: String,
    /// Where it can be read: an address over HTTP.
    pub url: Option<String>,
}

/// Where there is more about a version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// What is there: `home`, `source`, `documentation`, `issues`.
    #[schemars(extend("x-open-enum" = true))]
    pub what: String,
    /// An address over HTTP.
    pub url: String,
}

/// Something that a format has to say.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// What it is about, such as `entrypoint`, `packaging` or `frameworks`.
    pub name: String,
    /// What is said.
    pub value: String,
}

/// What a version needs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// Where it needs it: a framework, or `managed` for what only holds if something else needs it; absent for everywhere.
    pub group: Option<String>,
    /// A package, as its format names it.
    pub package: String,
    /// Which versions of it, in the format's own words; absent for any.
    pub range: Option<String>,
    /// What for, such as `test`; absent for the ordinary.
    pub scope: Option<String>,
    /// Whether it does without.
    pub optional: bool,
    /// Whether this repository has the package; absent if that was not looked for.
    pub here: Option<bool>,
}

/// Something that a version is made of, or that is attached to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// `platform`, `layer`, `configuration`, `attached`, `file`.
    #[schemars(extend("x-open-enum" = true))]
    pub role: String,
    /// What it is called: a platform such as `linux/arm64`, what is attached such as `signature`.
    pub name: Option<String>,
    /// Digest of its content.
    pub digest: String,
    /// Its length in bytes; of a platform what somebody pulls who has nothing of it.
    pub bytes: Option<u64>,
    /// Media type of its content, or the type of the artifact.
    pub media_type: Option<String>,
    /// The command that made it.
    pub made_by: Option<String>,
    /// Whether it is stored here.
    pub here: bool,
}

/// A known weakness.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Weakness {
    /// Where it is described.
    pub url: String,
    /// From 0, low, to 3, critical.
    pub severity: u8,
}

/// What a version says to whoever uses it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReadMe {
    /// The text, as it was pushed: nothing in it is to be trusted. At most 256 KiB.
    pub text: String,
    /// Whether it is Markdown.
    pub markdown: bool,
}

/// The short form of details, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outline {
    /// As in [`Details`].
    pub kind: String,
    /// What it runs on, such as `linux/arm64`.
    pub platforms: Vec<String>,
    /// As in [`Details`].
    pub pull_bytes: Option<u64>,
}

/// A version as its protocol reads it.
pub type ReadDetails =
    for<'a> fn(&'a Shelf<'a, Read>, &'a Item) -> BoxFuture<'a, Result<Details, ContentError>>;
/// Likewise, for lists; `None` where there is nothing to say.
pub type ReadOutline =
    for<'a> fn(&'a Shelf<'a, Read>, &'a Item) -> BoxFuture<'a, Result<Option<Outline>, ContentError>>;
/// The names in a folder, empty for the root, behind one of them; folders end in a slash. `None` where the format has no folders.
pub type ReadFolder = for<'a> fn(
    &'a Shelf<'a, Read>,
    (&'a str, &'a str),
) -> BoxFuture<'a, Result<Option<Vec<String>>, ContentError>>;

/// What looks into the content of a format: its protocol brings it.
#[derive(Clone, Copy)]
pub struct FormatReader {
    /// The format.
    pub format: Format,
    /// What is told of a version.
    pub details: ReadDetails,
    /// What lists of versions have of it.
    pub outline: ReadOutline,
    /// What lies in its folders.
    pub folder: ReadFolder,
}

/// The readers of all formats. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FormatReaders(Arc<[FormatReader]>);

impl fmt::Debug for FormatReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormatReader").field("format", &self.format).finish_non_exhaustive()
    }
}

impl FormatReaders {
    /// Those of a list.
    #[must_use]
    pub fn new(readers: impl IntoIterator<Item = FormatReader>) -> Self {
        Self(readers.into_iter().collect())
    }

    /// That of a format, if there is one.
    pub(crate) fn of(&self, format: Format) -> Option<FormatReader> {
        self.0.iter().find(|reader| reader.format == format).copied()
    }
}

impl Details {
    /// Of a kind, with nothing else to tell.
    #[must_use]
    pub fn of_kind(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Notes something that the format has to say, unless it says nothing.
    pub fn fact(&mut self, name: &str, value: &str) {
        if let Some(value) = plain(value).filter(|_| self.facts.len() < ROWS_MAX) {
            self.facts.push(Fact { name: name.to_owned(), value });
        }
    }

    /// Notes where there is more, if that is an address over HTTP.
    pub fn link(&mut self, what: &str, url: &str) {
        let known = |link: &Link| link.what == what;
        if let Some(url) = web_address(url).filter(|_| !self.links.iter().any(known)) {
            self.links.push(Link { what: what.to_owned(), url });
        }
    }

    /// Notes terms of use, unless they say nothing.
    pub fn licence(&mut self, name: &str, url: &str) {
        let url = web_address(url);
        let named = plain(name).or_else(|| url.clone());
        if let Some(name) = named.filter(|_| self.licences.len() < ROWS_MAX) {
            self.licences.push(Licence { name, url });
        }
    }
}

/// A text of somebody else's as it can be shown: without characters that control anything, the direction of writing among them, and not
/// longer than [`TEXT_CHARS_MAX`]; `None` if nothing is left.
#[must_use]
pub fn plain(text: &str) -> Option<String> {
    let shown = text.trim().chars().filter(|at| *at == '\n' || !controls(*at)).take(TEXT_CHARS_MAX);
    Some(shown.collect::<String>()).filter(|text| !text.is_empty())
}

/// Whether a character is seen by what it does to others only.
#[must_use]
pub fn controls(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// An address over HTTP, if it is one and not longer than any that is of use.
#[must_use]
pub fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    let scheme =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let good = (scheme("https://") || scheme("http://")) && text.len() <= 2048;
    (good && text.chars().all(|at| at.is_ascii_graphic() && !matches!(at, '"' | '<' | '>' | '\\')))
        .then(|| text.to_owned())
}

/// A document as text, if it is one and not too long.
#[must_use]
pub fn document(bytes: &[u8]) -> Option<String> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return None;
    }
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{plain, web_address};

    #[test]
    fn what_is_shown_controls_nothing() {
        assert_eq!(plain(" a\u{202e}b\u{0}\nc ").as_deref(), Some("ab\nc"));
        assert_eq!(plain("\u{200b}\u{feff} "), None);
        assert_eq!(plain(&"x".repeat(5000)).map(|text| text.len()), Some(4000));
    }

    #[test]
    fn only_http_is_an_address() {
        assert_eq!(web_address("HTTPS://host/a?b=c#d").as_deref(), Some("HTTPS://host/a?b=c#d"));
        for wrong in
            ["javascript:alert(1)", "https://a b", "https://a\"onclick=x", "ftp://host", "//host", ""]
        {
            assert_eq!(web_address(wrong), None, "{wrong}");
        }
    }
}
