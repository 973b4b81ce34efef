//! Whether an answer counts what there is, which takes the longer the more there is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words::yes;

/// What is asked of the one thing that is shown.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct CountsAsked {
    /// Whether what is in it gets counted; otherwise what is counted is `null`.
    #[serde(default = "yes")]
    pub counts: bool,
}

impl Default for CountsAsked {
    fn default() -> Self {
        Self { counts: yes() }
    }
}
