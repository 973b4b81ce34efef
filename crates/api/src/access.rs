//! `…/access`: who may do what at a node, teams resolved.

use std::marker::PhantomData;

use domain::{
    AccessManage, Explanation, Granted, Inquiry, Organisation, Permissions, PrincipalId, PrincipalKind,
    Project, Repository, RightKind, Whose,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Named, ToName};

use crate::at::Names as _;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::grants::HasGrants;
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};
use crate::ways::{self, Way};
use crate::words::{OneRight, Rights};

/// `GET …/access`
pub struct ListAccess<N>(PhantomData<fn() -> N>);

/// A node whose access can be listed at an address.
pub trait HasAccess: HasGrants {
    /// The address, and what the operation is called.
    const ACCESS: (&'static str, &'static str);
}

impl HasAccess for Organisation {
    const ACCESS: (&'static str, &'static str) = ("/organisation/access", "organisation_access");
}

impl HasAccess for Project {
    const ACCESS: (&'static str, &'static str) = ("/projects/{project}/access", "project_access");
}

impl HasAccess for Repository {
    const ACCESS: (&'static str, &'static str) =
        ("/repositories/{project}/{repository}/access", "repository_access");
}

/// Kinds of those who can have access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum AccessKind {
    /// A person of the organisation.
    Member,
    /// From outside, with rights of their own in projects.
    Collaborator,
    /// From outside, with no rights on packages.
    Guest,
    /// A program.
    Application,
}

paged! {
    /// Whose access.
    AccessAsked {
        /// Of those who may do this.
        may: OneRight,
        /// Of those of this kind.
        kind: AccessKind,
    }
}

/// Who may do what at a node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// `member:alice`, `application:build-server`; first of all `team:anyone`, everybody, be that nothing.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What they may do there by rights of their own; what everybody may is told once.
    pub permissions: Rights,
    /// Whether they are refused whatever they may.
    pub suspended: bool,
    /// The grants behind it.
    pub via: Vec<Way>,
}

/// Everybody, as the first row of the list.
const ANYONE: PrincipalId = PrincipalId::ANONYMOUS;

/// One row, before its grants are named.
struct Row {
    id: PrincipalId,
    permissions: Permissions,
    text: String,
    suspended: bool,
    explanation: Option<Explanation>,
}

impl<N: HasAccess> Endpoint for ListAccess<N> {
    const META: Meta = Meta {
        id: N::ACCESS.1,
        method: Method::Get,
        path: N::ACCESS.0,
        summary: "Lists who may do what here, by whatever way, with everybody first.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor, Code::Stale],
        cli: Some("rights on"),
    };
    type At = N::At;
    type Query = AccessAsked;
    type Body = Nothing;
    type Answer = Page<Access>;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Access>>, Fault> {
        let inquiry = cx.gate.inquiry(ask.at.name())?;
        let paging = ask.query.paging();
        let after = paging.after(|text| text.parse().ok().map(PrincipalId::new))?;
        let limit = usize::try_from(paging.limit().rows()).unwrap_or(usize::MAX);
        let mut rows = found(cx, &may, &inquiry, (&ask.query, after, limit)).await?;
        let right = ask.query.may.map_or(RightKind::Probe, |may| RightKind::Permission(may.0));
        for row in rows.iter_mut().filter(|row| row.id != ANYONE) {
            let explained = inquiry.explain(Whose::Somebody(row.id, None), right).await?;
            row.explanation = explained.map(|explained| explained.explanation);
        }
        let named = ways::to_name(rows.iter().filter_map(|row| row.explanation.as_ref()));
        let names = cx.directory.names_of(&inquiry, named).await?;
        let shown = |row: &Row| Access {
            reference: row.text.clone(),
            permissions: Rights(row.permissions),
            suspended: row.suspended,
            via: row
                .explanation
                .as_ref()
                .map(|explanation| ways::shown(explanation, &names, &inquiry, row.id))
                .unwrap_or_default(),
        };
        Ok(Done::read(paging.page(&rows, |row| row.id.to_string(), shown)))
    }
}

/// The rows of a page. Everybody stands for those who have no more than everybody.
async fn found<N: HasAccess>(
    cx: &Cx,
    may: &Granted<AccessManage, N>,
    inquiry: &Inquiry<'_>,
    (query, after, limit): (&AccessAsked, Option<PrincipalId>, usize),
) -> Result<Vec<Row>, Fault> {
    let node = may.node().node_id();
    let any_of = query.may.map_or(Permissions::ALL, |may: OneRight| Permissions::of(&[may.0]));
    let mut rows = Vec::new();
    let mut last = after.unwrap_or(ANYONE);
    let chunk = domain::Limit::capped(CHUNK_ROWS);
    loop {
        let holders = inquiry.holders(node, any_of, last, chunk)?;
        if rows.is_empty() && after.is_none() {
            rows.push(anyone(holders.anyone));
        }
        let subjects = holders.each.iter().map(|(id, _)| (*id).into()).collect();
        let names = cx.directory.names_of(inquiry, ToName { subjects, ..ToName::default() }).await?;
        for (id, permissions) in &holders.each {
            last = *id;
            let Some(named) = names.subject((*id).into()) else { continue };
            if rows.len() < limit && query.kind.is_none_or(|kind| is_of(named, kind)) {
                let (text, suspended) = (named.text.to_string(), named.suspended);
                rows.push(Row { id: *id, permissions: *permissions, text, suspended, explanation: None });
            }
        }
        if rows.len() >= limit || (holders.each.len() as u64) < CHUNK_ROWS {
            return Ok(rows);
        }
    }
}

/// Holders that are looked at in one go.
const CHUNK_ROWS: u64 = 500;

fn anyone(permissions: Permissions) -> Row {
    let text = "team:anyone".to_owned();
    Row { id: ANYONE, permissions, text, suspended: false, explanation: None }
}

fn is_of(named: &Named, kind: AccessKind) -> bool {
    let kind = match kind {
        AccessKind::Member => PrincipalKind::Member,
        AccessKind::Collaborator => PrincipalKind::Collaborator,
        AccessKind::Guest => PrincipalKind::Guest,
        AccessKind::Application => PrincipalKind::Application,
    };
    named.text.split_once(':').is_some_and(|(word, _)| word == kind.as_str())
}
