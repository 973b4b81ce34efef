//! `…/roles`: what a grant of a role gives, everywhere and at once. The same operations at the organisation, whose predefined roles are
//! the templates of new projects, and at a project.

use std::marker::PhantomData;

use domain::{AccessManage, Granted, Organisation, Project, ProjectKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{HasRoles, RoleRow};

use crate::at::{At, Names, ProjectRoleAt, RoleAt, encoded};
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, Meta, Method, Nothing, On};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Rights;

/// `GET …/roles`
pub struct ListRoles<N>(PhantomData<fn() -> N>);

/// `GET …/roles/{role}`
pub struct ShowRole<N>(PhantomData<fn() -> N>);

/// `PUT …/roles/{role}`
pub struct PutRole<N>(PhantomData<fn() -> N>);

/// `POST …/roles/{role}/reset`
pub struct ResetRole<N>(PhantomData<fn() -> N>);

/// `DELETE …/roles/{role}`
pub struct DeleteRole<N>(PhantomData<fn() -> N>);

/// A node that has roles at an address.
pub trait Roles: GuardedNode + HasRoles {
    /// What the path of the list names.
    type At: At + Names<Self>;
    /// What the path of one names.
    type RoleAt: At + Names<Self> + Named;
    /// Of the list, of one, and of its reset.
    const PATHS: [&'static str; 3];
    /// Of the five operations.
    const IDS: [&'static str; 5];
}

/// A path that names a role.
pub trait Named {
    /// The role's name.
    fn role(&self) -> &str;

    /// Where it is found, below `/api/v1`.
    fn path(&self) -> String;
}

impl Roles for Organisation {
    type At = ();
    type RoleAt = RoleAt;
    const PATHS: [&'static str; 3] =
        ["/organisation/roles", "/organisation/roles/{role}", "/organisation/roles/{role}/reset"];
    const IDS: [&'static str; 5] = [
        "organisation_role_list",
        "organisation_role_show",
        "organisation_role_put",
        "organisation_role_reset",
        "organisation_role_delete",
    ];
}

impl Roles for Project {
    type At = ProjectKey;
    type RoleAt = ProjectRoleAt;
    const PATHS: [&'static str; 3] = [
        "/projects/{project}/roles",
        "/projects/{project}/roles/{role}",
        "/projects/{project}/roles/{role}/reset",
    ];
    const IDS: [&'static str; 5] = [
        "project_role_list",
        "project_role_show",
        "project_role_put",
        "project_role_reset",
        "project_role_delete",
    ];
}

impl Named for RoleAt {
    fn role(&self) -> &str {
        &self.role
    }

    fn path(&self) -> String {
        format!("/organisation/roles/{}", encoded(&self.role))
    }
}

impl Named for ProjectRoleAt {
    fn role(&self) -> &str {
        &self.role
    }

    fn path(&self) -> String {
        format!("/projects/{}/roles/{}", self.project, encoded(&self.role))
    }
}

/// What a role is to hold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleWanted {
    /// Everything it holds.
    pub permissions: Rights,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A role as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Everything it holds.
    pub permissions: Rights,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a role.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoleAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is one of the predefined ones.
    pub builtin: bool,
    /// What it can be given at most; what it holds, if it is fixed.
    pub may_hold: Rights,
    /// Whether a reset would change it.
    pub differs_from_template: bool,
    /// Grants of it.
    pub holders: u64,
}

/// What a role is deleted with.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct RoleGoes {
    /// Whether the grants of it may go too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_grants: Option<bool>,
}

/// What goes with a role.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RoleDeleted {
    /// Grants of it.
    pub grants: u64,
}

/// What a change to a role may answer.
const FAULTS: &[Code] = &[
    Code::BeyondOwn,
    Code::Absent,
    Code::Rule,
    Code::Builtin,
    Code::NotFresh,
    Code::Stale,
    Code::NotYetInForce,
];

impl<N: Roles> Endpoint for ListRoles<N> {
    const META: Meta = Meta {
        id: N::IDS[0],
        method: Method::Get,
        path: N::PATHS[0],
        summary: "Lists the roles of this node, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("role list"),
    };
    type At = N::At;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Role>;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Role>>, Fault> {
        let after = ask.query.after(|text| RoleAt::new(text).map(|at| at.role))?;
        let rows = cx.directory.roles(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.name.to_string(), shown)))
    }
}

impl<N: Roles> Endpoint for ShowRole<N> {
    const META: Meta = Meta {
        id: N::IDS[1],
        method: Method::Get,
        path: N::PATHS[1],
        summary: "Shows a role.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("role show"),
    };
    const CONDITIONAL: bool = true;
    type At = N::RoleAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Role;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Role>, Fault> {
        Ok(Done::shown(shown(&cx.directory.role(&may, ask.at.role()).await?)))
    }
}

impl<N: Roles> Endpoint for PutRole<N> {
    const META: Meta = Meta {
        id: N::IDS[2],
        method: Method::Put,
        path: N::PATHS[1],
        summary: "Makes a role, or sets what one holds; whoever holds it is given and taken that at once.",
        since: "0.1",
        audit: &["role.create", "role.update"],
        faults: FAULTS,
        cli: Some("role set"),
    };
    const CONDITIONAL: bool = true;
    type At = N::RoleAt;
    type Query = Nothing;
    type Body = RoleWanted;
    type Answer = Role;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Role>, Fault> {
        cx.fresh_if(N::ON == On::Organisation)?;
        let (permissions, only_if) = (ask.body.permissions.0, ask.only_if.of(shown));
        let (row, made, force) = cx.directory.put_role(&may, ask.at.role(), permissions, only_if).await?;
        Ok(Done::put(shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl<N: Roles> Endpoint for ResetRole<N> {
    const META: Meta = Meta {
        id: N::IDS[3],
        method: Method::Post,
        path: N::PATHS[2],
        summary: "Makes a predefined role what its template says: that of the organisation, and there what is predefined.",
        since: "0.1",
        audit: &["role.update"],
        faults: FAULTS,
        cli: Some("role reset"),
    };
    type At = N::RoleAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Role;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Role>, Fault> {
        let (row, force) = cx.directory.reset_role(&may, ask.at.role()).await?;
        Ok(Done::changed(shown(&row), force))
    }
}

impl<N: Roles> Endpoint for DeleteRole<N> {
    const META: Meta = Meta {
        id: N::IDS[4],
        method: Method::Delete,
        path: N::PATHS[1],
        summary: "Deletes a role that is not predefined.",
        since: "0.1",
        audit: &["role.delete"],
        faults: &[Code::Absent, Code::Builtin, Code::InUse, Code::Stale, Code::NotYetInForce],
        cli: Some("role delete"),
    };
    const CONDITIONAL: bool = true;
    type At = N::RoleAt;
    type Query = RoleGoes;
    type Body = Nothing;
    type Answer = RoleDeleted;
    type May = Granted<AccessManage, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<RoleDeleted>, Fault> {
        let with = ask.query.with_grants.unwrap_or(false);
        let only_if = ask.only_if.of(shown);
        let (grants, force) = cx.directory.remove_role(&may, ask.at.role(), with, only_if).await?;
        Ok(Done::changed(RoleDeleted { grants }, force))
    }
}

fn shown(row: &RoleRow) -> Role {
    Role {
        permissions: Rights(row.permissions),
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            builtin: row.builtin,
            may_hold: Rights(row.may_hold),
            differs_from_template: row.template.is_some_and(|template| template != row.permissions),
            holders: row.holders,
        },
    }
}
