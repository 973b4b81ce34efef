//! `/teams`: people and applications, and other teams, under one name that grants can be for.

use domain::{
    AccessManage, CallerGate, Denied, DirectoryManage, DirectoryView, Granted, Organisation, Project,
    ProjectKey, Right,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::TeamRow;

use crate::at::{Names, TeamAt, TeamMemberAt, absent};
use crate::change::{Change, Confirmed};
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, May, Meta, Method, Need, Nothing};
use crate::page::{Page, Paged as _, paged};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::words::{Moment, SubjectRef, Text128, Text200};

/// `GET /teams`
pub enum ListTeams {}

/// `GET /teams/{team}`
pub enum ShowTeam {}

/// `PUT /teams/{team}`
pub enum PutTeam {}

/// `DELETE /teams/{team}`
pub enum DeleteTeam {}

/// `PUT /teams/{team}/members/{member}`
pub enum AddMember {}

/// `DELETE /teams/{team}/members/{member}`
pub enum RemoveMember {}

/// What a team is to be.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamWanted {
    /// What people call it; `null` for its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text200>,
    /// Who is in it directly, all of them; teams too. `null` for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10_000))]
    pub members: Option<Vec<SubjectRef>>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A team as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// What people call it.
    pub title: String,
    /// Who is in it directly, by text; empty where that is computed.
    pub members: Vec<String>,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a team.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TeamAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// Whether every installation, or every project, has it.
    pub builtin: bool,
    /// Who is in it, in words, where that is computed.
    pub computed: Option<String>,
}

paged! {
    /// Which teams.
    TeamsAsked {
        /// Those with these words in name or title.
        query: Text128,
    }
}

/// How the computed team of a project is called, before the project's key.
const TEAM_OF_PROJECT: &str = "project-team:";
/// Who may do everything.
const ADMINISTRATORS: &str = "org-admins";
/// What a change to a team may answer.
const FAULTS: &[Code] = &[
    Code::Absent,
    Code::UnknownName,
    Code::Rule,
    Code::Builtin,
    Code::Cycle,
    Code::LastAdmin,
    Code::NotFresh,
    Code::Stale,
    Code::NotYetInForce,
];

/// The proof to look at a team: of seeing the directory, or of administering access in the project whose team it is.
pub enum SeeTeam {
    /// Whichever it is.
    See(Granted<DirectoryView, Organisation>),
    /// That of this project.
    OfItsProject(Granted<AccessManage, Project>),
}

impl May<TeamAt> for SeeTeam {
    const NEED: Need =
        Need::OrOfItsProject(&Need::Right(<DirectoryView as Right>::KIND, <Organisation as GuardedNode>::ON));

    /// What is refused is that of the directory, so that nobody learns which projects there are.
    fn ask(gate: &CallerGate, at: &TeamAt) -> Result<Self, Denied> {
        gate.check(Names::<Organisation>::name(at)).map(Self::See).or_else(|refused| {
            let project = at.team.strip_prefix(TEAM_OF_PROJECT).and_then(|key| ProjectKey::parse(key).ok());
            let may = project.ok_or(()).and_then(|project| gate.check(&project).map_err(|_| ()));
            may.map(Self::OfItsProject).map_err(|()| refused)
        })
    }
}

impl Endpoint for ListTeams {
    const META: Meta = Meta {
        id: "team_list",
        method: Method::Get,
        path: "/teams",
        summary: "Lists teams, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("team list"),
    };
    type At = ();
    type Query = TeamsAsked;
    type Body = Nothing;
    type Answer = Page<Team>;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Team>>, Fault> {
        let paging = ask.query.paging();
        let after = paging.after(|text| TeamAt::new(text).map(|at| at.team))?;
        let query = ask.query.query.as_ref().map(|words| words.as_str().into());
        let rows = cx.directory.teams(&may, query, after, paging.limit()).await?;
        Ok(Done::read(paging.page(&rows, |row| row.name.to_string(), shown)))
    }
}

impl Endpoint for ShowTeam {
    const META: Meta = Meta {
        id: "team_show",
        method: Method::Get,
        path: "/teams/{team}",
        summary: "Shows a team and who is in it directly; that of a project also to who administers access there.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("team show"),
    };
    const CONDITIONAL: bool = true;
    type At = TeamAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Team;
    type May = SeeTeam;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Team>, Fault> {
        let row = match &may {
            SeeTeam::See(may) => cx.directory.team(may, &ask.at.team).await?,
            SeeTeam::OfItsProject(may) => cx.directory.team_of_project(may).await?,
        };
        Ok(Done::shown(shown(&row)))
    }
}

