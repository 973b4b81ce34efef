use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wrong::{Where, WrongField};
use crate::planned::PlanShown;

/// A failure as `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemDocument {
    /// Leads to an explanation on this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// What programs tell failures apart by.
    #[schemars(extend("x-open-enum" = true))]
    pub code: String,
    /// The same in words; may change.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What can be done about this one; may change.
    pub detail: String,
    /// As in `X-Request-Id` and in the log.
    pub request_id: String,
    /// The permission that is missing, if the caller may know of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Every field that is wrong, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// As it is now, of a plan that was to be applied and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<PlanShown>>,
    /// Whether the change is stored and in force at the node that answered, though not every node has confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<bool>,
}

/// One wrong field of a request.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProblemField {
    /// Where in the body, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// As that of the whole.
    pub code: String,
    /// What it should be.
    pub detail: String,
}

impl ProblemField {
    /// As it is told.
    pub(super) fn of(field: &WrongField) -> Self {
        let (pointer, parameter) = match &field.at {
            Where::Pointer(pointer) => (Some(pointer.clone()), None),
            Where::Parameter(name) => (None, Some(name.clone())),
        };
        let (code, detail) = (field.code.as_str().to_owned(), field.detail.clone().into_owned());
        Self { pointer, parameter, code, detail }
    }
}
