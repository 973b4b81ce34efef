//! Documents of the first-run set-up. It is a room of its own and no endpoint: there is nobody yet whom the gate could know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words::Text128;

/// `POST /setup`. No `Debug`: it holds secrets.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupWanted {
    /// The one-time code.
    #[schemars(length(max = 256))]
    pub code: String,
    /// User name of the first administrator.
    pub username: Text128,
    /// Their password; without it there is only the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 12, max = 1024))]
    pub password: Option<String>,
    /// Key of the first project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Text128>,
}

/// What was made. No `Debug`: it holds the token.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SetupDone {
    /// User name of the first administrator.
    pub username: String,
    /// Their first token, told only here.
    pub token: String,
    /// Key of the first project.
    pub project: String,
    /// What was made in it.
    pub repositories: Vec<SetupRepository>,
    /// How this server is reached.
    pub public_url: String,
}

/// A repository of the first project.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SetupRepository {
    /// Project and name.
    pub path: String,
    /// What it holds.
    pub format: String,
    /// Who may read it without logging in.
    pub visibility: String,
}
