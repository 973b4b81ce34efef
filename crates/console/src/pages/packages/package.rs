//! A package: its versions with what tells them apart, and of an image its manifests without a tag.

use api::Fault;
use api::packages::{Listing, Package, Version};
use api::version_list::ListVersions;
use domain::{FetchLine, Permission};

use super::{Place, delete_many, first, paging, used_by};
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame, Tab};
use crate::parts::filters;
use crate::visit::Visit;

/// A version in a list.
pub(super) struct Row {
    pub(super) version: Version,
    pub(super) address: String,
    /// The line to paste for it.
    pub(super) line: Option<String>,
    /// Another one of the list that has the same content.
    pub(super) same_as: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "package.html")]
struct PackagePage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    package: Package,
    tabs: Vec<Tab>,
    lines: Vec<FetchLine>,
    rows_of: Vec<Row>,
    words: &'a str,
    /// The package whose versions can be ticked.
    ticks: Option<&'a str>,
    place: &'a Place,
    /// Where all of it is deleted.
    delete: Option<String>,
    untagged: bool,
    next: Option<String>,
    first: Option<String>,
}

/// A page of the versions of a package, and where the list goes on. Where their order is one of age the newest come first.
pub(super) async fn rows(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    untagged: bool,
) -> Result<(Vec<Row>, Option<String>), Fault> {
    let [project, repository] = place.names();
    let mut query = paging(visit);
    query.push(("outlines", "true".into()));
    query.extend(place.is_ordered().then(|| ("newest_first", "true".into())));
    query.extend(untagged.then(|| ("untagged", "true".into())));
    query.extend(visit.given("query").map(|text| ("query", text.into())));
    let found = visit.read::<ListVersions>(&[project, repository, package], &query).await?;
    let source = place.source(visit);
    let mut rows: Vec<Row> = Vec::with_capacity(found.items.len());
    for version in found.items {
        let same = |row: &&Row| version.digest.is_some() && row.version.digest == version.digest;
        let same_as = if place.is_ordered() || untagged { None } else { rows.iter().find(same) };
        let same_as = same_as.map(|row| row.version.version.clone());
        let address = place.address(package, Some(&version.version));
        let line = source.first(package, &version.version);
        rows.push(Row { version, address, line, same_as });
    }
    Ok((rows, found.next.map(|next| visit.here_with("after", &next))))
}

/// The page of a package, or of its versions that have no name.
pub(super) async fn page(
    visit: &Visit<'_>,
    place: &Place,
    package: Package,
    untagged: bool,
) -> Result<Answer, Fault> {
    let t = &visit.t.versions;
    let (rows_of, next) = rows(visit, place, &package.name, untagged).await?;
    let address = place.address(&package.name, None);
    let mut crumbs = place.crumbs(visit);
    crumbs.push(Crumb { text: package.name.clone(), href: untagged.then(|| address.clone()) });
    let mut tabs = used_by::tabs(visit, place, &package.name, false);
    if place.has_tags() {
        let tab = |text, href, current| Tab { text, href, count: None, current };
        tabs.push(tab(t.tags, address.clone(), !untagged));
        tabs.push(tab(t.untagged, format!("{address}/-/untagged"), untagged));
    }
    if untagged {
        crumbs.push(Crumb { text: t.untagged.to_owned(), href: None });
    }
    // Of images, which have no order, the one that changed last.
    let newest = rows_of.iter().filter(|row| row.version.state == Listing::Listed && !untagged);
    let newest = if place.is_ordered() {
        newest.into_iter().next()
    } else {
        newest.max_by_key(|row| row.version.changed_at.0.millis())
    };
    let lines = newest.map(|row| {
        let kind = row.version.outline.as_ref().map_or("", |outline| &outline.kind);
        let details = api::details::Details::of_kind(kind);
        place.source(visit).all((&package.name, &row.version.version), &details, None)
    });
    let may_delete = place.may(Permission::DeletePackage);
    let name = package.name.clone();
    let page = PackagePage {
        words: visit.given("query").unwrap_or_default(),
        ticks: Some(name.as_str()).filter(|_| may_delete && !rows_of.is_empty()),
        place,
        delete: (may_delete && !untagged).then(|| delete_many::address(place, &name)),
        f: &place.frame(visit, &package.name, None),
        crumbs,
        package,
        tabs,
        lines: lines.unwrap_or_default(),
        rows_of,
        untagged,
        next,
        first: first(visit),
    };
    Ok(Answer::page(200, rendered(&page)))
}
