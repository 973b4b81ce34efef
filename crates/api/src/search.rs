//! `/packages`: packages in everything that one may read.

use std::collections::HashMap;

use domain::{Formats, KnownFormat, Limit, ProjectKey, RepositoryPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{PackagePlace, PackageSearch, PackagesFound, PackagesOf, RepositoryFilter, RepositoryRow};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing, Reader};
use crate::packages::Package;
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};
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

/// The repositories to look in, by project and name, from one of them on.
async fn places(
    cx: &Cx,
    query: &PackagesAsked,
    from: Option<&RepositoryPath>,
) -> Result<Vec<(RepositoryRow, KnownFormat)>, Fault> {
    let filter = RepositoryFilter {
        project: query.project.as_ref().and_then(|key| ProjectKey::parse_folded(key.as_str()).ok()),
        format: query.format.as_ref().map(|format| known(&cx.formats, format)).transpose()?,
        ..RepositoryFilter::default()
    };
    let (within, mut found, mut after) = (cx.gate.readable(), Vec::new(), None);
    loop {
        let rows = cx.directory.repositories(&within, filter.clone(), after, Limit::MAX).await?;
        let more = rows.len() >= Limit::MAX.rows() as usize;
        after = rows.last().map(|row| row.path.clone());
        let behind = |row: &RepositoryRow| from.is_none_or(|from| text(&row.path) >= text(from));
        found.extend(rows.into_iter().filter(behind).filter_map(|row| {
            let known = cx.formats.find(row.format.as_str()).ok()?;
            Some((row, known))
        }));
        if !more {
            return Ok(found);
        }
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
        let places = places(cx, &ask.query, begin).await?;
        let after = match (&from, places.first()) {
            (Some((_, key, _)), _) if !is_placed => key.as_str(),
            (Some((path, key, _)), Some((first, _))) if *path == first.path => key.as_str(),
            _ => "",
        };
        let is_passed = |(row, _): &&(RepositoryRow, KnownFormat)| {
            from.as_ref().is_some_and(|(path, ..)| text(&row.path) <= text(path))
        };
        let passed = places.iter().take_while(is_passed).count();
        let of = |(row, known): &(RepositoryRow, KnownFormat)| PackagesOf {
            repository: row.id,
            packages: known.browsing.packages,
            versions: known.browsing.versions,
        };
        let wanted = ask.query.query.as_ref().map_or("", Text128::as_str);
        let shelves = cx.house.shelves(cx.gate.readable());
        let downloads = from.as_ref().map_or(0, |(.., downloads)| *downloads);
        let asked = PackageSearch { text: wanted, sort, after, passed, downloads };
        let found = shelves.find_packages(places.iter().map(of).collect(), asked, paging.limit()).await?;
        let by_id: HashMap<_, _> = places.iter().map(|(row, known)| (row.id, (row, known))).collect();
        let PackagesFound { packages, next } = found;
        let items = packages.iter().filter_map(|(id, package)| {
            let (row, known) = by_id.get(id)?;
            Some(Package::listed(&row.path, known, package))
        });
        let place = next.and_then(|PackagePlace { repository, key, downloads }| {
            Some(format!("{}\n{key}\n{downloads}", by_id.get(&repository)?.0.path))
        });
        let next = place.map(|place| paging.cursor(&place));
        Ok(Done::read(Page { items: items.collect(), next }))
    }
}
