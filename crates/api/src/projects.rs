//! `/projects`: what they are called, and whether members may read in them. Repositories, roles and grants in them have addresses of
//! their own.

use std::collections::BTreeMap;

use domain::{
    AccessManage, Granted, KnownProject, Organisation, Permissions, ProjectCreate, ProjectId, ProjectKey,
    RepositoryDelete, RepositorySettings, Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{InForce, NewProject, ProjectFilter, ProjectPlace, ProjectRow};

use crate::change::Confirmed;
use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, MakeOrChange, Meta, Method, Nothing};
use crate::page::{Page, Paged as _, paged};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::rates::Turn;
use crate::words::{Moment, Prose, Rights, Text128, Text200};

/// `GET /projects`
pub enum ListProjects {}

/// `GET /projects/{project}`
pub enum ShowProject {}

/// `PUT /projects/{project}`
pub enum PutProject {}

/// `DELETE /projects/{project}`
pub enum DeleteProject {}

/// What a project is to be.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectWanted {
    /// What people call it; `null` for its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text200>,
    /// What it is for; `null` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose>,
    /// Whether every member may read in it; `null` for what it has, or the organisation's preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A project as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether every member may read in it.
    pub access: Access,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a project.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its key.
    pub key: String,
    /// When it was made.
    pub created_at: Moment,
    /// What you may do in all of it.
    pub my_permissions: Rights,
    /// How many repositories you may read in it, by the word of their format; `null` in lists.
    pub repositories_by_format: Option<BTreeMap<String, u64>>,
}

/// Whether every member may read in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Access {
    /// Nobody outside it may.
    Closed,
    /// Every member may.
    Internal,
}

/// What goes with a project.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProjectDeleted {
    /// Repositories, with everything in them.
    pub repositories: u64,
    /// Grants on it and in it, and to its team.
    pub grants: u64,
}

paged! {
    /// Which projects.
    ProjectsAsked {
        /// Those with these words in key or title.
        query: Text128,
        /// Those of this kind.
        access: Access,
        /// In which order; by key if it does not say.
        sort: ProjectSort,
    }
}

/// Orders of projects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ProjectSort {
    /// By key.
    #[default]
    #[serde(rename = "key")]
    Key,
    /// By key, the last first.
    #[serde(rename = "-key")]
    KeyDown,
    /// The oldest first.
    #[serde(rename = "created")]
    Created,
    /// The newest first.
    #[serde(rename = "-created")]
    CreatedDown,
}

impl From<ProjectSort> for storage::ProjectSort {
    fn from(sort: ProjectSort) -> Self {
        match sort {
            ProjectSort::Key => Self::Key,
            ProjectSort::KeyDown => Self::KeyDown,
            ProjectSort::Created => Self::Created,
            ProjectSort::CreatedDown => Self::CreatedDown,
        }
    }
}

/// Where one stands in a list of any order.
fn place_of(row: &ProjectRow) -> String {
    format!("{}:{}:{}", row.created_at.millis(), row.id, row.key)
}

fn place(text: &str) -> Option<ProjectPlace> {
    let mut parts = text.splitn(3, ':');
    let created_at = Timestamp::from_millis(parts.next()?.parse().ok()?);
    let id = ProjectId::new(parts.next()?.parse().ok()?);
    Some(ProjectPlace { key: ProjectKey::parse(parts.next()?).ok()?, created_at, id })
}

/// What a project is deleted with.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct ProjectGoes {
    /// Its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub confirm: Option<String>,
    /// Whether its repositories may go too, with everything in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_repositories: Option<bool>,
}

type Change = Granted<RepositorySettings, domain::Project>;

/// What a change to a project may answer.
const FAULTS: &[Code] = &[Code::Absent, Code::NameTaken, Code::Rule, Code::Stale, Code::NotYetInForce];

impl From<Access> for domain::Access {
    fn from(access: Access) -> Self {
        match access {
            Access::Closed => Self::Closed,
            Access::Internal => Self::Internal,
        }
    }
}

impl From<domain::Access> for Access {
    fn from(access: domain::Access) -> Self {
        match access {
            domain::Access::Closed => Self::Closed,
            domain::Access::Internal => Self::Internal,
        }
    }
}

impl Endpoint for ListProjects {
    const META: Meta = Meta {
        id: "project_list",
        method: Method::Get,
        path: "/projects",
        summary: "Lists the projects you may know of, by key or by when they were made.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("project list"),
    };
    type At = ();
    type Query = ProjectsAsked;
    type Body = Nothing;
    type Answer = Page<Project>;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Page<Project>>, Fault> {
        let paging = ask.query.paging().of(&ask.query);
        let after = paging.after(place)?;
        let sort = ask.query.sort.unwrap_or_default().into();
        let filter = ProjectFilter {
            query: ask.query.query.as_ref().map(|words| words.as_str().into()),
            access: ask.query.access.map(Into::into),
        };
        let known = cx.gate.known_projects();
        let rows = cx.directory.projects(&known, filter, (sort, after), paging.limit()).await?;
        let held = |row: &ProjectRow| known.held(row.id).unwrap_or_default();
        Ok(Done::read(paging.page(&rows, place_of, |row| shown(row, held(row)))))
    }
}

impl Endpoint for ShowProject {
    const META: Meta = Meta {
        id: "project_show",
        method: Method::Get,
        path: "/projects/{project}",
        summary: "Shows a project.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("project show"),
    };
    const CONDITIONAL: bool = true;
    type At = ProjectKey;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Project;
    type May = KnownProject;

