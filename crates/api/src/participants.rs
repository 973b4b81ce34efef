//! `/projects/{project}/participants`: who was added to a project, with everything they have in it. Who may do something in it by
//! whatever way is told by `…/access`.

use std::collections::BTreeMap;

use domain::{AccessManage, Explanation, Granted, Inquiry, PrincipalId, Project, ProjectKey, Whose};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{GrantedSpec, InForce, Names, OwnPermissions, ParticipantFilter, ParticipantRow};

use crate::at::ParticipantAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Listed, Paged as _, paged};
use crate::problem::{Code, Fault};
use crate::ways::{self, Way};
use crate::words::{Moment, NodeRef, Rights, SubjectRef, Text128};

/// `GET /projects/{project}/participants`
pub enum ListParticipants {}

/// `PUT /projects/{project}/participants/{participant}`
pub enum SetParticipant {}

/// `PUT /projects/{project}/participants/{participant}/permissions`
pub enum SetOwnPermissions {}

/// `DELETE /projects/{project}/participants/{participant}`
pub enum RemoveParticipant {}

/// What somebody is to have on a project.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParticipantWanted {
    /// All roles on the project itself; others are taken away. An external has the one of their kind, and need not name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub roles: Option<Vec<Text128>>,
    /// From this moment on they hold no longer; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
}

/// Permissions of somebody's own in a project.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPermissionsWanted {
    /// All of them; others are taken away.
    #[schemars(length(max = 64))]
    pub grants: Vec<OwnGrant>,
}

/// Permissions of somebody's own at one node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnGrant {
    /// The project, or a repository of it.
    pub on: NodeRef,
    /// Exactly these.
    pub permissions: Rights,
    /// From this moment on they hold no longer; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
}

/// Kinds of participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ParticipantKind {
    /// A person of the organisation.
    Member,
    /// From outside, with rights of their own there.
    Collaborator,
    /// From outside, with no rights on packages.
    Guest,
    /// A program.
    Application,
    /// A team.
    Team,
}

paged! {
    /// Which participants.
    ParticipantsAsked {
        /// Those with this role on the project or a repository of it.
        role: Text128,
        /// Those of this kind.
        kind: ParticipantKind,
        /// Those with these words in name or title.
        query: Text128,
        /// This one alone.
        who: SubjectRef,
    }
}

/// Somebody, or a team, in a project.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Participant {
    /// `member:alice`, `team:releasers`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What people call them.
    pub title: String,
    /// Their grants on the project and its repositories.
    pub direct: Vec<Direct>,
    /// What they have on the project through teams and through the organisation; of a team nothing is told.
    pub through: Vec<Way>,
    /// When the oldest of these grants was made.
    pub since: Option<Moment>,
    /// The newest use of any token, password or session of theirs, to the minute and in whatever project; `null` for teams, and for
    /// who never was here.
    pub last_seen: Option<Moment>,
}

/// A grant to a participant.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Direct {
    /// What this role holds whenever it is asked; `null` for a grant of permissions.
    pub role: Option<String>,
    /// Exactly these; `null` for a grant of a role.
    pub permissions: Option<Rights>,
    /// The project or a repository of it.
    pub on: String,
    /// From this moment on it holds no longer; `null` never ends.
    pub expires: Option<Moment>,
}

/// Participants, and how many there are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Participants {
    /// By kind and name.
    pub items: Vec<Participant>,
    /// How many have each role, in the whole list and whatever is filtered.
    pub counts: BTreeMap<String, u64>,
    /// How many have permissions of their own, likewise.
    pub with_permissions: u64,
    /// What `after` says for the next page; `null` at the end. Opaque.
    pub next: Option<String>,
}

impl Listed for Participants {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Somebody was taken out of a project.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ParticipantRemoved {
    /// Whether they were, or it was only tried.
    pub removed: bool,
    /// What they may do there all the same, through teams, the organisation, or as everybody. `null` for a team, and where it was
    /// only tried: it is asked of what is in force.
    pub remaining: Option<Vec<Remaining>>,
    /// The version of all access changes that it is part of.
    pub policy_version: u64,
    /// Whether it outlives this process. Not so (202) only while the disk is full.
    pub stored: bool,
}

/// What somebody who was taken out of a project may do there all the same.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Remaining {
    /// The project or a repository of it.
    pub on: String,
    /// What they may do there.
    pub permissions: Rights,
    /// The grants behind it.
    pub through: Vec<Way>,
}

