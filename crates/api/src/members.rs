//! `/teams/{team}/members`: everybody who is in a team, through whatever other teams.

use domain::SubjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::TeamAt;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paged, Paging, rows_default};
use crate::problem::{Code, Fault};
use crate::teams::SeeTeam;
use crate::words::yes;

/// `GET /teams/{team}/members`
pub enum ListMembers {}

/// Who of them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct MembersAsked {
    /// Whether those too who are in it through teams.
    #[serde(default = "yes")]
    pub indirect: bool,
    /// What `next` of the page before said; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub after: Option<String>,
    /// Most items of the page.
    #[serde(default = "rows_default")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
}

impl Paged for MembersAsked {
    fn paging(&self) -> Paging {
        Paging { after: self.after.clone(), ..Paging::at_most(self.limit) }
    }

    fn go_on(&mut self, after: String) {
        self.after = Some(after);
    }
}

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
        summary: "Lists everybody in a team, and every team in it, at whatever depth or directly; where that is computed as it is now, and nobody of `anyone`.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: None,
    };
    type At = TeamAt;
    type Query = MembersAsked;
    type Body = Nothing;
    type Answer = Page<Member>;
    type May = SeeTeam;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Member>>, Fault> {
        let paging = ask.query.paging().of(&ask.query);
        let after = paging.after(|text| text.parse().ok().map(SubjectId::new))?;
        let (indirect, limit) = (ask.query.indirect, paging.limit());
        let rows = match &may {
            SeeTeam::See(may) => {
                cx.directory.everybody_in_team(may, (&ask.at.team, indirect), after, limit).await?
            }
            SeeTeam::OfItsProject(may) => {
                cx.directory.everybody_in_team_of_project(may, indirect, after, limit).await?
            }
        };
        let shown = |(_, reference): &(SubjectId, Box<str>)| Member { reference: reference.to_string() };
        Ok(Done::read(paging.page(&rows, |(id, _)| id.to_string(), shown)))
    }
}
