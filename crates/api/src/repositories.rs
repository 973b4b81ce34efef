//! `/repositories`: what they are, and who may read without logging in.

use std::collections::BTreeMap;

use domain::{
    Granted, Permission, Permissions, Project, Read, RepositoryCreate, RepositoryDelete, RepositoryPath,
    RepositorySettings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storage::{NewRepository, RepositoryFilter, RepositoryRow};

use crate::at::{At as _, encoded};
use crate::change::{Change, Confirmed};
use crate::counts::CountsAsked;
use crate::endpoint::{Ask, Cx, Done, Endpoint, MakeOrChange, Meta, Method, Nothing, Reader};
use crate::page::{Page, Paged as _, paged};
use crate::patch::Editable;
use crate::policies::PolicyDocument;
use crate::problem::{Code, Fault};
use crate::words::{FormatText, KeyText, Moment, Prose, Rights, Text128};

/// The policy of a new repository: every field as it is where nobody says otherwise.
const NEW: &str = "{}";

/// `GET /repositories`
pub enum ListRepositories {}

/// `GET /repositories/{project}/{repository}`
pub enum ShowRepository {}

/// `PUT /repositories/{project}/{repository}`
pub enum PutRepository {}

/// `DELETE /repositories/{project}/{repository}`
pub enum DeleteRepository {}

/// `PUT /repositories/{project}/{repository}/visibility`
pub enum SetVisibility {}

/// Who may read without logging in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visible {
    /// Everybody or nobody.
    pub visibility: Visibility,
}

/// Everybody or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Visibility {
    /// Everybody may.
    Public,
    /// Nobody may.
    Private,
}

/// What a repository is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepositoryWanted {
    /// The protocol it speaks, such as `oci`; it cannot be changed later.
    pub format: FormatText,
    /// Who may read without logging in; `null` for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// What it is for; `null` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose>,
    /// What it lets happen to its packages, in the words of its format; `null` for what a new repository has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDocument>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A repository as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// The protocol it speaks.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// Who may read without logging in.
    pub visibility: Visibility,
    /// What it is for.
    pub description: Option<String>,
    /// What it lets happen to its packages, every field of its format written out.
    pub policy: Map<String, Value>,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a repository.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RepositoryAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Project and name.
    pub path: String,
    /// When it was made.
    pub created_at: Moment,
    /// What you may do there; `null` in lists.
    pub my_permissions: Option<Rights>,
    /// Where clients fetch and publish, on this server.
    #[serde(default)]
    pub url: Option<String>,
    /// By client program, the line that gives it access.
    #[serde(default)]
    pub connect: BTreeMap<String, String>,
    /// How many versions it has, 10,000 if there are more; `null` in lists and for who may not read there.
    #[serde(default)]
    pub versions: Option<u64>,
    /// Bytes of everything in it, each content once; `null` beyond 10,000 contents, in lists, and for who may not read there.
    #[serde(default)]
    pub bytes: Option<u64>,
}

paged! {
    /// Which repositories.
    RepositoriesAsked {
        /// Those of this project.
        project: KeyText,
        /// Those that speak this protocol.
        format: FormatText,
        /// Those that everybody, or nobody, may read without logging in.
        visibility: Visibility,
        /// Those with these words in name or description.
        query: Text128,
    }
}

/// What a change to a repository may answer.
const FAULTS: &[Code] =
    &[Code::Absent, Code::NameTaken, Code::FormatFixed, Code::Rule, Code::Stale, Code::NotYetInForce];

impl From<domain::Visibility> for Visibility {
    fn from(visibility: domain::Visibility) -> Self {
        match visibility {
            domain::Visibility::Public => Self::Public,
            domain::Visibility::Private => Self::Private,
        }
    }
}

impl From<Visibility> for domain::Visibility {
    fn from(wanted: Visibility) -> Self {
        match wanted {
            Visibility::Public => Self::Public,
            Visibility::Private => Self::Private,
        }
    }
}

impl Endpoint for SetVisibility {
    const META: Meta = Meta {
        id: "repository_visibility",
        method: Method::Put,
        path: "/repositories/{project}/{repository}/visibility",
        summary: "Makes a repository public or private.",
        since: "0.1",
        audit: &["repository.public", "repository.private"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("repository visibility"),
    };
    type At = RepositoryPath;
    type Query = Nothing;
    type Body = Visible;
    type Answer = Change;
    type May = Granted<RepositorySettings>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Ok(Done::told(cx.directory.set_visibility(&may, ask.body.visibility.into()).await?))
    }
}

impl Endpoint for ListRepositories {
    const META: Meta = Meta {
        id: "repository_list",
        method: Method::Get,
        path: "/repositories",
        summary: "Lists the repositories you may read, by project and name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("repository list"),
    };
    type At = ();
    type Query = RepositoriesAsked;
    type Body = Nothing;
    type Answer = Page<Repository>;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<Page<Repository>>, Fault> {
        let paging = ask.query.paging();
        let after = paging.after(|text| RepositoryPath::parse(text).ok())?;
        let filter = RepositoryFilter {
            project: ask
                .query
                .project
                .as_ref()
                .and_then(|key| domain::ProjectKey::parse_folded(key.as_str()).ok()),
            format: ask.query.format.as_ref().map(format).transpose()?,
            visibility: ask.query.visibility.map(Into::into),
            query: ask.query.query.as_ref().map(|words| words.as_str().into()),
        };
        let rows = cx.directory.repositories(&cx.gate.readable(), filter, after, paging.limit()).await?;
        Ok(Done::read(paging.page(&rows, |row| row.path.to_string(), set_by)))
    }
}