impl Endpoint for PutTeam {
    const META: Meta = Meta {
        id: "team_put",
        method: Method::Put,
        path: "/teams/{team}",
        summary: "Makes a team, or sets what one is and who is in it.",
        since: "0.1",
        audit: &["team.create", "team.update", "team.members"],
        faults: FAULTS,
        cli: Some("team create"),
    };
    const CONDITIONAL: bool = true;
    type At = TeamAt;
    type Query = Nothing;
    type Body = TeamWanted;
    type Answer = Team;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Team>, Fault> {
        Self::set(cx, &may, ask).await
    }
}

impl Editable for PutTeam {
    const PATCH: (&'static str, Option<&'static str>) = ("team_patch", Some("team set"));
    type Edit = Granted<DirectoryManage, Organisation>;

    async fn shown(cx: &Cx, may: &Self::Edit, at: &TeamAt) -> Result<Team, Fault> {
        Ok(shown(&cx.directory.team(may, &at.team).await?))
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Team>, Fault> {
        cx.fresh_if(&*ask.at.team == ADMINISTRATORS)?;
        let wanted = storage::TeamWanted {
            title: ask.body.title.as_ref().map(|title| title.as_str().into()),
            members: ask.body.members.iter().flatten().map(|member| member.as_str().into()).collect(),
        };
        let only_if = ask.only_if.of(shown);
        let (row, made, force) = cx.directory.put_team(may, &ask.at.team, wanted, only_if).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeleteTeam {
    const META: Meta = Meta {
        id: "team_delete",
        method: Method::Delete,
        path: "/teams/{team}",
        summary: "Deletes a team with every grant to it.",
        since: "0.1",
        audit: &["team.delete"],
        faults: &[
            Code::Absent,
            Code::Confirm,
            Code::Builtin,
            Code::LastAdmin,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("team delete"),
    };
    const CONDITIONAL: bool = true;
    type At = TeamAt;
    type Query = Confirmed;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Confirmed::insist(ask.query.confirm.as_deref(), &ask.at.team)?;
        Ok(Done::told(cx.directory.remove_team(&may, &ask.at.team, ask.only_if.of(shown)).await?))
    }
}

impl Endpoint for AddMember {
    const META: Meta = Meta {
        id: "team_member_add",
        method: Method::Put,
        path: "/teams/{team}/members/{member}",
        summary: "Puts somebody, or a team, into a team.",
        since: "0.1",
        audit: &["team.members"],
        faults: FAULTS,
        cli: Some("team add"),
    };
    type At = TeamMemberAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        set_member(cx, &may, &ask.at, true).await
    }
}

impl Endpoint for RemoveMember {
    const META: Meta = Meta {
        id: "team_member_remove",
        method: Method::Delete,
        path: "/teams/{team}/members/{member}",
        summary: "Takes somebody, or a team, out of a team.",
        since: "0.1",
        audit: &["team.members"],
        faults: FAULTS,
        cli: Some("team remove"),
    };
    type At = TeamMemberAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        set_member(cx, &may, &ask.at, false).await
    }
}

async fn set_member(
    cx: &Cx,
    may: &Granted<DirectoryManage, Organisation>,
    at: &TeamMemberAt,
    is_in: bool,
) -> Result<Done<Change>, Fault> {
    use storage::DirectoryError as E;
    cx.fresh_if(&*at.team == ADMINISTRATORS)?;
    match cx.directory.set_team_member(may, (&at.team, &at.member), is_in).await {
        // What the path names and is not there makes the address one where nothing is.
        Err(E::Unknown(_) | E::Invalid(_)) => Err(absent()),
        done => Ok(Done::told(done?)),
    }
}

fn shown(row: &TeamRow) -> Team {
    Team {
        title: row.title.to_string(),
        members: row.members.iter().map(ToString::to_string).collect(),
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            created_at: Moment(row.created_at),
            builtin: row.builtin,
            computed: row.computed.then(|| computed(&row.name).to_owned()),
        },
    }
}

fn computed(name: &str) -> &'static str {
    match name {
        "anyone" => "everybody, also who does not log in",
        "everyone" => "all members and applications",
        "org-members" => "all members",
        _ => "all who hold project-member on the project",
    }
}
