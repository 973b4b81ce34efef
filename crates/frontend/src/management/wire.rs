//! Documents of the API. Unknown fields are refused, so that a misspelt limit never means "unlimited".

use ::http::HeaderValue;
use bytes::Bytes;
use domain::{Permission, Permissions, Timestamp, TokenState, Visibility};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::Bad;
use crate::time;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `POST …/tokens`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTokenBody {
    pub(super) name: String,
    /// Absent: everything its owner may.
    pub(super) limits: Option<Vec<LimitBody>>,
    /// Absent: never.
    pub(super) expires: Option<String>,
}

/// What a token may do where.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitBody {
    pub(super) on: String,
    pub(super) permissions: Vec<String>,
}

/// `PUT …/tokens/{id}/state`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateBody {
    state: String,
}

/// `PUT /principals/{principal}/suspended`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspendedBody {
    pub(super) suspended: bool,
}

/// `PUT …/grants`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantBody {
    pub(super) to: String,
    pub(super) role: Option<String>,
    pub(super) permissions: Option<Vec<String>>,
    pub(super) expires: Option<String>,
}

/// `PUT …/visibility`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VisibilityBody {
    visibility: String,
}

/// `POST /setup`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupBody {
    pub(crate) code: String,
    pub(crate) username: String,
    pub(crate) password: Option<String>,
    pub(crate) project: Option<String>,
}

impl StateBody {
    /// Only downwards: nothing is made active again.
    pub(super) fn parse(&self) -> Result<TokenState, Bad> {
        match self.state.as_str() {
            "disabled" => Ok(TokenState::Disabled),
            "revoked" => Ok(TokenState::Revoked),
            _ => Err(Bad::Field("state must be disabled or revoked")),
        }
    }
}

impl VisibilityBody {
    pub(super) fn parse(&self) -> Result<Visibility, Bad> {
        match self.visibility.as_str() {
            "public" => Ok(Visibility::Public),
            "private" => Ok(Visibility::Private),
            _ => Err(Bad::Field("visibility must be public or private")),
        }
    }
}

/// Reads a body. The message of the reader says where and what, and repeats nothing of a value.
pub(crate) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Bad> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => shape(&error.to_string()),
            _ => "the body is not valid JSON".to_owned(),
        };
        Bad::Json(format!("{what} (line {}, column {})", error.line(), error.column()))
    })
}

/// Field names are ours and may be shown; values may be secrets and are not.
fn shape(message: &str) -> String {
    let known = ["unknown field", "missing field", "duplicate field"];
    match known.iter().find(|start| message.starts_with(**start)) {
        Some(_) => message.split(" at line ").next().unwrap_or_default().chars().take(200).collect(),
        None => "a field of the body has the wrong type".to_owned(),
    }
}

pub(super) fn permissions(words: &[String]) -> Result<Permissions, Bad> {
    words
        .iter()
        .map(|word| Permission::parse(word))
        .collect::<Result<_, _>>()
        .map_err(|_| Bad::Field("there is a permission that does not exist"))
}

pub(super) fn words(permissions: Permissions) -> Vec<&'static str> {
    permissions.iter().map(Permission::as_str).collect()
}

pub(super) fn expires(text: Option<&str>) -> Result<Option<Timestamp>, Bad> {
    let wrong = Bad::Field("expires must be a time such as 2030-01-01T00:00:00Z");
    text.map(|text| time::parse(text).ok_or(wrong)).transpose()
}

pub(super) const fn state(state: TokenState) -> &'static str {
    match state {
        TokenState::Active => "active",
        TokenState::Disabled => "disabled",
        TokenState::Revoked => "revoked",
    }
}

#[cfg(test)]
mod tests;
