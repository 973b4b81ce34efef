//! What versions need of other packages, as their formats say it.

use crate::refname::EntryKey;

/// How the versions of a format say which packages they need.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// Whether a file of a version is the document that says so; asked only where versions have files.
    pub is_document: fn(&EntryKey, &EntryKey) -> bool,
    /// Longest document that is read, in bytes.
    pub document_bytes_max: u64,
    /// What a version needs, by the small document of its name, and by the other, which is empty where there is none. What cannot be read is
    /// left out.
    pub read: fn(&EntryKey, &str, &[u8]) -> Vec<Need>,
}

/// One package that a version needs, in the format's own words, as whoever made it wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// Key of the package.
    pub package: Box<str>,
    /// Sort key of the version that it asks for by number, or of the lowest that it takes; empty for none.
    pub version: Box<str>,
    /// Which versions it takes; empty for any.
    pub range: Box<str>,
    /// What for; empty for the ordinary.
    pub scope: Box<str>,
    /// Where it needs it, such as a framework; empty for everywhere.
    pub group: Box<str>,
    /// Whether it does without.
    pub optional: bool,
}

impl Need {
    /// Most of one version; those behind are not kept.
    pub const MAX: usize = 256;
    /// Longest key of a package or of a version, in bytes; one that has a longer one is not kept.
    pub const KEY_BYTES_MAX: usize = 1024;
    /// Longest range, and longest other text, in bytes; they are cut.
    pub const RANGE_BYTES_MAX: usize = 256;
    const WORD_BYTES_MAX: usize = 128;

    /// Those that are kept, within their bounds: of several of a package that ask for the same version the first, which has the groups of all
    /// of them.
    #[must_use]
    pub fn kept(all: Vec<Self>) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for mut need in all {
            let keys = [&need.package, &need.version];
            if need.package.is_empty() || keys.iter().any(|key| !is_key(key)) {
                continue;
            }
            for (text, bytes_max) in [
                (&mut need.range, Self::RANGE_BYTES_MAX),
                (&mut need.scope, Self::WORD_BYTES_MAX),
                (&mut need.group, Self::WORD_BYTES_MAX),
            ] {
                *text = cut(text, bytes_max);
            }
            let has_room = kept.len() < Self::MAX;
            match kept.iter_mut().find(|one| one.package == need.package && one.version == need.version) {
                Some(one) => one.also(&need),
                None if has_room => kept.push(need),
                None => {}
            }
        }
        kept
    }

    /// Takes the group of another one along. Needed everywhere is needed everywhere.
    fn also(&mut self, other: &Self) {
        self.optional &= other.optional;
        if self.group.is_empty() || other.group.is_empty() {
            self.group = Box::from("");
        } else if self.group.split(", ").all(|group| group != &*other.group) {
            self.group = cut(&format!("{}, {}", self.group, other.group), Self::WORD_BYTES_MAX);
        }
    }
}

/// Databases take no NUL, and their indexes nothing that is longer.
fn is_key(text: &str) -> bool {
    text.len() <= Need::KEY_BYTES_MAX && !text.contains('\0')
}

fn cut(text: &str, bytes_max: usize) -> Box<str> {
    let text = text.get(..text.floor_char_boundary(bytes_max)).unwrap_or_default();
    text.chars().filter(|at| *at != '\0').collect::<String>().into()
}

#[cfg(test)]
mod tests;
