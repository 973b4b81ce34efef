//! `/teams/{team}/members`: everybody who is in a team, through whatever other teams.

use domain::{DirectoryView, Granted, Organisation, SubjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::TeamAt;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};

/// `GET /teams/{team}/members`
pub enum ListMembers {}

/// Somebody in a team, or a team in it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// `member:alice`, `team:others`.
    #[serde(rename = "ref")]
    pub reference: String,
}

impl Endpoint for ListMembers {
    const META: Meta = Meta {
        id: "team_member_list",
        method: Method::Get,
        path: "/teams/{team}/members",
        summary: "Lists everybody in a team, and every team in it, at whatever depth; nobody where that is computed.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: None,
    };
    type At = TeamAt;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Member>;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Member>>, Fault> {
        let after = ask.query.after(|text| text.parse().ok().map(SubjectId::new))?;
        let rows = cx.directory.everybody_in_team(&may, &ask.at.team, after, ask.query.limit()).await?;
        let shown = |(_, reference): &(SubjectId, Box<str>)| Member { reference: reference.to_string() };
        Ok(Done::read(ask.query.page(&rows, |(id, _)| id.to_string(), shown)))
    }
}
