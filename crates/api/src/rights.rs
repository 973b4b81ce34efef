//! `…/rights`: what somebody may do, wherever they may do anything.

use domain::{CallerGate, Denied, Explanation, ResolvedNode, Whose, WrittenNode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::PrincipalAt;
use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, May, Meta, Method, Need, Nothing};
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};
use crate::ways::{self, Way};
use crate::words::{NodeRef, Rights};

/// `GET /me/rights`
pub enum ListMyRights {}

/// `GET /principals/{principal}/rights`
pub enum ListRightsOf {}

paged! {
    /// Where.
    RightsAsked {
        /// At this node and in it; everywhere, if it does not say.
        on: NodeRef,
        /// Whether in it too; if it does not say, yes.
        below: bool,
    }
}

/// What somebody may do at a node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RightsThere {
    /// Where: `/`, `alpha` or `alpha/jars`.
    pub on: String,
    /// What they may do there.
    pub permissions: Rights,
    /// The part of it that everybody may.
    pub anyone: Rights,
    /// What an application requests, in place of grants; `null` if it names nothing.
    pub requested: Option<Rights>,
    /// The grants behind it.
    pub via: Vec<Way>,
}

/// Proof that somebody asks about others: at a node, or at the organisation if they name none. Which of them they may be told of is
/// asked again with what they name.
#[must_use]
pub struct AboutOthers(LoggedIn);

impl<A> May<A> for AboutOthers {
    const NEED: Need = Need::AboutOthers;

    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied> {
        <LoggedIn as May<A>>::ask(gate, at).map(Self)
    }
}

impl Endpoint for ListMyRights {
    const META: Meta = Meta {
        id: "me_rights",
        method: Method::Get,
        path: "/me/rights",
        summary: "Lists what you may do with what you presented, wherever you may do anything, by place.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor, Code::Stale],
        cli: Some("me rights"),
    };
    type At = ();
    type Query = RightsAsked;
    type Body = Nothing;
    type Answer = Page<RightsThere>;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Self::Answer>, Fault> {
        list(cx, None, &ask.query).await
    }
}

impl Endpoint for ListRightsOf {
    const META: Meta = Meta {
        id: "principal_rights",
        method: Method::Get,
        path: "/principals/{principal}/rights",
        summary: "Lists what somebody may do, wherever they may do anything, by place. With `on` it is told to who administers \
                  access there too.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor, Code::Stale],
        cli: Some("rights of"),
    };
    type At = PrincipalAt;
    type Query = RightsAsked;
    type Body = Nothing;
    type Answer = Page<RightsThere>;
    type May = AboutOthers;

    async fn call(cx: &Cx, _may: AboutOthers, ask: &Ask<Self>) -> Result<Done<Self::Answer>, Fault> {
        list(cx, Some(&ask.at), &ask.query).await
    }
}

async fn list(
    cx: &Cx,
    of: Option<&PrincipalAt>,
    query: &RightsAsked,
) -> Result<Done<Page<RightsThere>>, Fault> {
    let on = query.on.as_ref().map_or(WrittenNode::Organisation, NodeRef::node);
    let inquiry = cx.gate.inquiry(on.name())?;
    let whose = match of {
        None => Whose::Presented,
        Some(_) if !inquiry.about_others() => return Err(inquiry.refused().into()),
        Some(of) => of.found(cx.directory.asked_about(&inquiry, of.as_str(), None).await)?,
    };
    let paging = query.paging();
    let after = paging.after(|text| WrittenNode::parse(text).map(|node| node.to_string()))?;
    let page = (after.as_deref(), paging.limit());
    let found = inquiry.rights(whose, page, query.below.unwrap_or(true)).await?;
    let rows = found.ok_or_else(crate::at::absent)?;
    let principal = match whose {
        Whose::Presented => inquiry.principal(),
        Whose::Somebody(principal, _) => principal,
    };
    let named = ways::to_name(rows.iter().map(|(_, explanation)| explanation));
    let names = cx.directory.names_of(&inquiry, named).await?;
    let shown = |(node, explanation): &(ResolvedNode, Explanation)| RightsThere {
        on: node.written().to_string(),
        permissions: Rights(explanation.held),
        anyone: Rights(explanation.stages.public),
        requested: explanation.stages.requested.map(|requested| Rights(requested.permissions)),
        via: ways::shown(explanation, &names, &inquiry, principal),
    };
    Ok(Done::read(paging.page(&rows, |(node, _)| node.written().to_string(), shown)))
}
