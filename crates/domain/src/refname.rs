use std::fmt;

use crate::error::{Invalid, bounded};

/// Longest package name, in bytes: an image name or Maven coordinates with room to spare.
const PACKAGE_BYTES_MAX: usize = 512;
/// Longest entry name, in bytes: the path of a generic file.
const NAME_BYTES_MAX: usize = 1024;
/// Longest sort key, in bytes: a version of 256 characters that alternates letters and digits, with its separators.
const SORT_BYTES_MAX: usize = 1024;

/// What kind of name an entry is. These are what storage does with names (docs/decisions/0021-formats-from-protocols.md): each
/// protocol uses those that fit, and none brings another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A movable name for something else. A tag with the content of a manifest goes with it.
    Tag,
    /// A document by its digest; others may be members of it.
    Manifest,
    /// A file by its path. What is enclosed in it goes with it.
    File,
    /// A version of a package: found by words, remarked on, and listed in the order of its changes.
    Version,
}

/// The package inside a repository that a name belongs to: image, Maven `group:artifact`, NuGet id. Shown as given, compared folded.
#[derive(Debug, Clone)]
pub struct PackageName {
    display: Box<str>,
    folded: Option<Box<str>>,
}

/// A name inside a package: tag, digest, file path, version. Shown as given, compared by key, listed by sort key.
#[derive(Debug, Clone)]
pub struct RefName {
    display: Box<str>,
    key: Option<Box<str>>,
    sort: Option<Box<str>>,
}

/// The full name of an entry inside its repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// Kind of the name.
    pub kind: EntryKind,
    /// The package it belongs to.
    pub package: PackageName,
    /// The name.
    pub name: RefName,
}

/// Where an entry is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryState {
    /// Uploaded, not yet published.
    Staged,
    /// Found by name and in lists.
    Live,
    /// Found by name only.
    Unlisted,
    /// A tombstone: neither found nor listed, its name not silently reusable.
    Deleted,
}

impl fmt::Display for EntryKey {
    /// As people write it below its repository: `web:1.0`, `web@sha256:…`, `Newtonsoft.Json@13.0.3`,
    /// `org.acme:web/1.0/web-1.0.jar`, the path of a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, package, name } = self;
        match kind {
            EntryKind::Tag => write!(f, "{package}:{name}"),
            EntryKind::Manifest | EntryKind::Version => write!(f, "{package}@{name}"),
            // Of what belongs to no package.
            EntryKind::File if package.key() == "/" => name.fmt(f),
            EntryKind::File => write!(f, "{package}/{name}"),
        }
    }
}

impl EntryState {
    /// The word used in SQL and audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Live => "live",
            Self::Unlisted => "unlisted",
            Self::Deleted => "deleted",
        }
    }
}

impl EntryKind {
    /// The word used in SQL and audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Manifest => "manifest",
            Self::File => "file",
            Self::Version => "version",
        }
    }
}

impl PackageName {
    /// A name whose key is itself: image names, Maven coordinates. The protocol has checked its own grammar before.
    ///
    /// # Errors
    /// `Invalid` if it is empty, over 512 bytes or holds a control character.
    pub fn exact(display: &str) -> Result<Self, Invalid> {
        plain("package name", display, PACKAGE_BYTES_MAX)?;
        Ok(Self { display: display.into(), folded: None })
    }

    /// A name with another key, such as the lower-case NuGet id.
    ///
    /// # Errors
    /// As [`Self::exact`], for either.
    pub fn folded(display: &str, key: &str) -> Result<Self, Invalid> {
        plain("package name", display, PACKAGE_BYTES_MAX)?;
        plain("package name", key, PACKAGE_BYTES_MAX)?;
        Ok(Self { display: display.into(), folded: (display != key).then(|| key.into()) })
    }

    /// As it was first given.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What decides whether two names are the same.
    #[must_use]
    pub fn key(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.display)
    }
}

impl RefName {
    /// A name whose key and place in lists are itself: tags, digests, paths.
    ///
    /// # Errors
    /// `Invalid` if it is empty, over 1,024 bytes or holds a control character.
    pub fn exact(display: &str) -> Result<Self, Invalid> {
        plain("name", display, NAME_BYTES_MAX)?;
        Ok(Self { display: display.into(), key: None, sort: None })
    }

    /// A name with another key and another place in lists, such as a version.
    ///
    /// # Errors
    /// As [`Self::exact`], for each of the three.
    pub fn keyed(display: &str, key: &str, sort: &str) -> Result<Self, Invalid> {
        for text in [display, key] {
            plain("name", text, NAME_BYTES_MAX)?;
        }
        bounded("sort key", sort, SORT_BYTES_MAX)?;
        Ok(Self {
            display: display.into(),
            key: (key != display).then(|| key.into()),
            sort: (sort != display).then(|| sort.into()),
        })
    }

    /// As it was given.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What decides whether two names are the same.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.display)
    }

    /// Its place in lists, compared byte by byte.
    #[must_use]
    pub fn sort_key(&self) -> &str {
        self.sort.as_deref().unwrap_or(&self.display)
    }
}

fn plain(what: &'static str, text: &str, bytes_max: usize) -> Result<(), Invalid> {
    bounded(what, text, bytes_max)?;
    if text.chars().any(char::is_control) {
        return Err(Invalid::grammar(what, "control characters are not allowed"));
    }
    Ok(())
}

/// Equal keys are the same name, whatever is shown.
macro_rules! compared_by_key {
    ($($name:ident)*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key() == other.key()
            }
        }
        impl Eq for $name {}
        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.key().hash(state);
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.display)
            }
        }
    )*};
}

compared_by_key!(PackageName RefName);
