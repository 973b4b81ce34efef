//! `/packages`: packages in everything that one may read.

use std::collections::HashMap;

use domain::{Formats, KnownFormat, Limit, ProjectKey, RepositoryPath};
use storage::{PackagesFound, PackagesOf, RepositoryFilter, RepositoryRow};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
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

/// A repository, and the key of a package in it.
fn cursor(text: &str) -> Option<(RepositoryPath, String)> {
    let (path, key) = text.split_once('\n')?;
    Some((RepositoryPath::parse(path).ok()?, key.to_owned()))
}

impl Endpoint for FindPackages {
    const META: Meta = Meta {
        id: "package_search",
        method: Method::Get,
        path: "/packages",
        summary: "Looks for packages in everything you may read, by repository and name. A page may be short of items and go on.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor, Code::UnknownName, Code::Rule],
        cli: Some("package search"),
    };
    type At = ();
    type Query = PackagesAsked;
    type Body = Nothing;
    type Answer = Page<Package>;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Page<Package>>, Fault> {
        let paging = ask.query.paging();
        let from = paging.after(cursor)?;
        let places = places(cx, &ask.query, from.as_ref().map(|(path, _)| path)).await?;
        let after = match (&from, places.first()) {
            (Some((path, key)), Some((first, _))) if *path == first.path => key.as_str(),
            _ => "",
        };
        let of = |(row, known): &(RepositoryRow, KnownFormat)| PackagesOf {
            repository: row.id,
            packages: known.browsing.packages,
            versions: known.browsing.versions,
        };
        let wanted = ask.query.query.as_ref().map_or("", Text128::as_str);
        let shelves = cx.house.shelves(cx.gate.readable());
        let found =
            shelves.find_packages(places.iter().map(of).collect(), (wanted, after), paging.limit()).await?;
        let by_id: HashMap<_, _> = places.iter().map(|(row, known)| (row.id, (row, known))).collect();
        let PackagesFound { packages, next } = found;
        let items = packages.iter().filter_map(|(id, package)| {
            let (row, known) = by_id.get(id)?;
            Some(Package::listed(&row.path, known, package))
        });
        let next = next.and_then(|(id, key)| Some(format!("{}\n{key}", by_id.get(&id)?.0.path)));
        Ok(Done::read(Page { items: items.collect(), next }))
    }
}
