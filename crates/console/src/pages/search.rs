//! `/-/search`: packages in everything one may read.

use std::borrow::Cow;

use api::formats::ListFormats;
use api::packages::Package;
use api::search::FindPackages;
use api::{Code, Fault};

use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::Frame;
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";

/// `/-/search`
pub(super) enum Search {}

#[derive(askama::Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    f: &'a Frame,
    words: &'a str,
    project: &'a str,
    format: &'a str,
    formats: Vec<String>,
    hits: Vec<(Package, String)>,
    next: Option<String>,
    first: Option<String>,
}

impl Page for Search {
    const PATH: &'static str = "/-/search";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        for (parameter, field) in
            [("query", "q"), ("format", "format"), ("project", "project"), ("after", "after")]
        {
            query.extend(visit.given(field).map(|value| (parameter, value.into())));
        }
        let found = match visit.read::<FindPackages>(&[], &query).await {
            Ok(found) => found,
            // What no name can be finds nothing.
            Err(fault) if matches!(fault.code(), Code::Invalid | Code::UnknownName) => {
                api::Page { items: Vec::new(), next: None }
            }
            Err(fault) => return Err(fault),
        };
        let formats = visit.read::<ListFormats>(&[], &[]).await?;
        let hits = found.items.into_iter().map(|package| {
            let address = address(visit, &package);
            (package, address)
        });
        let page = SearchPage {
            f: &Frame::of(visit),
            words: visit.given("q").unwrap_or_default(),
            project: visit.given("project").unwrap_or_default(),
            format: visit.given("format").unwrap_or_default(),
            formats: formats.items.into_iter().map(|format| format.format).collect(),
            hits: hits.collect(),
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// Where a package is looked at.
fn address(visit: &Visit<'_>, package: &Package) -> String {
    let known = visit.asked.cx.formats.find(&package.format).ok();
    let below = known.map(|known| (known.browsing.page)(&package.name, None)).unwrap_or_default();
    super::packages::address(&package.on, &below)
}
