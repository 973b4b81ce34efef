//! `/-/access/of/{who}` and `/-/access/to/{node}`: everything somebody may, and everybody who may something somewhere.

use std::borrow::Cow;

use api::access::{Access, ListAccess};
use api::grants::HasGrants;
use api::rights::{ListMyRights, ListRightsOf, RightsThere};
use api::{Code, Endpoint, Fault, Page as Listed, Way};
use domain::{Organisation, Permission, Project, Repository};

use crate::caller::{Query, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Frame, Tab};
use crate::pages::Page;
use crate::pages::access::{Question, tabs};
use crate::pages::roles::in_words;
use crate::parts::filters;
use crate::visit::Visit;
use crate::who::Who;

/// Rows of a page.
const ROWS: &str = "50";
/// What stands for everybody in a list of access.
const ANYONE: &str = "team:anyone";

/// `/-/access/of`
pub(super) enum Of {}

/// `/-/access/of/{who}`
pub(super) enum OfWho {}

/// `/-/access/to`
pub(super) enum To {}

/// `/-/access/to/{*node}`
pub(super) enum ToNode {}

#[derive(askama::Template)]
#[template(path = "access_of.html")]
struct OfPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    who: &'a str,
    on: &'a str,
    rows: Option<Vec<There>>,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "access_to.html")]
struct ToPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    node: &'a str,
    rights: Vec<(&'static str, bool)>,
    rows: Option<Vec<Holder>>,
    next: Option<String>,
    first: Option<String>,
}

/// What somebody may at a place.
struct There {
    on: String,
    permissions: Vec<&'static str>,
    via: Vec<String>,
}

/// Somebody who may something at a place.
struct Holder {
    who: Who,
    anyone: bool,
    suspended: bool,
    permissions: Vec<&'static str>,
    via: Vec<String>,
}

impl There {
    fn of(there: RightsThere) -> Self {
        let permissions = there.permissions.0.iter().map(Permission::as_str).collect();
        Self { on: there.on, permissions, via: there.via.iter().map(in_a_line).collect() }
    }
}

impl Holder {
    fn of(access: Access) -> Self {
        Self {
            anyone: access.reference == ANYONE,
            who: Who::named(&access.reference),
            suspended: access.suspended,
            permissions: access.permissions.0.iter().map(Permission::as_str).collect(),
            via: access.via.iter().map(in_a_line).collect(),
        }
    }
}

/// `viewer on alpha to team:dev`, as short as it can be said.
fn in_a_line(way: &Way) -> String {
    let permissions = way.permissions.as_ref().map(|rights| in_words(rights.0));
    let what = way.role.clone().or(permissions).unwrap_or_default();
    format!("{what} · {} · {}", way.on, way.to)
}

impl Of {
    async fn show(visit: &Visit<'_>, who: &str) -> Result<Answer, Fault> {
        let mut page = OfPage {
            f: &Frame::of(visit),
            tabs: tabs(visit, Question::Of),
            who,
            on: visit.given("on").unwrap_or_default(),
            rows: None,
            wrong: Wrong::default(),
            next: None,
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        if !who.is_empty() {
            let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
            query.extend(visit.given("on").map(|on| ("on", on.into())));
            query.extend(visit.given("after").map(|after| ("after", after.into())));
            let is_me = visit.me.as_ref().is_some_and(|me| me.reference.as_deref() == Some(who));
            let found = if is_me {
                visit.read::<ListMyRights>(&[], &query).await
            } else {
                visit.read::<ListRightsOf>(&[who], &query).await
            };
            match found {
                Ok(found) => {
                    page.next = found.next.map(|next| visit.here_with("after", &next));
                    page.rows = Some(found.items.into_iter().map(There::of).collect());
                }
                // Without a place only who sees the directory may ask about others: the others are told to name one.
                Err(fault) if fault.code() == Code::Denied && page.on.is_empty() => {
                    page.wrong = Wrong::told(visit.t.grants.of_need_on);
                }
                Err(fault) => page.wrong = Wrong::with(visit, fault)?,
            }
        }
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }
}

impl Page for Of {
    const PATH: &'static str = "/-/access/of";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        let Some(who) = visit.given("who") else { return Self::show(visit, "").await };
        let on = visit.given("on").map(|on| format!("?on={}", encoded(on))).unwrap_or_default();
        Ok(Answer::see(format!("/-/access/of/{}{on}", encoded(who))))
    }
}

impl Page for OfWho {
    const PATH: &'static str = "/-/access/of/{who}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        Of::show(visit, visit.name(0)).await
    }
}

impl To {
    async fn show(visit: &Visit<'_>, node: &str) -> Result<Answer, Fault> {
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        for name in ["may", "after"] {
            query.extend(visit.given(name).map(|value| (name, value.into())));
        }
        let found = match (node, node.split_once('/')) {
            ("", _) => None,
            ("/", _) => Some(Self::list::<Organisation>(visit, &[], &query).await?),
            (_, Some((project, repository))) => {
                Some(Self::list::<Repository>(visit, &[project, repository], &query).await?)
            }
            (project, None) => Some(Self::list::<Project>(visit, &[project], &query).await?),
        };
        let chosen = visit.given("may").unwrap_or_default();
        let (rows, next) = found.map_or((None, None), |found| (Some(found.items), found.next));
        let page = ToPage {
            f: &Frame::of(visit),
            tabs: tabs(visit, Question::To),
            node,
            rights: Permission::ALL.map(|right| (right.as_str(), right.as_str() == chosen)).to_vec(),
            rows: rows.map(|rows| rows.into_iter().map(Holder::of).collect()),
            next: next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        Ok(Answer::page(200, rendered(&page)))
    }

    async fn list<N>(visit: &Visit<'_>, names: &[&str], query: Query<'_>) -> Result<Listed<Access>, Fault>
    where
        N: HasGrants,
        ListAccess<N>: Endpoint<Answer = Listed<Access>>,
    {
        visit.read::<ListAccess<N>>(names, query).await
    }
}

impl Page for To {
    const PATH: &'static str = "/-/access/to";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        match visit.given("node") {
            None => Self::show(visit, "").await,
            Some("/") => Self::show(visit, "/").await,
            Some(node) => {
                let node = node.trim_matches('/').split('/').map(encoded).collect::<Vec<_>>().join("/");
                let may = visit.given("may").map(|may| format!("?may={}", encoded(may))).unwrap_or_default();
                Ok(Answer::see(format!("/-/access/to/{node}{may}")))
            }
        }
    }
}

impl Page for ToNode {
    const PATH: &'static str = "/-/access/to/{*node}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        To::show(visit, visit.name(0)).await
    }
}
