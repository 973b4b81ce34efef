//! `/applications`, and what of them a project lets in: programs with credentials of their own.

use domain::{
    AccessManage, DirectoryManage, DirectoryView, Granted, Login, Organisation, PrincipalId, Project,
    ProjectKey,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::ApplicationRow;

use crate::at::{ApplicationAt, ProjectApplicationAt};
use crate::change::{Change, Confirmed};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paged as _, Paging, paged};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::words::{KeyText, LoginText, Moment, Rights, Text128, Text200};

/// `GET /applications`
pub enum ListApplications {}

/// `GET /applications/{application}`
pub enum ShowApplication {}

/// `PUT /applications/{application}`
pub enum PutApplication {}

/// `DELETE /applications/{application}`
pub enum DeleteApplication {}

/// `GET /projects/{project}/applications`
pub enum ListAuthorised {}

/// `PUT /projects/{project}/applications/{application}`
pub enum Authorise {}

/// `DELETE /projects/{project}/applications/{application}`
pub enum Withdraw {}

/// What an application is to be.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationWanted {
    /// What people call it; `null` for its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text200>,
    /// What it logs in with, which never changes; `null` for what it has, or a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<LoginText>,
    /// The rights it requests, which it then has where a project authorised them, and nowhere else; `null` for one that has what it
    /// is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<Rights>,
    /// Keys of the projects where those are authorised, all of them; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub authorised: Option<Vec<KeyText>>,
    /// Known, and refused from the next request on; `null` for no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// An application as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// What people call it.
    pub title: String,
    /// What it logs in with.
    pub client_id: String,
    /// The rights it requests; `null` for one that has what it is granted.
    pub requested: Option<Rights>,
    /// Keys of the projects where those are authorised.
    pub authorised: Vec<String>,
    /// Known, and refused.
    pub suspended: bool,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about an application.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ApplicationAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// Tokens that are not revoked.
    pub tokens: u64,
}

/// An application as a project knows it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Authorised {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it may do in the project.
    pub requested: Option<Rights>,
}

paged! {
    /// Which applications.
    ApplicationsAsked {
        /// Those with these words in name or title.
        query: Text128,
    }
}

/// What a change to an application may answer.
const FAULTS: &[Code] = &[
    Code::BeyondOwn,
    Code::Absent,
    Code::NameTaken,
    Code::UnknownName,
    Code::Rule,
    Code::LastAdmin,
    Code::Stale,
    Code::NotYetInForce,
];

impl Endpoint for ListApplications {
    const META: Meta = Meta {
        id: "application_list",
        method: Method::Get,
        path: "/applications",
        summary: "Lists applications, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("app list"),
    };
    type At = ();
    type Query = ApplicationsAsked;
    type Body = Nothing;
    type Answer = Page<Application>;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Application>>, Fault> {
        let paging = ask.query.paging();
        let after = paging.after(|text| ApplicationAt::new(text).map(|at| at.application))?;
        let query = ask.query.query.as_ref().map(|words| words.as_str().into());
        let rows = cx.directory.applications(&may, query, after, paging.limit()).await?;
        Ok(Done::read(paging.page(&rows, |row| row.name.to_string(), shown)))
    }
}

impl Endpoint for ShowApplication {
    const META: Meta = Meta {
        id: "application_show",
        method: Method::Get,
        path: "/applications/{application}",
        summary: "Shows an application.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("app show"),
    };
    const CONDITIONAL: bool = true;
    type At = ApplicationAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Application;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Application>, Fault> {
        Ok(Done::shown(shown(&cx.directory.application(&may, &ask.at.application).await?)))
    }
}

impl Endpoint for PutApplication {
    const META: Meta = Meta {
        id: "application_put",
        method: Method::Put,
        path: "/applications/{application}",
        summary: "Makes an application, or sets what one is.",
        since: "0.1",
        audit: &[
            "application.create",
            "application.update",
            "application.authorise",
            "principal.update",
            "principal.suspend",
            "principal.resume",
        ],
        faults: FAULTS,
        cli: Some("app create"),
    };
    const CONDITIONAL: bool = true;
    type At = ApplicationAt;
    type Query = Nothing;
    type Body = ApplicationWanted;
    type Answer = Application;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Application>, Fault> {
        Self::set(cx, &may, ask).await
    }
}

