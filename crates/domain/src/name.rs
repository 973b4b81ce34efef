use std::fmt;

use crate::error::{Invalid, InvalidReason, bounded};

/// Longest project key and repository name, in bytes (docs/design.md 3).
const KEY_BYTES_MAX: usize = 64;
/// Longest name a principal logs in with, in bytes: the bound of an e-mail address.
const LOGIN_BYTES_MAX: usize = 254;
/// Longest word of a format, in bytes.
const FORMAT_BYTES_MAX: usize = 16;

/// The key of a project: `[a-z0-9]` with single `-`, `_`, `.` inside, at most 64 bytes, not `p` (docs/design.md 3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectKey(Box<str>);

/// The name of a repository inside its project; same grammar as a project key, `p` allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName(Box<str>);

/// Project key and repository name, both parsed: how a repository is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath {
    /// The project.
    pub project: ProjectKey,
    /// The repository in it.
    pub repository: RepositoryName,
}

/// The name a principal logs in with: user name, e-mail alias or client ID. Compared ASCII-case-insensitively, kept folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(Box<str>);

/// Which protocol a repository speaks: its word in configuration, API and SQL, at most 16 bytes. Which of them a program knows is
/// said by [`Formats`](crate::Formats); a repository of another one is there, and nobody answers for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Format([u8; FORMAT_BYTES_MAX]);

/// Where the names of a repository come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// They are published to it.
    Hosted,
    /// They are saved copies of those of one remote; nobody publishes to it.
    Mirror,
    /// It has none of its own and shows those of other repositories; nobody publishes to it.
    Virtual,
}

/// Whether anonymous callers may read; a public repository is a grant of `read` to `anyone`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Readable by `anyone`.
    Public,
    /// Readable by grants only.
    Private,
}

/// What the `organisation-member` role of a new project holds (docs/design.md 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Every member may read its private repositories.
    Internal,
    /// Nobody outside the project may.
    Closed,
}

impl ProjectKey {
    /// Parses the canonical, lower-case form.
    ///
    /// # Errors
    /// `Invalid` if it is empty, too long, outside the grammar or reserved.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        key("project key", text)?;
        if text == "p" {
            return Err(Invalid::new("project key", InvalidReason::Reserved));
        }
        Ok(Self(text.into()))
    }

    /// Parses any ASCII case; for protocols that compare names without it (docs/design.md 3).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_folded(text: &str) -> Result<Self, Invalid> {
        bounded("project key", text, KEY_BYTES_MAX)?;
        Self::parse(&text.to_ascii_lowercase())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RepositoryName {
    /// Parses the canonical, lower-case form.
    ///
    /// # Errors
    /// `Invalid` if it is empty, too long or outside the grammar.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        key("repository name", text)?;
        Ok(Self(text.into()))
    }

    /// Parses any ASCII case; for protocols that compare names without it (docs/design.md 3).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_folded(text: &str) -> Result<Self, Invalid> {
        bounded("repository name", text, KEY_BYTES_MAX)?;
        Self::parse(&text.to_ascii_lowercase())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RepositoryPath {
    /// Parses `PROJECT/REPOSITORY`.
    ///
    /// # Errors
    /// `Invalid` if it is not two names with one slash between them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let Some((project, repository)) = text.split_once('/') else {
            return Err(Invalid::grammar("repository", "it must be PROJECT/REPOSITORY"));
        };
        Ok(Self { project: ProjectKey::parse(project)?, repository: RepositoryName::parse(repository)? })
    }
}

impl Login {
    /// Parses and folds a user name, e-mail alias or client ID: printable ASCII without space, colon, comma or slash.
    ///
    /// # Errors
    /// `Invalid` if it is empty, too long or has other characters. A colon cannot pass Basic (RFC 7617 §2).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded("login name", text, LOGIN_BYTES_MAX)?;
        if !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b':' | b'/' | b',' | b'"' | b'\\')) {
            return Err(Invalid::grammar(
                "login name",
                "only printable ASCII without colon, comma, slash, quote or backslash",
            ));
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// The folded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Format {
    /// A word that stands in the program.
    ///
    /// # Panics
    /// Where it is compiled, if it is no word that [`Self::parse`] takes.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        let format = Self::read(word.as_bytes());
        assert!(
            format.is_some(),
            "a format is a word of at most 16 bytes: a-z and 0-9, with single '-' inside"
        );
        match format {
            Some(format) => format,
            None => Self([0; FORMAT_BYTES_MAX]),
        }
    }

    /// Reads the word of a format, known or not.
    ///
    /// # Errors
    /// `Invalid` if it is empty, too long or outside the grammar.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded("format", text, FORMAT_BYTES_MAX)?;
        let format = Self::read(text.as_bytes());
        format.ok_or(Invalid::grammar("format", "only a-z and 0-9, with single '-' inside"))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    const fn read(mut word: &[u8]) -> Option<Self> {
        let mut bytes = [0; FORMAT_BYTES_MAX];
        let mut left: &mut [u8] = &mut bytes;
        let mut separated = true;
        while let Some((byte, rest)) = word.split_first() {
            let Some((slot, after)) = left.split_first_mut() else { return None };
            match *byte {
                b'a'..=b'z' | b'0'..=b'9' => separated = false,
                b'-' if !separated => separated = true,
                _ => return None,
            }
            *slot = *byte;
            (word, left) = (rest, after);
        }
        if separated { None } else { Some(Self(bytes)) }
    }
}

impl Mode {
    /// The word used in API, configuration and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Mirror => "mirror",
            Self::Virtual => "virtual",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `Invalid` if it is none of the modes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        [Self::Hosted, Self::Mirror, Self::Virtual]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or(Invalid::new("mode", InvalidReason::Unknown))
    }
}

fn key(what: &'static str, text: &str) -> Result<(), Invalid> {
    bounded(what, text, KEY_BYTES_MAX)?;
    let mut separated = true;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => separated = false,
            b'-' | b'_' | b'.' if !separated => separated = true,
            _ => return Err(Invalid::grammar(what, "only a-z and 0-9, with single '-', '_' or '.' inside")),
        }
    }
    if separated {
        return Err(Invalid::grammar(what, "it must end with a letter or digit"));
    }
    Ok(())
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.repository)
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format({self})")
    }
}

#[cfg(test)]
mod tests;