/// What a change of a participant may answer.
const FAULTS: &[Code] = &[
    Code::Absent,
    Code::BeyondOwn,
    Code::UnknownName,
    Code::Rule,
    Code::Builtin,
    Code::Stale,
    Code::NotYetInForce,
];

impl Endpoint for ListParticipants {
    const META: Meta = Meta {
        id: "participant_list",
        method: Method::Get,
        path: "/projects/{project}/participants",
        summary: "Lists who was added to a project, by kind and name, and counts them by role.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor, Code::Stale],
        cli: Some("participant list"),
    };
    type At = ProjectKey;
    type Query = ParticipantsAsked;
    type Body = Nothing;
    type Answer = Participants;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Participants>, Fault> {
        let inquiry = cx.gate.inquiry(&ask.at)?;
        let paging = ask.query.paging();
        let after = paging.after(|text| {
            let (kind, name) = text.split_once(':')?;
            Some((kind.into(), name.to_lowercase().into()))
        })?;
        let filter = ParticipantFilter {
            role: ask.query.role.as_ref().map(|role| role.as_str().into()),
            kind: ask.query.kind.map(|kind| word(kind).into()),
            query: ask.query.query.as_ref().map(|words| words.as_str().into()),
            who: ask.query.who.as_ref().map(|who| who.as_str().into()),
        };
        let (rows, counts) = cx.directory.participants(&may, filter, after, paging.limit()).await?;
        let mut through = Vec::with_capacity(rows.len());
        for row in &rows {
            through.push(explained(&inquiry, row).await?);
        }
        let named = ways::to_name(through.iter().flatten());
        let names = cx.directory.names_of(&inquiry, named).await?;
        let items: Vec<(ParticipantRow, Option<Explanation>)> = rows.into_iter().zip(through).collect();
        let shown = |(row, explanation): &(ParticipantRow, Option<Explanation>)| {
            let through = explanation.as_ref().map(|explanation| others(explanation, row, &names, &inquiry));
            shown(row, through.unwrap_or_default())
        };
        let page = paging.page(&items, |(row, _)| row.reference.to_string(), shown);
        let with_permissions = counts.iter().find(|(role, _)| role.is_empty()).map_or(0, |(_, count)| *count);
        let counts = counts.into_iter().filter(|(role, _)| !role.is_empty());
        let counts = counts.map(|(role, count)| (role.into(), count)).collect();
        Ok(Done::read(Participants { items: page.items, counts, with_permissions, next: page.next }))
    }
}

impl Endpoint for SetParticipant {
    const META: Meta = Meta {
        id: "participant_set",
        method: Method::Put,
        path: "/projects/{project}/participants/{participant}",
        summary: "Adds somebody, or a team, to a project, or sets which roles they have on it.",
        since: "0.1",
        audit: &["grant.put", "grant.delete"],
        faults: FAULTS,
        cli: Some("participant set"),
    };
    type At = ParticipantAt;
    type Query = Nothing;
    type Body = ParticipantWanted;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (who, body) = (&ask.at.who, &ask.body);
        let roles = body.roles.iter().flatten().map(|role| role.as_str().into()).collect();
        let expires = body.expires.map(|moment| moment.0);
        let set = cx.directory.set_participant(&may, who.as_str(), roles, expires).await;
        Ok(Done::told(who.found(set)?))
    }
}

impl Endpoint for SetOwnPermissions {
    const META: Meta = Meta {
        id: "participant_permissions",
        method: Method::Put,
        path: "/projects/{project}/participants/{participant}/permissions",
        summary: "Sets which permissions of their own an external or an application has in a project.",
        since: "0.1",
        audit: &["grant.put", "grant.delete"],
        faults: FAULTS,
        cli: Some("participant permissions"),
    };
    type At = ParticipantAt;
    type Query = Nothing;
    type Body = OwnPermissionsWanted;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let who = &ask.at.who;
        let wanted = ask.body.grants.iter().map(|grant| OwnPermissions {
            on: grant.on.as_str().into(),
            permissions: grant.permissions.0,
            expires: grant.expires.map(|moment| moment.0),
        });
        let set = cx.directory.set_own_permissions(&may, who.as_str(), wanted.collect()).await;
        Ok(Done::told(who.found(set)?))
    }
}