impl Endpoint for ShowRepository {
    const META: Meta = Meta {
        id: "repository_show",
        method: Method::Get,
        path: "/repositories/{project}/{repository}",
        summary: "Shows a repository.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("repository show"),
    };
    const CONDITIONAL: bool = true;
    type At = RepositoryPath;
    type Query = CountsAsked;
    type Body = Nothing;
    type Answer = Repository;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Repository>, Fault> {
        let row = cx.directory.repository(&may).await?;
        let counts = ask.query.counts;
        Ok(Done::shown(whole(cx, &row, may.held(), counts).await?))
    }
}

impl Endpoint for PutRepository {
    const META: Meta = Meta {
        id: "repository_put",
        method: Method::Put,
        path: "/repositories/{project}/{repository}",
        summary: "Makes a repository, or sets what one is.",
        since: "0.1",
        audit: &[
            "repository.create",
            "repository.update",
            "repository.policy",
            "repository.public",
            "repository.private",
        ],
        faults: FAULTS,
        cli: Some("repository create"),
    };
    const CONDITIONAL: bool = true;
    type At = RepositoryPath;
    type Query = Nothing;
    type Body = RepositoryWanted;
    type Answer = Repository;
    type May = MakeOrChange<Granted<RepositoryCreate, Project>, Granted<RepositorySettings>>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Repository>, Fault> {
        let may = match may {
            MakeOrChange::Change(may) => return Self::set(cx, &may, ask).await,
            MakeOrChange::Make(may) => may,
        };
        let wanted = wanted(cx, &ask.body)?;
        let new = NewRepository {
            name: ask.at.repository.clone(),
            description: wanted.description,
            format: wanted.format,
            visibility: wanted.visibility,
            policy: Some(wanted.policy.into()),
        };
        let (row, force) = cx.directory.create_repository(&may, new, ask.only_if.of(set_by)).await?;
        let names: Vec<String> = ask.at.names().iter().map(|name| encoded(name)).collect();
        let at = format!("/repositories/{}", names.join("/"));
        Ok(Done::put(whole(cx, &row, may.held(), true).await?, Some(at), force))
    }
}

impl Editable for PutRepository {
    const PATCH: (&'static str, Option<&'static str>) = ("repository_patch", Some("repository set"));
    type Edit = Granted<RepositorySettings>;

    async fn shown(cx: &Cx, may: &Self::Edit, _at: &RepositoryPath) -> Result<Repository, Fault> {
        whole(cx, &cx.directory.repository_to_change(may).await?, may.held(), true).await
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Repository>, Fault> {
        let only_if = ask.only_if.of(set_by);
        let (row, force) = cx.directory.set_repository(may, wanted(cx, &ask.body)?, only_if).await?;
        Ok(Done::put(whole(cx, &row, may.held(), true).await?, None, force))
    }
}

impl Endpoint for DeleteRepository {
    const META: Meta = Meta {
        id: "repository_delete",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}",
        summary: "Deletes a repository with all its packages; its name is free at once and gives nothing back. Not while one is pinned.",
        since: "0.1",
        audit: &["repository.delete"],
        faults: &[Code::Absent, Code::Confirm, Code::InUse, Code::Stale, Code::NotYetInForce],
        cli: Some("repository delete"),
    };
    const CONDITIONAL: bool = true;
    type At = RepositoryPath;
    type Query = Confirmed;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<RepositoryDelete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Confirmed::insist(ask.query.confirm.as_deref(), &ask.at.to_string())?;
        Ok(Done::told(cx.directory.remove_repository(&may, ask.only_if.of(set_by)).await?))
    }
}

/// The word of a format, known here or not: storage says.
fn format(text: &FormatText) -> Result<domain::Format, Fault> {
    domain::Format::parse(text.as_str()).map_err(|wrong| Fault::field("/format", wrong.to_string()))
}

fn wanted(cx: &Cx, body: &RepositoryWanted) -> Result<storage::RepositoryWanted, Fault> {
    let format = format(&body.format)?;
    let document = body.policy.as_ref().map_or_else(|| NEW.to_owned(), PolicyDocument::text);
    Ok(storage::RepositoryWanted {
        format,
        policy: cx.directory.read_policy(format, &document)?,
        visibility: body.visibility.unwrap_or(Visibility::Private).into(),
        description: body.description.as_ref().map_or("", Prose::as_str).into(),
    })
}

/// With how to get at it, and what is in it if that is to be counted, for who may read there.
async fn whole(cx: &Cx, row: &RepositoryRow, held: Permissions, counts: bool) -> Result<Repository, Fault> {
    let mut repository = set_by(row);
    let about = &mut repository.about;
    about.my_permissions = Some(Rights(held));
    let Ok(known) = cx.formats.find(row.format.as_str()) else { return Ok(repository) };
    about.url = Some(format!("{}/p/{}{}", known.mount, row.path, known.feed));
    let line = |program: &&str| {
        ((*program).to_owned(), format!("wharfinger connect {program} --repository {}", row.path))
    };
    about.connect = known.programs.iter().map(line).collect();
    if counts && held.contains(Permission::Read) {
        let (versions, bytes) = cx.directory.repository_contents(row, known.browsing.versions).await?;
        (about.versions, about.bytes) = (Some(versions), bytes);
    }
    Ok(repository)
}

/// What ETags are made of does not depend on who looks.
fn set_by(row: &RepositoryRow) -> Repository {
    Repository {
        format: row.format.to_string(),
        visibility: row.visibility.into(),
        description: Some(row.description.to_string()).filter(|text| !text.is_empty()),
        policy: serde_json::from_str(&row.policy).unwrap_or_default(),
        about: About {
            id: row.id.to_string(),
            path: row.path.to_string(),
            created_at: Moment(row.created_at),
            my_permissions: None,
            url: None,
            connect: BTreeMap::new(),
            versions: None,
            bytes: None,
        },
    }
}
