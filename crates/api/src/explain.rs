//! `/explain`: may somebody do something somewhere, and why (docs/api.md 7). Answered by the same code that decides.

use domain::{
    Explained, GrantedWhat, Inquiry, NodeId, Permission, Reason, RightKind, SubjectId, TokenLimits, Whose,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Names, ToName};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::tokens::TokenLimit;
use crate::ways::{self, Way};
use crate::words::{AddressText, NodeRef, OneRight, PrincipalRef, Rights, TokenIdText};

mod remedy;
mod sentence;

pub use remedy::quoted;

/// `GET /explain`
pub enum Explain {}

/// What is asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// About whom; you, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<PrincipalRef>,
    /// With which of their tokens; without it all that they may, and about you what you presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenIdText>,
    /// May they do what?
    pub may: OneRight,
    /// And where: `/`, `alpha` or `alpha/jars`.
    pub on: NodeRef,
    /// From which address, for tokens that are not good from everywhere; the one you ask from, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressText>,
}

/// Whether somebody may do something somewhere, and why.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Yes or no.
    pub allowed: bool,
    /// About whom.
    pub who: String,
    /// The public id of the token that is asked about.
    pub token: Option<String>,
    /// May they do what?
    pub may: String,
    /// And where.
    pub on: String,
    /// The version of all access changes that decided.
    pub policy_version: u64,
    /// Why, in a word.
    #[schemars(extend("x-open-enum" = true))]
    pub reason: String,
    /// The same in words for people.
    pub sentence: String,
    /// What is not held, if the answer is no.
    pub missing: Option<String>,
    /// What cut off what grants give: `ceiling`, `application`, `token`, `suspension`, `credential`.
    #[schemars(extend("x-open-enum" = true))]
    pub cut_by: Option<String>,
    /// The least that would make it a yes, if you could do that; `null` if not.
    pub remedy: Option<Remedy>,
    /// What decided; `null` if nothing is known of the place.
    pub steps: Option<Steps>,
}

/// The least that would change an answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// In words for people.
    pub sentence: String,
    /// As typed on the command line.
    pub command: String,
}

/// What decides, in the order in which it does: what grants or, for some applications, requested rights come to, is cut by the ceiling
/// and then by the token; what everybody may comes on top.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Steps {
    /// The grants that reach them there, those that are enough first.
    pub grants: Vec<Way>,
    /// How many of these are enough for a yes, each by itself.
    pub enough: u64,
    /// How many more grants there are than are told of.
    pub further: u64,
    /// What an application requests, in place of grants; `null` if it names nothing.
    pub application: Option<Application>,
    /// What somebody of this kind can have at most.
    pub ceiling: Rights,
    /// What the token is limited to; `null` if to nothing.
    pub token: Option<Vec<TokenLimit>>,
    /// What everybody may do there, logged in or not.
    pub anyone: Rights,
    /// All that they may do there.
    pub held: Rights,
}

/// The requested rights of an application.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ApplicationStep")]
pub struct Application {
    /// What it requests.
    pub requested: Rights,
    /// Whether that is authorised there.
    pub authorised: bool,
}

/// An explanation with what it takes to word it.
struct Case<'a> {
    explained: &'a Explained,
    inquiry: &'a Inquiry<'a>,
    who: String,
    may: Permission,
    on: String,
    token: Option<String>,
    ways: Vec<Way>,
    limits: Option<Vec<TokenLimit>>,
}

impl Endpoint for Explain {
    const META: Meta = Meta {
        id: "explain",
        method: Method::Get,
        path: "/explain",
        summary: "Tells whether somebody may do something somewhere, and why. About others it is told to who administers access \
                  there or sees the directory.",
        since: "0.1",
        audit: &[],
        faults: &[Code::UnknownName, Code::Stale],
        cli: Some("explain"),
    };
    type At = ();
    type Query = Question;
    type Body = Nothing;
    type Answer = Answer;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Answer>, Fault> {
        let Question { who, token, may, on, address } = &ask.query;
        let node = on.node();
        let mut inquiry = cx.gate.inquiry(node.name())?;
        if let Some(address) = address.as_ref().and_then(AddressText::address) {
            inquiry = inquiry.from_address(address);
        }
        let whose = whose(cx, &inquiry, who.as_ref(), token.as_ref()).await?;
        let explained = inquiry.explain(whose, RightKind::Permission(may.0)).await?;
        let explained = explained.ok_or_else(|| unknown(who.as_ref(), token.as_ref()))?;
        let names = cx.directory.names_of(&inquiry, to_name(&explained)).await?;
        let case = Case {
            who: ways::subject(&names, explained.principal.into()),
            may: may.0,
            on: on.as_str().to_owned(),
            token: explained.token.map(auth::id_text),
            ways: ways::shown(&explained.explanation, &names, &inquiry, explained.principal),
            limits: limits(&explained.limits, &names),
            explained: &explained,
            inquiry: &inquiry,
        };
        Ok(Done::read(case.answer()))
    }
}