    async fn call(cx: &Cx, may: KnownProject, _ask: &Ask<Self>) -> Result<Done<Project>, Fault> {
        let row = cx.directory.project(&may).await?;
        Ok(Done::shown(counted(cx, &row, may.held()).await?))
    }
}

impl Endpoint for PutProject {
    const META: Meta = Meta {
        id: "project_put",
        method: Method::Put,
        path: "/projects/{project}",
        summary: "Makes a project, of which you are an administrator then, or sets what one is.",
        since: "0.1",
        audit: &["project.create", "project.update", "project.access"],
        faults: FAULTS,
        cli: Some("project create"),
    };
    const CONDITIONAL: bool = true;
    type At = ProjectKey;
    type Query = Nothing;
    type Body = ProjectWanted;
    type Answer = Project;
    type May = MakeOrChange<Granted<ProjectCreate, Organisation>, Change>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Project>, Fault> {
        let may = match may {
            MakeOrChange::Change(may) => return Self::set(cx, &may, ask).await,
            MakeOrChange::Make(may) => may,
        };
        let wanted = wanted(&ask.body);
        let new = NewProject {
            key: ask.at.clone(),
            title: wanted.title.unwrap_or_else(|| ask.at.as_str().into()),
            description: wanted.description,
            access: wanted.access,
        };
        let client = cx.gate.client();
        cx.rates.take(client, Turn::NewProject)?;
        let made = cx.directory.create_project(&may, new, ask.only_if.of(set_by)).await;
        if ask.dry_run || made.is_err() {
            cx.rates.give_back(client, Turn::NewProject);
        }
        let (row, force) = made?;
        Ok(Done::put(made_shown(cx, &row, force), Some(format!("/projects/{}", row.key)), force))
    }
}

impl Editable for PutProject {
    const PATCH: (&'static str, Option<&'static str>) = ("project_patch", Some("project set"));
    type Edit = Change;

    async fn shown(cx: &Cx, may: &Change, _at: &ProjectKey) -> Result<Project, Fault> {
        Ok(shown(&cx.directory.project_to_change(may).await?, may.held()))
    }

    async fn set(cx: &Cx, may: &Change, ask: &Ask<Self>) -> Result<Done<Project>, Fault> {
        let only_if = ask.only_if.of(set_by);
        let (row, force) = cx.directory.set_project(may, wanted(&ask.body), only_if).await?;
        Ok(Done::put(counted(cx, &row, may.held()).await?, None, force))
    }
}

impl Endpoint for DeleteProject {
    const META: Meta = Meta {
        id: "project_delete",
        method: Method::Delete,
        path: "/projects/{project}",
        summary: "Deletes a project; its key is free at once and gives nothing back.",
        since: "0.1",
        audit: &["project.delete", "repository.delete"],
        faults: &[
            Code::Absent,
            Code::Confirm,
            Code::NotFresh,
            Code::InUse,
            Code::NotEmpty,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("project delete"),
    };
    const CONDITIONAL: bool = true;
    type At = ProjectKey;
    type Query = ProjectGoes;
    type Body = Nothing;
    type Answer = ProjectDeleted;
    type May = (Granted<RepositoryDelete, domain::Project>, Granted<AccessManage, domain::Project>);

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<ProjectDeleted>, Fault> {
        cx.fresh_if(true)?;
        Confirmed::insist(ask.query.confirm.as_deref(), ask.at.as_str())?;
        let with = ask.query.with_repositories.unwrap_or(false);
        let (delete, manage) = &may;
        let only_if = ask.only_if.of(set_by);
        let (gone, force) = cx.directory.remove_project(delete, manage, with, only_if).await?;
        let answer = ProjectDeleted { repositories: gone.repositories, grants: gone.grants };
        Ok(Done::changed(answer, force))
    }
}

fn wanted(body: &ProjectWanted) -> storage::ProjectWanted {
    storage::ProjectWanted {
        title: body.title.as_ref().map(|title| title.as_str().into()),
        description: body.description.as_ref().map_or("", Prose::as_str).into(),
        access: body.access.map(Into::into),
    }
}

fn shown(row: &ProjectRow, held: Permissions) -> Project {
    Project {
        title: row.title.to_string(),
        description: Some(row.description.to_string()).filter(|text| !text.is_empty()),
        access: row.access.into(),
        about: About {
            id: row.id.to_string(),
            key: row.key.to_string(),
            created_at: Moment(row.created_at),
            my_permissions: Rights(held),
            repositories_by_format: None,
        },
    }
}

/// With what is in it, as far as who looks may read: who may know a project learns nothing of the rest of it.
async fn counted(cx: &Cx, row: &ProjectRow, held: Permissions) -> Result<Project, Fault> {
    let by_format = cx.directory.repositories_by_format(&cx.gate.readable(), row.id).await?;
    let by_format = by_format.into_iter().map(|(format, count)| (format.to_string(), count));
    let mut project = shown(row, held);
    project.about.repositories_by_format = Some(by_format.collect());
    Ok(project)
}

/// What ETags are made of does not depend on who looks.
fn set_by(row: &ProjectRow) -> Project {
    shown(row, Permissions::NONE)
}

/// Who made a project administers it, by a grant that the credential that made it may be too narrow for.
fn made_shown(cx: &Cx, row: &ProjectRow, force: InForce) -> Project {
    let held = if force.rehearsed { None } else { cx.gate.known_projects().held(row.id) };
    let mut project = shown(row, held.unwrap_or_default());
    project.about.repositories_by_format = Some(BTreeMap::new());
    project
}
