//! What is said of versions after they were published: `…/versions/{version}/deprecation`, and
//! `/repositories/{project}/{repository}/advisories`.

use std::borrow::Cow;

use domain::{
    Browsing, Delete, Formats, Granted, Limit, PackageName, Read, RepositoryPath, RepositorySettings,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storage::NewAdvisory;

use crate::at::{AdvisoryAt, VersionAt, absent};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::versions::version_named;
use crate::words::{Moment, Prose, Text128};

/// `GET …/versions/{version}/deprecation`
pub enum ShowDeprecation {}

/// `PUT …/versions/{version}/deprecation`
pub enum Deprecate {}

/// `DELETE …/versions/{version}/deprecation`
pub enum Undeprecate {}

/// `GET /repositories/{project}/{repository}/advisories`
pub enum ListAdvisories {}

/// `GET /repositories/{project}/{repository}/advisories/{advisory}`
pub enum ShowAdvisory {}

/// `PUT /repositories/{project}/{repository}/advisories/{advisory}`
pub enum PutAdvisory {}

/// `DELETE /repositories/{project}/{repository}/advisories/{advisory}`
pub enum DeleteAdvisory {}

/// Most advisories of one page: together they are no longer than what is read at once.
const PAGE_MAX: u64 = 32;

/// That a version should no longer be used.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deprecation {
    /// Why; `null` for `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 3))]
    pub reasons: Option<Vec<Reason>>,
    /// What to do about it, for people; `null` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Prose>,
    /// What to use instead; `null` names nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternate: Option<Alternate>,
}

/// Why a version should no longer be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Reason {
    /// Nobody works on it any more.
    Legacy,
    /// It has bugs that make it unfit.
    CriticalBugs,
    /// What the message says.
    Other,
}

/// What to use instead of a version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternate {
    /// A package.
    pub id: Text128,
    /// Which of its versions, in the format's own words; `null` for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Text128>,
}

/// An advisory as lists have it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AdvisoryListed {
    /// Its id.
    pub id: String,
    /// What it says of itself in a line.
    pub summary: Option<String>,
    /// When it was put.
    pub changed_at: Moment,
}

/// A weakness and what it is in: a document of OSV (ossf.github.io/osv-schema).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OsvDocument(pub Map<String, Value>);

impl JsonSchema for OsvDocument {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "OsvDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "description": "A document of OSV (ossf.github.io/osv-schema)." })
    }
}

impl OsvDocument {
    /// Its id, and the packages of an ecosystem that it is about.
    fn read(&self, ecosystem: &str, by: &Browsing) -> (Option<&str>, Vec<PackageName>) {
        let affected = self.0.get("affected").and_then(Value::as_array).into_iter().flatten();
        let packages = affected.filter_map(|affected| {
            let package = affected.get("package")?;
            let ours = package.get("ecosystem")?.as_str()?.eq_ignore_ascii_case(ecosystem);
            (by.package)(package.get("name")?.as_str()?).filter(|_| ours)
        });
        let mut packages: Vec<PackageName> = packages.collect();
        packages.sort_by(|one, other| one.key().cmp(other.key()));
        packages.dedup_by(|one, other| one.key() == other.key());
        (self.0.get("id").and_then(Value::as_str), packages)
    }
}

/// Whose clients are told of it.
fn ecosystem(formats: &Formats, format: domain::Format) -> Result<(&'static str, Browsing), Fault> {
    let by = formats.find(format.as_str()).map_err(|_| absent())?.browsing;
    let none = || Fault::Told(Code::Rule, "clients of this format are told of no such thing".into());
    Ok((by.ecosystem.ok_or_else(none)?, by))
}

