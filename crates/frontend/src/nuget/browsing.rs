//! Packages of NuGet as packages: a version is its `.nupkg`.

use domain::{Browsing, EntryKey, EntryKind, RefName};

use super::id::PackageId;
use super::version::Version;

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    package: |id| PackageId::parse(id).ok().map(|id| id.name().clone()),
    version,
    parts: |_| None,
    path,
};

fn version(text: &str) -> Option<(EntryKind, RefName)> {
    Some((EntryKind::Version, Version::parse(text).ok()?.name().ok()?))
}

fn path(key: &EntryKey) -> String {
    let (id, version) = (key.package.key(), key.name.key());
    format!("v3/flat/{id}/{version}/{id}.{version}.nupkg")
}
