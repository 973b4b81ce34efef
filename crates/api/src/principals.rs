//! `/principals/{principal}`: whether somebody may do anything at all.

use domain::{DirectoryManage, Granted, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::PrincipalAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};

/// `PUT /principals/{principal}/suspended`
pub enum Suspend {}

/// Whether everything of somebody is refused.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspended {
    /// From the next request on.
    pub suspended: bool,
}

impl Endpoint for Suspend {
    const META: Meta = Meta {
        id: "principal_suspend",
        method: Method::Put,
        path: "/principals/{principal}/suspended",
        summary: "Suspends somebody, or takes that back.",
        since: "0.1",
        audit: &["principal.suspend", "principal.resume"],
        faults: &[Code::Absent, Code::LastAdmin, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("principal suspend"),
    };
    type At = PrincipalAt;
    type Query = Nothing;
    type Body = Suspended;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let done = cx.directory.set_suspended(&may, ask.at.as_str(), ask.body.suspended).await;
        Ok(Done::told(ask.at.found(done)?))
    }
}
