//! `/repositories/{project}/{repository}/packages/{package}/versions`: the versions of a package, in their order.

use domain::{Granted, Limit, Read, RefName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shelf::Item;
use storage::EntryQuery;

use crate::at::{PackageAt, absent};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::packages::{Seen, Version, place};
use crate::page::{Page, Paged, Paging, rows_default};
use crate::problem::{Code, Fault};
use crate::words::Text128;

/// Most versions of a page that come with the short form of their details, each of which is read out of content.
const OUTLINES_MAX: u32 = 100;

/// `GET /repositories/{project}/{repository}/packages/{package}/versions`
pub enum ListVersions {}

/// Which versions, and how.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct VersionsAsked {
    /// Whether the last in their order come first: the newest, where the order is one of age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_first: Option<bool>,
    /// Whether each comes with a short form of its details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlines: Option<bool>,
    /// Whether those are meant that no name in lists stands for: manifests of an image without a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untagged: Option<bool>,
    /// Those that have this in what they are called, letters of either case being equal. So many are looked at for a page, found or not: it
    /// may be short or empty, and `next` tells where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Text128>,
    /// What `next` of the page before said; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub after: Option<String>,
    /// Most items of the page.
    #[serde(default = "rows_default")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
}

impl Default for VersionsAsked {
    fn default() -> Self {
        let (newest_first, outlines, untagged) = (None, None, None);
        Self { newest_first, outlines, untagged, query: None, after: None, limit: rows_default() }
    }
}

impl Paged for VersionsAsked {
    fn paging(&self) -> Paging {
        Paging { after: self.after.clone(), ..Paging::at_most(self.limit) }
    }

    fn go_on(&mut self, after: String) {
        self.after = Some(after);
    }
}

impl Endpoint for ListVersions {
    const META: Meta = Meta {
        id: "version_list",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/versions",
        summary: "Lists the versions of a package in their order, those that are unlisted too.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("version list"),
    };
    type At = PackageAt;
    type Query = VersionsAsked;
    type Body = Nothing;
    type Answer = Page<Version>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Version>>, Fault> {
        let asked = &ask.query;
        let is = |said: Option<bool>| said.unwrap_or_default();
        let seen = Seen::new(cx, may, &ask.at.repository)?;
        let package = seen.package(&ask.at)?;
        let paging = asked.paging();
        let after = paging.after(|text| (seen.by.version)(text).map(|(_, name)| name))?;
        let outlined = is(asked.outlines);
        let query = EntryQuery {
            kind: if is(asked.untagged) { seen.by.packages } else { seen.by.versions },
            package: &package,
            unlisted: true,
            after: after.as_ref().map(place),
            limit: if outlined {
                Limit::capped(paging.limit.min(OUTLINES_MAX).into())
            } else {
                paging.limit()
            },
        };
        let down = is(asked.newest_first);
        let (mut items, next) = found(&seen, &query, down, asked.query.as_ref()).await?;
        if is(asked.untagged) {
            items = if seen.by.packages == seen.by.versions {
                Vec::new()
            } else {
                seen.without_names(items).await?
            };
        }
        if down {
            items.reverse();
        }
        let mut shown = if outlined { seen.outlined(&items).await? } else { seen.versions(&items).await? };
        if down {
            shown.reverse();
        }
        Ok(Done::read(Page { items: shown, next }))
    }
}

/// The names of a page, and the one behind which the list goes on.
async fn found(
    seen: &Seen<'_>,
    query: &EntryQuery<'_>,
    down: bool,
    text: Option<&Text128>,
) -> Result<(Vec<Item>, Option<String>), Fault> {
    let called = |name: &RefName| name.display().to_owned();
    let shelf = seen.shelf();
    if let Some(text) = text {
        let holding = shelf.names_holding(query, (text.as_str().trim(), down)).await?;
        return Ok((holding.items, holding.next.as_ref().map(called)));
    }
    let found = if down { shelf.names_down(query).await? } else { shelf.names(query).await? };
    let storage::Listed::Names { items, more } = found else { return Err(absent()) };
    let next = items.last().filter(|_| more).map(|item| called(&item.entry.key.name));
    Ok((items, next))
}
