use super::id::PackageId;
use super::version::Version;

/// One version of a package.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The package.
    pub id: PackageId,
    /// The version.
    pub version: Version,
}
