//! `…/packages/{package}/dependents`: what needs a package, in everything that one may read.

use domain::{EntryKind, Granted, Limit, Read, RepositoryId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{DependentsQuery, EntryQuery, Listed};

use crate::at::{PackageAt, absent};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::packages::Seen;
use crate::page::{Page, Paged, Paging, rows_default};
use crate::problem::{Code, Fault};

/// `GET /repositories/{project}/{repository}/packages/{package}/dependents`
pub enum ListDependents {}

/// What needs the package, and which page of it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct DependentsAsked {
    /// Only what asks for this version by number, or takes none that is lower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub version: Option<String>,
    /// What `next` of the page before said; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub after: Option<String>,
    /// Most items of the page.
    #[serde(default = "rows_default")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
}

/// A package that needs another one, by the last of its versions that does.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Dependent {
    /// Its repository.
    pub on: String,
    /// What it is called.
    pub package: String,
    /// The version.
    pub version: String,
    /// Which versions it takes, in the format's own words; `null` for any.
    pub range: Option<String>,
    /// What for, such as `test`, or `parent` for what it goes on from; `null` for the ordinary.
    pub scope: Option<String>,
    /// Where it needs it: frameworks, or `managed` for what only holds if something else needs it; `null` for everywhere.
    pub group: Option<String>,
    /// Whether it does without.
    pub optional: bool,
}

impl Default for DependentsAsked {
    fn default() -> Self {
        Self { version: None, after: None, limit: rows_default() }
    }
}

impl Paged for DependentsAsked {
    fn paging(&self) -> Paging {
        Paging { after: self.after.clone(), ..Paging::at_most(self.limit) }.of(self)
    }

    fn go_on(&mut self, after: String) {
        self.after = Some(after);
    }
}

/// A repository by its number, and the key of a package in it.
fn cursor(text: &str) -> Option<(RepositoryId, String)> {
    let (repository, key) = text.split_once('\n')?;
    Some((RepositoryId::new(repository.parse().ok()?), key.to_owned()))
}

impl Dependent {
    fn of(found: &storage::Dependent) -> Self {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            on: found.path.to_string(),
            package: found.package.to_string(),
            version: found.version.to_string(),
            range: said(&found.range),
            scope: said(&found.scope),
            group: said(&found.group),
            optional: found.optional,
        }
    }
}

impl Endpoint for ListDependents {
    const META: Meta = Meta {
        id: "package_dependents",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/dependents",
        summary: "Lists the packages that say they need this one, in everything you may read, by repository, the oldest first, and name; each by the last of \
                  its versions that says so. Of formats whose packages say what they need, which are `maven` and `nuget`.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("package dependents"),
    };
    type At = PackageAt;
    type Query = DependentsAsked;
    type Body = Nothing;
    type Answer = Page<Dependent>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Dependent>>, Fault> {
        let format = may.node().format();
        let by = cx.formats.find(format.as_str()).map_err(|_| absent())?.browsing;
        let package = (by.package)(&ask.at.package).ok_or_else(absent)?;
        let seen = Seen::new(cx, may, &ask.at.repository)?;
        let own = EntryQuery {
            kind: by.packages,
            package: &package,
            unlisted: true,
            after: None,
            limit: Limit::capped(1),
        };
        if seen.shelf().display_names(&own).await? == Listed::Unknown {
            return Err(absent());
        }
        let version = ask.query.version.as_deref().map(by.version);
        let version =
            version.map(|meant| meant.filter(|(kind, _)| *kind == EntryKind::Version).ok_or_else(absent));
        let version = version.transpose()?;
        let paging = ask.query.paging();
        let from = paging.after(cursor)?;
        if by.needs.is_none() {
            return Ok(Done::read(Page { items: Vec::new(), next: None }));
        }
        let query = DependentsQuery {
            format,
            package: package.key(),
            version: version.as_ref().map(|(_, name)| name.sort_key()),
            after: from.as_ref().map(|(repository, key)| (*repository, key.as_str())),
        };
        let shelves = cx.house.shelves(cx.gate.readable());
        let found = shelves.dependents(query, paging.limit()).await?;
        let place = |one: &storage::Dependent| format!("{}\n{}", one.repository.get(), one.package_key);
        Ok(Done::read(paging.page(&found, place, Dependent::of)))
    }
}