impl Endpoint for ShowDeprecation {
    const META: Meta = Meta {
        id: "deprecation_show",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/deprecation",
        summary: "Shows why a version should no longer be used.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("version deprecation"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Deprecation;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Deprecation>, Fault> {
        let (_, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        let said = cx.directory.deprecation(&may, &key).await?.ok_or_else(absent)?;
        let damaged = |_| storage::Fault::Corrupt("what is said of a version cannot be read".into());
        Ok(Done::read(serde_json::from_str(&said).map_err(damaged)?))
    }
}

impl Endpoint for Deprecate {
    const META: Meta = Meta {
        id: "deprecation_put",
        method: Method::Put,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/deprecation",
        summary: "Says that a version should no longer be used; clients that ask are told.",
        since: "0.1",
        audit: &["version.deprecate"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("version deprecate"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Deprecation;
    type Answer = Change;
    type May = Granted<Delete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        ecosystem(&cx.formats, may.node().format())?;
        let (_, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        let document = serde_json::to_string(&ask.body).unwrap_or_default();
        Ok(Done::told(cx.directory.deprecate(&may, &key, Some(document.into())).await?))
    }
}

impl Endpoint for Undeprecate {
    const META: Meta = Meta {
        id: "deprecation_delete",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/deprecation",
        summary: "Takes back that a version should no longer be used.",
        since: "0.1",
        audit: &["version.deprecate"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("version undeprecate"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<Delete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (_, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        Ok(Done::told(cx.directory.deprecate(&may, &key, None).await?))
    }
}

impl Endpoint for ListAdvisories {
    const META: Meta = Meta {
        id: "advisory_list",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/advisories",
        summary: "Lists the weaknesses that are known of packages of a repository, by id; 32 a page at most.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("advisory list"),
    };
    type At = RepositoryPath;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<AdvisoryListed>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<AdvisoryListed>>, Fault> {
        let after = ask.query.after.as_deref().unwrap_or_default();
        let limit = Limit::capped(u64::from(ask.query.limit().rows()).min(PAGE_MAX));
        let rows = cx.house.shelf(cx.gate.stand(may)).advisories(after, limit).await?;
        let full = rows.len() as u64 >= u64::from(limit.rows());
        let next = rows.last().filter(|_| full).map(|row| row.id.to_string());
        let items = rows.iter().map(|row| {
            let osv: Option<OsvDocument> = serde_json::from_str(&row.document).ok();
            let summary = osv.and_then(|osv| osv.0.get("summary")?.as_str().map(str::to_owned));
            AdvisoryListed { id: row.id.to_string(), summary, changed_at: Moment(row.changed_at) }
        });
        Ok(Done::read(Page { items: items.collect(), next }))
    }
}

impl Endpoint for ShowAdvisory {
    const META: Meta = Meta {
        id: "advisory_show",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/advisories/{advisory}",
        summary: "Shows the document of a weakness.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("advisory show"),
    };
    type At = AdvisoryAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = OsvDocument;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<OsvDocument>, Fault> {
        let row = cx.directory.advisory(&may, &ask.at.advisory).await?;
        let damaged = |_| storage::Fault::Corrupt("an advisory cannot be read".into());
        Ok(Done::read(serde_json::from_str(&row.document).map_err(damaged)?))
    }
}

impl Endpoint for PutAdvisory {
    const META: Meta = Meta {
        id: "advisory_put",
        method: Method::Put,
        path: "/repositories/{project}/{repository}/advisories/{advisory}",
        summary: "Puts the document of a weakness; clients that look for weaknesses are told.",
        since: "0.1",
        audit: &["advisory.put"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("advisory put"),
    };
    type At = AdvisoryAt;
    type Query = Nothing;
    type Body = OsvDocument;
    type Answer = Change;
    type May = Granted<RepositorySettings>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (ecosystem, by) = ecosystem(&cx.formats, may.node().format())?;
        let (id, packages) = ask.body.read(ecosystem, &by);
        if id != Some(&*ask.at.advisory) {
            return Err(Fault::Told(Code::Rule, "the document's `id` must be that of the path".into()));
        }
        if packages.is_empty() {
            let detail = format!("`affected` names no package of the ecosystem {ecosystem}");
            return Err(Fault::Told(Code::Rule, detail.into()));
        }
        let document = serde_json::to_string(&ask.body).unwrap_or_default().into();
        let new = NewAdvisory { id: ask.at.advisory.as_str().into(), document, packages };
        Ok(Done::told(cx.directory.put_advisory(&may, new).await?.1))
    }
}

impl Endpoint for DeleteAdvisory {
    const META: Meta = Meta {
        id: "advisory_delete",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}/advisories/{advisory}",
        summary: "Takes the document of a weakness away.",
        since: "0.1",
        audit: &["advisory.delete"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("advisory delete"),
    };
    type At = AdvisoryAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<RepositorySettings>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Ok(Done::told(cx.directory.remove_advisory(&may, &ask.at.advisory).await?))
    }
}