/// About whom it is asked.
async fn whose(
    cx: &Cx,
    inquiry: &Inquiry<'_>,
    who: Option<&PrincipalRef>,
    token: Option<&TokenIdText>,
) -> Result<Whose, Fault> {
    let token = token.and_then(|token| auth::parse_id(token.as_str()));
    match (who, token) {
        (None, None) => Ok(Whose::Presented),
        (None, token) => Ok(Whose::Somebody(inquiry.principal(), token)),
        (Some(who), token) => Ok(cx.directory.asked_about(inquiry, who.as_str(), token).await?),
    }
}

fn unknown(who: Option<&PrincipalRef>, token: Option<&TokenIdText>) -> Fault {
    let what = token.map(TokenIdText::as_str).or_else(|| who.map(PrincipalRef::as_str)).unwrap_or_default();
    storage::DirectoryError::Unknown(what.into()).into()
}

fn to_name(explained: &Explained) -> ToName {
    let mut names = ways::to_name([&explained.explanation]);
    names.subjects.push(SubjectId::from(explained.principal));
    if let TokenLimits::Only(pairs) = &explained.limits {
        names.nodes.extend(pairs.iter().map(|(node, _)| *node));
    }
    names
}

/// Limits at nodes that are gone limit to nothing, so nothing is lost if they are not told.
fn limits(limits: &TokenLimits, names: &Names) -> Option<Vec<TokenLimit>> {
    let TokenLimits::Only(pairs) = limits else { return None };
    let named = |(node, some): &(NodeId, domain::Permissions)| {
        let on = NodeRef::try_from(names.node(*node)?.to_owned()).ok()?;
        Some(TokenLimit { on, permissions: Rights(*some) })
    };
    Some(pairs.iter().filter_map(named).collect())
}

impl Case<'_> {
    fn answer(self) -> Answer {
        let explanation = &self.explained.explanation;
        let (reason, allowed) = (explanation.reason, explanation.allowed);
        let sentence = sentence::of(&self);
        let remedy = if allowed { None } else { remedy::of(&self) };
        let known = reason != Reason::NothingKnown;
        Answer {
            allowed,
            policy_version: explanation.version.get(),
            reason: reason.as_str().to_owned(),
            sentence,
            missing: (known && !allowed).then(|| self.may.as_str().to_owned()),
            cut_by: reason.cut_by().map(str::to_owned),
            remedy,
            may: self.may.as_str().to_owned(),
            steps: known.then(|| Steps {
                grants: self.ways,
                enough: explanation.ways.iter().filter(|way| way.sufficient).count() as u64,
                further: explanation.left_out as u64,
                application: explanation.stages.requested.map(|requested| Application {
                    requested: Rights(requested.permissions),
                    authorised: requested.authorised,
                }),
                ceiling: Rights(explanation.stages.ceiling),
                token: self.limits,
                anyone: Rights(explanation.stages.public),
                held: Rights(explanation.held),
            }),
            who: self.who,
            token: self.token,
            on: self.on,
        }
    }

    /// The first grant of the explanation that it is about, and how it is told.
    fn way(&self, is_meant: impl Fn(&domain::Way) -> bool) -> Option<(&domain::Way, &Way)> {
        self.explained.explanation.ways.iter().zip(&self.ways).find(|(way, _)| is_meant(way))
    }

    fn is_role(way: &domain::Way) -> bool {
        matches!(way.what, GrantedWhat::Role(_))
    }
}
