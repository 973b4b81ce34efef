use std::sync::Arc;

use domain::{PackageName, Timestamp};

use crate::error::Error;

/// Longest id of an advisory, in bytes.
const ID_BYTES_MAX: usize = 128;

/// An advisory as it is put.
#[derive(Debug, Clone)]
pub struct NewAdvisory {
    /// Its id, such as `GHSA-…`: letters, digits, `.`, `_`, `:` and `-`, at most 128. One that is there is replaced.
    pub id: Box<str>,
    /// The document, at most [`NewAdvisory::DOCUMENT_BYTES_MAX`].
    pub document: Arc<str>,
    /// The packages it is about, whether they are there or not; at most [`NewAdvisory::PACKAGES_MAX`].
    pub packages: Vec<PackageName>,
}

/// An advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Its id.
    pub id: Box<str>,
    /// The document.
    pub document: Arc<str>,
    /// When it was put.
    pub changed_at: Timestamp,
}

/// What is said of the versions of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Versions that should no longer be used, by key, and the document about each.
    pub deprecations: Vec<(Box<str>, Arc<str>)>,
    /// What is about some of its versions, by id.
    pub advisories: Vec<Advisory>,
}

impl NewAdvisory {
    /// Longest document, in bytes: real ones have a tenth.
    pub const DOCUMENT_BYTES_MAX: usize = 32 << 10;
    /// Most packages of one.
    pub const PACKAGES_MAX: usize = 64;
    /// Most advisories of one repository.
    pub const REPOSITORY_MAX: u64 = 4096;
    /// Most advisories about one package.
    pub const PACKAGE_MAX: u64 = 256;

    /// Refuses what is beyond a bound of its parts.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_id(&self.id)?;
        check_document(&self.document, Self::DOCUMENT_BYTES_MAX)?;
        if self.packages.len() > Self::PACKAGES_MAX {
            return Err(Error::refused("the advisory is about too many packages"));
        }
        Ok(())
    }
}

fn check_id(id: &str) -> Result<(), Error> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(letter) {
        return Err(Error::refused(
            "the id of an advisory is letters, digits, '.', '_', ':' and '-', at most 128",
        ));
    }
    Ok(())
}

/// Refuses a document that is longer, or that not every database can keep.
pub(crate) fn check_document(document: &str, bytes_max: usize) -> Result<(), Error> {
    // PostgreSQL's text has no NUL.
    if document.len() > bytes_max || document.contains('\0') {
        return Err(Error::refused("the document is too long"));
    }
    Ok(())
}
