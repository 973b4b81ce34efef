//! `/packages`: packages in everything that one may read.

use std::collections::HashMap;

use domain::{Formats, KnownFormat, ProjectKey, RepositoryPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{PackagePlace, PackageRow, PackageSearch, PackagesFound, PackagesOf, PlaceFilter, PlaceRow};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing, Reader};
use crate::packages::Package;
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};
use crate::repositories::Visibility;
use crate::words::{FormatText, KeyText, Text128};

/// `GET /packages`
pub enum FindPackages {}

paged! {
    /// Which packages.
    PackagesAsked {
        /// Those with this text in their name, in any case.
        query: Text128,
        /// Those of this format.
        format: FormatText,
        /// Those of this project.
        project: KeyText,
        /// Those of repositories with this name.
        repository: KeyText,
        /// Those of repositories that anybody may read, or of the others.
        visibility: Visibility,
        /// Those whose newest listed version is one before a release, or none such. Where versions have no order none is.
        prerelease: bool,
        /// Those of which lists have no version, or the others.
        unlisted: bool,
        /// In which order; by repository and then by name if it does not say.
        sort: PackageSort,
    }
}

/// Orders of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum PackageSort {
    /// By name, and then by repository.
    #[serde(rename = "name")]
    Name,
    /// By name, the last first, and then by repository.
    #[serde(rename = "-name")]
    NameDown,
    /// By how often they were ever fetched, then by name, and then by repository.
    #[serde(rename = "downloads")]
    Downloads,
    /// By how often they were ever fetched, the most fetched first, then by name, the last first, and then by repository.
    #[serde(rename = "-downloads")]
    DownloadsDown,
}

impl From<PackageSort> for storage::PackageSort {
    fn from(sort: PackageSort) -> Self {
        match sort {
            PackageSort::Name => Self::Name,
            PackageSort::NameDown => Self::NameDown,
            PackageSort::Downloads => Self::Downloads,
            PackageSort::DownloadsDown => Self::DownloadsDown,
        }
    }
}

/// Which repositories are looked in.
#[derive(Default)]
pub(crate) struct PlacesAsked<'q> {
    pub(crate) project: Option<&'q KeyText>,
    pub(crate) repository: Option<&'q KeyText>,
    pub(crate) format: Option<&'q FormatText>,
    pub(crate) visibility: Option<Visibility>,
    /// From this one on.
    pub(crate) from: Option<&'q RepositoryPath>,
}

/// The repositories to look in, as far as the caller may read them, by project and name.
pub(crate) async fn places(cx: &Cx, asked: &PlacesAsked<'_>) -> Result<Vec<(PlaceRow, KnownFormat)>, Fault> {
    let filter = PlaceFilter {
        project: asked.project.and_then(|key| ProjectKey::parse_folded(key.as_str()).ok()),
        format: asked.format.map(|format| known(&cx.formats, format)).transpose()?,
        visibility: asked.visibility.map(Into::into),
        from: asked.from.cloned(),
    };
    let rows = cx.directory.places(&cx.gate.readable(), filter).await?;
    let is_meant =
        |row: &PlaceRow| asked.repository.is_none_or(|name| name.as_str() == row.path.repository.as_str());
    let known = |row: PlaceRow| {
        let known = cx.formats.find(row.format.as_str()).ok()?;
        Some((row, known))
    };
    Ok(rows.into_iter().filter(is_meant).filter_map(known).collect())
}

/// A repository to look for packages in.
pub(crate) const fn packages_of((row, known): &(PlaceRow, KnownFormat)) -> PackagesOf {
    let browsing = &known.browsing;
    PackagesOf { repository: row.id, packages: browsing.packages, versions: browsing.versions }
}

/// Which of the packages that were found are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Those whose newest listed version is one before a release, or is none.
    pub(crate) prerelease: Option<bool>,
    /// Those of which lists have nothing, or something.
    pub(crate) unlisted: Option<bool>,
}

