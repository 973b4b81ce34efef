//! Package ids: shown as written, compared without case.

use domain::PackageName;

/// Longest id, in bytes: the client's own bound.
const ID_BYTES_MAX: usize = 100;

/// The id of a package: words of `[A-Za-z0-9_]` with single `.` or `-` between them, at most 100 bytes. ASCII alone,
/// because servers and clients fold other letters differently (docs/nuget.md 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageId(PackageName);

/// The text is no package id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a package id: letters, digits and '_' with single '.' or '-' inside, at most {ID_BYTES_MAX}")]
pub(crate) struct BadId;

impl PackageId {
    /// Reads an id in any case.
    pub(crate) fn parse(text: &str) -> Result<Self, BadId> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let well_formed = text.len() <= ID_BYTES_MAX
            && text.split(['.', '-']).all(|part| !part.is_empty() && part.bytes().all(word));
        if !well_formed {
            return Err(BadId);
        }
        PackageName::folded(text, &text.to_ascii_lowercase()).map(Self).map_err(|_| BadId)
    }

    /// As it was written.
    pub(crate) fn display(&self) -> &str {
        self.0.display()
    }

    /// What decides whether two ids are the same: lower case.
    pub(crate) fn key(&self) -> &str {
        self.0.key()
    }

    /// The package in storage.
    pub(crate) const fn name(&self) -> &PackageName {
        &self.0
    }
}

#[cfg(test)]
mod tests;
