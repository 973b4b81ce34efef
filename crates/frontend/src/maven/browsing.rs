//! Coordinates as packages: `group:artifact`, whose versions are made of files. Files outside the layout belong to none.

use domain::{Browsing, EntryKey, EntryKind, PackageName, RefName, Removal, Rules};

use super::layout::{Gav, Package};
use super::version::Version;

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    package: |name| PackageName::exact(name).ok(),
    version,
    parts: |key| Some(format!("{}:{}", key.package.display(), key.name.display())),
    delete,
    unlists: false,
    ecosystem: None,
    path,
};

fn version(text: &str) -> Option<(EntryKind, RefName)> {
    let version = Version::parse(text)?;
    let name = RefName::keyed(version.as_str(), version.as_str(), &version.sort_key()).ok()?;
    Some((EntryKind::Version, name))
}

/// All files of the version.
fn delete(key: &EntryKey, _: &dyn Rules) -> Vec<Removal> {
    let Some((group, artifact)) = key.package.display().split_once(':') else { return Vec::new() };
    let Some(version) = Version::parse(key.name.display()) else { return Vec::new() };
    let package = Package { group: group.into(), artifact: artifact.into() };
    Gav { package, version }.removals()
}

/// The name of a file's row is its version and its own name.
fn path(key: &EntryKey) -> String {
    let package = key.package.display();
    let (group, artifact) = package.split_once(':').unwrap_or((package, ""));
    format!("{}/{artifact}/{}", group.replace('.', "/"), key.name.display())
}
