//! Packages of NuGet as packages: a version is its `.nupkg`.

use std::any::Any;

use domain::{Browsing, EntryKey, EntryKind, FetchLine, Meant, Need, Needs, RefName, Removal, Rules, Wanted};

use super::advisory::ECOSYSTEM;
use super::id::PackageId;
use super::metadata::Metadata;
use super::policy::{Deletes, Policy};
use super::version::Version;

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    prerelease: |text| Version::parse(text).is_ok_and(|version| version.is_prerelease()),
    package: |id| PackageId::parse(id).ok().map(|id| id.name().clone()),
    version,
    parts: |_| None,
    delete,
    unlists: true,
    ecosystem: Some(ECOSYSTEM),
    needs: Some(NEEDS),
    path,
    page,
    pages,
    folders: false,
    lines,
};

/// What was kept of the nuspec when the package was pushed says it.
const NEEDS: Needs = Needs { is_document: |_, _| false, document_bytes_max: 0, read };

fn read(_: &EntryKey, kept: &str, _: &[u8]) -> Vec<Need> {
    Metadata::from_json(kept).needs()
}

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

fn lines(wanted: &Wanted<'_>) -> Vec<FetchLine> {
    let Wanted { package: id, version, .. } = *wanted;
    let line = |client, text: String| FetchLine { client, text };
    if wanted.says("type", "DotnetTool") {
        return vec![line("dotnet tool", format!("dotnet tool install {id} --version {version}"))];
    }
    let element = |name: &str| format!("<{name} Include=\"{id}\" Version=\"{version}\" />");
    vec![
        line("dotnet", format!("dotnet add package {id} --version {version}")),
        line("PackageReference", element("PackageReference")),
        line("PackageVersion", element("PackageVersion")),
        line("Paket", format!("paket add {id} --version {version}")),
    ]
}
