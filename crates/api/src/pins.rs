//! `/repositories/{project}/{repository}/packages/{package}/versions/{version}/pin`: what nobody removes or replaces.

use domain::{Browsing, EntryKey, Format, Formats, Granted, RepositorySettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::NewPin;

use crate::at::{VersionAt, absent};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
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
        let (by, key) = named(&cx.formats, may.node().format(), &ask.at)?;
        if !ask.body.pinned {
            return Ok(Done::told(cx.directory.unpin(&may, &key).await?));
        }
        let reason = ask.body.reason.as_ref().map_or("", Text200::as_str).into();
        let new = NewPin { parts: (by.parts)(&key).map(Into::into), key, reason };
        Ok(Done::told(cx.directory.pin(&may, new).await?))
    }
}

/// The version that a path means in a repository of this format.
fn named(formats: &Formats, format: Format, at: &VersionAt) -> Result<(Browsing, EntryKey), Fault> {
    let by = formats.find(format.as_str()).map_err(|_| absent())?.browsing;
    let package = (by.package)(&at.package.package).ok_or_else(absent)?;
    let (kind, name) = (by.version)(&at.version).ok_or_else(absent)?;
    Ok((by, EntryKey { kind, package, name }))
}