impl Kept {
    /// Whether this one is.
    pub(crate) fn of(self, known: &KnownFormat, package: &PackageRow) -> bool {
        let last = package.last.as_deref();
        let is_before = || last.is_some_and(|last| (known.browsing.prerelease)(last));
        self.unlisted.is_none_or(|wanted| wanted == last.is_none())
            && self.prerelease.is_none_or(|wanted| wanted == is_before())
    }
}

/// As lists are sorted.
fn text(path: &RepositoryPath) -> (&str, &str) {
    (path.project.as_str(), path.repository.as_str())
}

fn known(formats: &Formats, format: &FormatText) -> Result<domain::Format, Fault> {
    let unknown = |unknown: domain::UnknownFormat| Fault::Told(Code::UnknownName, unknown.to_string().into());
    Ok(formats.find(format.as_str()).map_err(unknown)?.format)
}

/// A repository, the key of a package in it, and how often that was fetched.
fn cursor(text: &str) -> Option<(RepositoryPath, String, u64)> {
    let (path, rest) = text.split_once('\n')?;
    let (key, downloads) = rest.split_once('\n')?;
    Some((RepositoryPath::parse(path).ok()?, key.to_owned(), downloads.parse().ok()?))
}

impl Endpoint for FindPackages {
    const META: Meta = Meta {
        id: "package_search",
        method: Method::Get,
        path: "/packages",
        summary: "Looks for packages in everything you may read, by repository and name, by name, or by downloads. A page may be short of items and go on.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor, Code::UnknownName, Code::Rule],
        cli: Some("package search"),
    };
    type At = ();
    type Query = PackagesAsked;
    type Body = Nothing;
    type Answer = Page<Package>;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<Page<Package>>, Fault> {
        let paging = ask.query.paging().of(&ask.query);
        let from = paging.after(cursor)?;
        let sort = ask.query.sort.map_or(storage::PackageSort::Place, Into::into);
        let is_placed = sort == storage::PackageSort::Place;
        let begin = from.as_ref().map(|(path, ..)| path).filter(|_| is_placed);
        let PackagesAsked { project, repository, format, visibility, .. } = &ask.query;
        let asked = PlacesAsked {
            project: project.as_ref(),
            repository: repository.as_ref(),
            format: format.as_ref(),
            visibility: *visibility,
            from: begin,
        };
        let places = places(cx, &asked).await?;
        let after = match (&from, places.first()) {
            (Some((_, key, _)), _) if !is_placed => key.as_str(),
            (Some((path, key, _)), Some((first, _))) if *path == first.path => key.as_str(),
            _ => "",
        };
        let is_passed = |(row, _): &&(PlaceRow, KnownFormat)| {
            from.as_ref().is_some_and(|(path, ..)| text(&row.path) <= text(path))
        };
        let passed = places.iter().take_while(is_passed).count();
        let wanted = ask.query.query.as_ref().map_or("", Text128::as_str);
        let shelves = cx.house.shelves(cx.gate.readable());
        let downloads = from.as_ref().map_or(0, |(.., downloads)| *downloads);
        let asked = PackageSearch { text: wanted, sort, after, passed, downloads };
        let found =
            shelves.find_packages(places.iter().map(packages_of).collect(), asked, paging.limit()).await?;
        let by_id: HashMap<_, _> = places.iter().map(|(row, known)| (row.id, (row, known))).collect();
        let PackagesFound { packages, next } = found;
        let kept = Kept { prerelease: ask.query.prerelease, unlisted: ask.query.unlisted };
        let items = packages.iter().filter_map(|(id, package)| {
            let (row, known) = by_id.get(id)?;
            kept.of(known, package).then(|| Package::listed(&row.path, known, package))
        });
        let place = next.and_then(|PackagePlace { repository, key, downloads }| {
            Some(format!("{}\n{key}\n{downloads}", by_id.get(&repository)?.0.path))
        });
        let next = place.map(|place| paging.cursor(&place));
        Ok(Done::read(Page { items: items.collect(), next }))
    }
}