impl Editable for PutApplication {
    const PATCH: (&'static str, Option<&'static str>) = ("application_patch", Some("app set"));
    type Edit = Granted<DirectoryManage, Organisation>;

    async fn shown(cx: &Cx, may: &Self::Edit, at: &ApplicationAt) -> Result<Application, Fault> {
        Ok(shown(&cx.directory.application(may, &at.application).await?))
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Application>, Fault> {
        let (wanted, only_if) = (wanted(&ask.body), ask.only_if.of(shown));
        let name = &ask.at.application;
        let (row, made, force) = cx.directory.put_application(may, name, wanted, only_if).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeleteApplication {
    const META: Meta = Meta {
        id: "application_delete",
        method: Method::Delete,
        path: "/applications/{application}",
        summary: "Deletes an application with its tokens, grants and memberships.",
        since: "0.1",
        audit: &["application.delete"],
        faults: &[
            Code::Absent,
            Code::Confirm,
            Code::InUse,
            Code::LastAdmin,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("app delete"),
    };
    const CONDITIONAL: bool = true;
    type At = ApplicationAt;
    type Query = Confirmed;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let name = &ask.at.application;
        Confirmed::insist(ask.query.confirm.as_deref(), name)?;
        Ok(Done::told(cx.directory.remove_application(&may, name, ask.only_if.of(shown)).await?))
    }
}

impl Endpoint for ListAuthorised {
    const META: Meta = Meta {
        id: "project_application_list",
        method: Method::Get,
        path: "/projects/{project}/applications",
        summary: "Lists the applications that have what they request in the project.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("app list"),
    };
    type At = ProjectKey;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Authorised>;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Authorised>>, Fault> {
        let after = ask.query.after(|text| text.parse().ok().map(PrincipalId::new))?;
        let rows = cx.directory.applications_in(&may, after, ask.query.limit()).await?;
        let authorised = |row: &ApplicationRow| Authorised {
            name: row.name.to_string(),
            title: row.title.to_string(),
            requested: row.requested.map(Rights),
        };
        Ok(Done::read(ask.query.page(&rows, |row| row.id.to_string(), authorised)))
    }
}

impl Endpoint for Authorise {
    const META: Meta = Meta {
        id: "project_application_authorise",
        method: Method::Put,
        path: "/projects/{project}/applications/{application}",
        summary: "Gives an application in the project what it requests.",
        since: "0.1",
        audit: &["application.authorise"],
        faults: &[Code::BeyondOwn, Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("app authorise"),
    };
    type At = ProjectApplicationAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Ok(Done::told(cx.directory.authorise(&may, &ask.at.application).await?))
    }
}

impl Endpoint for Withdraw {
    const META: Meta = Meta {
        id: "project_application_withdraw",
        method: Method::Delete,
        path: "/projects/{project}/applications/{application}",
        summary: "Takes that back.",
        since: "0.1",
        audit: &["application.withdraw"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("app withdraw"),
    };
    type At = ProjectApplicationAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        Ok(Done::told(cx.directory.withdraw(&may, &ask.at.application).await?))
    }
}

fn wanted(body: &ApplicationWanted) -> storage::ApplicationWanted {
    let key = |key: &KeyText| ProjectKey::parse_folded(key.as_str()).ok();
    storage::ApplicationWanted {
        title: body.title.as_ref().map(|title| title.as_str().into()),
        client_id: body.client_id.as_ref().and_then(|client_id| Login::parse(client_id.as_str()).ok()),
        client_id_if_new: auth::new_client_id(),
        requested: body.requested.map(|requested| requested.0),
        authorised: body.authorised.iter().flatten().filter_map(key).collect(),
        suspended: body.suspended.unwrap_or(false),
    }
}

fn shown(row: &ApplicationRow) -> Application {
    Application {
        title: row.title.to_string(),
        client_id: row.client_id.to_string(),
        requested: row.requested.map(Rights),
        authorised: row.authorised.iter().map(ToString::to_string).collect(),
        suspended: row.suspended,
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            created_at: Moment(row.created_at),
            tokens: row.tokens,
        },
    }
}