impl Endpoint for RemoveParticipant {
    const META: Meta = Meta {
        id: "participant_remove",
        method: Method::Delete,
        path: "/projects/{project}/participants/{participant}",
        summary: "Takes every grant of somebody away, on the project and on its repositories, and tells what remains.",
        since: "0.1",
        audit: &["grant.delete"],
        faults: &[Code::Absent, Code::Builtin, Code::Stale, Code::NotYetInForce],
        cli: Some("participant remove"),
    };
    type At = ParticipantAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = ParticipantRemoved;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<ParticipantRemoved>, Fault> {
        let who = &ask.at.who;
        let force = who.found(cx.directory.remove_participant(&may, who.as_str()).await)?;
        let remaining = remaining(cx, ask, force).await?;
        let answer = ParticipantRemoved {
            removed: !force.rehearsed,
            remaining,
            policy_version: force.version.get(),
            stored: force.stored,
        };
        Ok(Done::changed(answer, force))
    }
}

/// What is left to somebody in the project, as it is in force now; at most as much as a page has.
async fn remaining(
    cx: &Cx,
    ask: &Ask<RemoveParticipant>,
    force: InForce,
) -> Result<Option<Vec<Remaining>>, Fault> {
    let who = ask.at.who.as_str();
    if force.rehearsed || who.starts_with("team:") {
        return Ok(None);
    }
    let inquiry = cx.gate.inquiry(&ask.at.project)?;
    // Who took somebody out of a project may have taken away what they themselves had there.
    if !inquiry.about_others() {
        return Ok(None);
    }
    let whose = cx.directory.asked_about(&inquiry, who, None).await?;
    let Whose::Somebody(principal, _) = whose else { return Ok(None) };
    let all = (None, domain::Limit::capped(REMAINING_MAX));
    let Some(rights) = inquiry.rights(whose, all, true).await? else { return Ok(None) };
    let named = ways::to_name(rights.iter().map(|(_, explanation)| explanation));
    let names = cx.directory.names_of(&inquiry, named).await?;
    let told = rights.iter().map(|(node, explanation)| Remaining {
        on: node.written().to_string(),
        permissions: Rights(explanation.held),
        through: ways::shown(explanation, &names, &inquiry, principal),
    });
    Ok(Some(told.collect()))
}

/// Most nodes of which it is told what remains.
const REMAINING_MAX: u64 = 1000;

async fn explained(inquiry: &Inquiry<'_>, row: &ParticipantRow) -> Result<Option<Explanation>, Fault> {
    if row.is_team {
        return Ok(None);
    }
    let whose = Whose::Somebody(PrincipalId::new(row.id.get()), None);
    let explained = inquiry.explain(whose, domain::RightKind::Probe).await?;
    Ok(explained.map(|explained| explained.explanation))
}

/// What a participant has on the project by other grants than its own.
fn others(explanation: &Explanation, row: &ParticipantRow, names: &Names, inquiry: &Inquiry<'_>) -> Vec<Way> {
    let shown = ways::shown(explanation, names, inquiry, PrincipalId::new(row.id.get()));
    let others = explanation.ways.iter().zip(shown).filter(|(way, _)| way.to != row.id);
    others.map(|(_, way)| way).collect()
}

fn shown(row: &ParticipantRow, through: Vec<Way>) -> Participant {
    let direct = row.direct.iter().map(|(on, grant)| {
        let (role, permissions) = match &grant.what {
            GrantedSpec::Role(role) => (Some(role.to_string()), None),
            GrantedSpec::Permissions(some) => (None, Some(Rights(*some))),
        };
        Direct { role, permissions, on: on.to_string(), expires: grant.expires.map(Moment) }
    });
    Participant {
        reference: row.reference.to_string(),
        title: row.title.to_string(),
        direct: direct.collect(),
        through,
        since: row.direct.iter().map(|(_, grant)| grant.created_at).min().map(Moment),
        last_seen: row.last_seen.map(Moment),
    }
}

const fn word(kind: ParticipantKind) -> &'static str {
    match kind {
        ParticipantKind::Member => "member",
        ParticipantKind::Collaborator => "collaborator",
        ParticipantKind::Guest => "guest",
        ParticipantKind::Application => "application",
        ParticipantKind::Team => "team",
    }
}
