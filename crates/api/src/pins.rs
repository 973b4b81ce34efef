//! `/repositories/{project}/{repository}/packages/{package}/versions/{version}/pin`: what nobody removes or replaces.

use domain::{Granted, RepositorySettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::NewPin;

use crate::at::VersionAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::versions::version_named;
use crate::words::Text200;

/// `PUT /repositories/{project}/{repository}/packages/{package}/versions/{version}/pin`
pub enum PinVersion {}

/// Whether a version is pinned, and why.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pinning {
    /// A pinned version is neither removed nor replaced, by whatever way and by whomever.
    pub pinned: bool,
    /// Why: whoever meets the pin is told. A version that is to be pinned needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text200>,
}

impl Endpoint for PinVersion {
    const META: Meta = Meta {
        id: "version_pin",
        method: Method::Put,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/pin",
        summary: "Pins a version, so that it is neither removed nor replaced, or takes that back.",
        since: "0.1",
        audit: &["version.pin", "version.unpin"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("version pin"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Pinning;
    type Answer = Change;
    type May = Granted<RepositorySettings>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (by, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        if !ask.body.pinned {
            return Ok(Done::told(cx.directory.unpin(&may, &key).await?));
        }
        let reason = ask.body.reason.as_ref().map_or("", Text200::as_str).into();
        let new = NewPin { parts: (by.parts)(&key).map(Into::into), key, reason };
        Ok(Done::told(cx.directory.pin(&may, new).await?))
    }
}
