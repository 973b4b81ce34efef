//! `/export`: what is there, as a document that can be applied (docs/api.md 5).

use domain::{AccessManage, DirectoryManage, DirectoryView, Granted, Organisation, Project, ProjectKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::Plan;

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::plans::Document;
use crate::problem::{Code, Fault};

/// `GET /export`
pub enum Export {}

/// `GET /projects/{project}/export`
pub enum ExportProject {}

/// What is asked for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct ExportAsked {
    /// With ids and hashes of tokens; takes `directory-manage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_hashes: Option<bool>,
}

impl Endpoint for Export {
    const META: Meta = Meta {
        id: "export",
        method: Method::Get,
        path: "/export",
        summary: "Everything a document can say of the organisation, as it is. Passwords are never told.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Rule],
        cli: Some("export"),
    };
    type At = ();
    type Query = ExportAsked;
    type Body = Nothing;
    type Answer = Document;
    type May = (Granted<AccessManage, Organisation>, Granted<DirectoryView, Organisation>);

    async fn call(cx: &Cx, (may, also): Self::May, ask: &Ask<Self>) -> Result<Done<Document>, Fault> {
        let hashes = ask.query.token_hashes == Some(true);
        if hashes {
            let _: Granted<DirectoryManage, Organisation> = cx.gate.check(Organisation)?;
        }
        written(&cx.directory.export(&may, &also).await?, hashes)
    }
}

impl Endpoint for ExportProject {
    const META: Meta = Meta {
        id: "project_export",
        method: Method::Get,
        path: "/projects/{project}/export",
        summary: "Everything a document can say of a project, as it is: its roles, repositories and grants.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::Rule],
        cli: Some("export"),
    };
    type At = ProjectKey;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Document;
    type May = Granted<AccessManage, Project>;

    async fn call(cx: &Cx, may: Self::May, _ask: &Ask<Self>) -> Result<Done<Document>, Fault> {
        written(&cx.directory.export_project(&may).await?, false)
    }
}

fn written(plan: &Plan, hashes: bool) -> Result<Done<Document>, Fault> {
    let unwritable = || Fault::Told(Code::Rule, "something has a name that no document can have".into());
    Document::of(plan, hashes).map(Done::read).ok_or_else(unwritable)
}
