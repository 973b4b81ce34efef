//! What a package tells of itself: what was kept of its nuspec when it was pushed, and the files that lie in it.

use api::details::{Dependency, Details, ROWS_MAX, ReadMe, Weakness, document, plain};
use domain::{EntryKey, EntryKind, Read};
use shelf::{Item, Shelf};
use storage::ContentError;

use super::documents::remarks::Remarks;
use super::error::Bad;
use super::id::PackageId;
use super::metadata::{Group, Metadata};
use super::ops::files::taken_out;
use super::version::Version;
use super::xml;
use crate::blocking::blocking;
use crate::error::Error;
use crate::looked_up::{has_package, unless_failed};

/// Most dependencies that are looked for in the repository.
const LOOKED_FOR_MAX: usize = 100;

/// Everything about a version.
pub(super) async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
    let metadata = Metadata::from_json(&item.entry.attributes);
    let mut details = of_metadata(&metadata);
    for dependency in details.dependencies.iter_mut().take(LOOKED_FOR_MAX) {
        if let Ok(id) = PackageId::parse(&dependency.package) {
            dependency.here = Some(has_package(id.name(), shelf).await?);
        }
    }
    if let Some(file) = &metadata.enclosed.nuspec
        && let Some(nuspec) = unless_failed(taken_out(item, file, shelf).await.map_err(Error::of_content))?
    {
        details.document = document(&nuspec);
        let read = blocking::<_, Bad>("reading a nuspec", move || xml::parse(&nuspec).ok());
        if let Some(package) = read.await.map_err(Error::of_content)? {
            of_nuspec(&package, &mut details);
        }
    }
    if let Some(file) = &metadata.enclosed.readme
        && let Some(text) = unless_failed(taken_out(item, file, shelf).await.map_err(Error::of_content))?
    {
        details.readme = document(&text).map(|text| ReadMe { text, markdown: true });
    }
    let symbols = EntryKey { kind: EntryKind::File, ..item.entry.key.clone() };
    let has_symbols = unless_failed(shelf.find(&symbols).await)?.is_some();
    details.fact("symbols", if has_symbols { "here" } else { "" });
    if let (Ok(id), Ok(version)) = (PackageId::parse(&metadata.id), Version::parse(&metadata.version)) {
        let remarks = Remarks::of(&id, &shelf.remarks(&item.entry.key.package).await?);
        let found = remarks.vulnerabilities(&version);
        let weakness = found.iter().filter_map(|found| {
            let url = api::details::web_address(found.advisory_url)?;
            Some(Weakness { url, severity: found.severity.parse().unwrap_or_default() })
        });
        details.weaknesses = weakness.collect();
    }
    Ok(details)
}

/// What is kept beside the package.
fn of_metadata(metadata: &Metadata) -> Details {
    let mut details = Details::of_kind("package");
    details.title = plain(&metadata.title);
    let described = [&metadata.description, &metadata.summary];
    details.description = described.into_iter().find_map(|text| plain(text));
    details.authors = metadata.authors.split([',', ';']).filter_map(plain).take(ROWS_MAX).collect();
    details.tags = metadata.tags().filter_map(plain).take(ROWS_MAX).collect();
    details.licence(&metadata.licence_expression, &metadata.licence_url);
    details.link("home", &metadata.project_url);
    details.fact("language", &metadata.language);
    details.fact("minimum-client", &metadata.min_client_version);
    for kind in &metadata.types {
        details.fact("type", &kind.name);
    }
    for Group { framework, dependencies } in &metadata.groups {
        details.fact("framework", framework);
        for needed in dependencies.iter().take(ROWS_MAX.saturating_sub(details.dependencies.len())) {
            let Some(package) = plain(&needed.id) else { continue };
            let (group, range) = (plain(framework), plain(&needed.range));
            let (scope, optional, here) = (None, false, None);
            details.dependencies.push(Dependency { group, package, range, scope, optional, here });
        }
    }
    details
}

/// What only the nuspec says.
fn of_nuspec(package: &xml::Element, details: &mut Details) {
    let Some(metadata) = package.all("metadata").next() else { return };
    if let Some(source) = metadata.all("repository").next() {
        let of = |name: &str| source.attribute(name).unwrap_or_default();
        details.link("source", of("url").trim_end_matches(".git"));
        details.fact("revision", of("commit"));
        details.fact("branch", of("branch"));
    }
    for (element, name) in [("copyright", "copyright"), ("releaseNotes", "release-notes")] {
        if let Some(said) = metadata.all(element).next() {
            details.fact(name, said.text());
        }
    }
}
