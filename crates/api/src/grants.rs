//! `…/grants`: who may do what at a node. The same three operations at the organisation, a project and a repository.

use std::marker::PhantomData;

use domain::{AccessManage, GrantId, Granted, Organisation, Project, ProjectKey, Repository, RepositoryPath};
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{GrantRow, GrantedSpec};

use crate::at::{At, Names};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, Meta, Method, Nothing, On};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::{Moment, Rights, SubjectRef, Text128};

/// `GET …/grants`
pub struct ListGrants<N>(PhantomData<fn() -> N>);

/// `PUT …/grants`
pub struct PutGrant<N>(PhantomData<fn() -> N>);

/// `DELETE …/grants`
pub struct DeleteGrant<N>(PhantomData<fn() -> N>);

/// A node that has grants at an address.
pub trait HasGrants: GuardedNode {
    /// What the path names.
    type At: At + Names<Self>;
    /// The address.
    const PATH: &'static str;
    /// Of the three operations.
    const IDS: [&'static str; 3];
}

impl HasGrants for Organisation {
    type At = ();
    const PATH: &'static str = "/organisation/grants";
    const IDS: [&'static str; 3] =
        ["organisation_grant_list", "organisation_grant_put", "organisation_grant_delete"];
}

impl HasGrants for Project {
    type At = ProjectKey;
    const PATH: &'static str = "/projects/{project}/grants";
    const IDS: [&'static str; 3] = ["project_grant_list", "project_grant_put", "project_grant_delete"];
}

impl HasGrants for Repository {
    type At = RepositoryPath;
    const PATH: &'static str = "/repositories/{project}/{repository}/grants";
    const IDS: [&'static str; 3] =
        ["repository_grant_list", "repository_grant_put", "repository_grant_delete"];
}

/// A grant to make. Role or permissions, not both.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GrantWanted", transform = either)]
#[serde(deny_unknown_fields)]
pub struct GrantWanted {
    /// Who gets it.
    pub to: SubjectRef,
    /// What this role holds whenever it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text128>,
    /// Exactly these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Rights>,
    /// From this moment on it holds no longer; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A grant as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// Who has it.
    pub to: String,
    /// What this role holds whenever it is asked; `null` for a grant of permissions.
    pub role: Option<String>,
    /// Exactly these; `null` for a grant of a role.
    pub permissions: Option<Rights>,
    /// From this moment on it holds no longer; `null` never ends.
    pub expires: Option<Moment>,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a grant.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GrantAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// When it was made.
    pub created_at: Moment,
}

/// Which grant of a node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct GrantNamed {
    /// Who has it.
    pub to: SubjectRef,
    /// The one of this role; without it the one of permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text128>,
}

impl<N: HasGrants> Endpoint for ListGrants<N> {
    const META: Meta = Meta {
        id: N::IDS[0],
        method: Method::Get,
        path: N::PATH,
        summary: "Lists the grants on this node itself, not those it inherits.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("grant list"),
    };
    type At = N::At;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Grant>;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Grant>>, Fault> {
        let after = ask.query.after(|text| text.parse().ok().map(GrantId::new))?;
        let rows = cx.directory.grants(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.id.to_string(), shown)))
    }
}

impl<N: HasGrants> Endpoint for PutGrant<N> {
    const META: Meta = Meta {
        id: N::IDS[1],
        method: Method::Put,
        path: N::PATH,
        summary: "Makes a grant, or replaces the one of the same subject and role.",
        since: "0.1",
        audit: &["grant.put"],
        faults: &[
            Code::BeyondOwn,
            Code::NotFresh,
            Code::UnknownName,
            Code::Rule,
            Code::Builtin,
            Code::Absent,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("grant put"),
    };
    type At = N::At;
    type Query = Nothing;
    type Body = GrantWanted;
    type Answer = Change;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        cx.fresh_if(N::ON == On::Organisation)?;
        let GrantWanted { to, role, permissions, expires, about: _ } = &ask.body;
        let what = match (role, permissions) {
            (Some(role), None) => GrantedSpec::Role(role.as_str().into()),
            (None, Some(some)) => GrantedSpec::Permissions(some.0),
            _ => return Err(Fault::field("", EITHER)),
        };
        let expires = expires.map(|expires| expires.0);
        Ok(Done::told(cx.directory.put_grant(&may, to.as_str(), what, expires).await?))
    }
}

impl<N: HasGrants> Endpoint for DeleteGrant<N> {
    const META: Meta = Meta {
        id: N::IDS[2],
        method: Method::Delete,
        path: N::PATH,
        summary: "Deletes a grant.",
        since: "0.1",
        audit: &["grant.delete"],
        faults: &[
            Code::Absent,
            Code::UnknownName,
            Code::Rule,
            Code::Builtin,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("grant delete"),
    };
    type At = N::At;
    type Query = GrantNamed;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (to, role) = (ask.query.to.as_str(), ask.query.role.as_ref().map(Text128::as_str));
        Ok(Done::told(cx.directory.delete_grant(&may, to, role).await?))
    }
}

pub(crate) const EITHER: &str = "a grant has either a role or permissions";

/// Of the two fields exactly one is not `null`.
fn either(schema: &mut schemars::Schema) {
    let form = |name: &str, kind: &str| {
        json_schema!({ "properties": { name: { "type": kind } }, "required": [name] }).to_value()
    };
    let forms = vec![form("role", "string"), form("permissions", "array")];
    schema.insert("oneOf".to_owned(), forms.into());
    schema.insert("x-rule".to_owned(), EITHER.into());
}

fn shown(row: &GrantRow) -> Grant {
    let (role, permissions) = match &row.what {
        GrantedSpec::Role(role) => (Some(role.to_string()), None),
        GrantedSpec::Permissions(some) => (None, Some(Rights(*some))),
    };
    Grant {
        to: row.to.to_string(),
        role,
        permissions,
        expires: row.expires.map(Moment),
        about: About { id: row.id.to_string(), created_at: Moment(row.created_at) },
    }
}
