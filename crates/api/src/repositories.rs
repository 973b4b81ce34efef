//! `/repositories/{project}/{repository}`: what can be set about a repository.

use domain::{Granted, RepositoryPath, RepositorySettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};

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
