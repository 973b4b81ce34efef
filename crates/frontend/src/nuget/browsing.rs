//! Packages of NuGet as packages: a version is its `.nupkg`.

use std::any::Any;

use domain::{Browsing, EntryKey, EntryKind, Meant, RefName, Removal, Rules};

use super::advisory::ECOSYSTEM;
use super::id::PackageId;
use super::policy::{Deletes, Policy};
use super::version::Version;

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    package: |id| PackageId::parse(id).ok().map(|id| id.name().clone()),
    version,
    parts: |_| None,
    delete,
    unlists: true,
    ecosystem: Some(ECOSYSTEM),
    path,
    page,
    pages,
};

fn version(text: &str) -> Option<(EntryKind, RefName)> {
    Some((EntryKind::Version, Version::parse(text).ok()?.name().ok()?))
}

fn delete(key: &EntryKey, rules: &dyn Rules) -> Vec<Removal> {
    let rules: &dyn Any = rules;
    rules.downcast_ref::<Policy>().map_or(Deletes::Unlist, |policy| policy.delete).removals(key.clone())
}

fn path(key: &EntryKey) -> String {
    let (id, version) = (key.package.key(), key.name.key());
    format!("v3/flat/{id}/{version}/{id}.{version}.nupkg")
}

fn page(id: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{id}/{version}"),
        None => id.to_owned(),
    }
}

fn pages(address: &str) -> Vec<Meant> {
    vec![match address.split_once('/') {
        Some((id, version)) => (id.to_owned(), Some(version.to_owned())),
        None => (address.to_owned(), None),
    }]
}
