//! `/projects/{project}/candidates`: who could be added to a project. Whoever adds people need not see the directory: they are told
//! names and nothing else.

use domain::{AccessManage, Granted, Limit, Project, ProjectKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::CandidateRow;

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::Page;
use crate::problem::Fault;
use crate::rates::Turn;
use crate::words::Text128;

/// `GET /projects/{project}/candidates`
pub enum ListCandidates {}

/// Who is looked for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct CandidatesAsked {
    /// Those with these words in name or title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Text128>,
}

/// Somebody, or a team, who could be added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// `member:alice`, `team:releasers`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What people call them.
    pub title: String,
}

/// Most that one answer names; it has no next page.
pub const CANDIDATES_MAX: u64 = 20;

impl Endpoint for ListCandidates {
    const META: Meta = Meta {
        id: "candidate_list",
        method: Method::Get,
        path: "/projects/{project}/candidates",
        summary: "Names at most 20 who could be added to a project, by kind and name; 5 times a second.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: Some("participant candidates"),
    };
    type At = ProjectKey;
    type Query = CandidatesAsked;
    type Body = Nothing;
    type Answer = Page<Candidate>;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Candidate>>, Fault> {
        cx.rates.take(cx.gate.client(), Turn::Candidates)?;
        let query = ask.query.query.as_ref().map(|words| words.as_str().into());
        let rows = cx.directory.candidates(&may, query, Limit::capped(CANDIDATES_MAX)).await?;
        Ok(Done::read(Page { items: rows.into_iter().map(shown).collect(), next: None }))
    }
}

fn shown(row: CandidateRow) -> Candidate {
    Candidate { reference: row.reference.into(), title: row.title.into() }
}
