//! What a server tells of itself, besides what is kept.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A format that repositories can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServedFormat {
    /// Its word, which a repository is made with.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// How the paths of its repositories begin, such as `/maven`.
    pub prefix: String,
}

/// Every format that this server serves, by word. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct ServedFormats(Arc<[ServedFormat]>);

impl ServedFormats {
    /// Those of a list, each as its word and where it is served.
    #[must_use]
    pub fn new<'a>(served: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let served = served.into_iter();
        let mut served: Vec<ServedFormat> = served
            .map(|(format, prefix)| ServedFormat { format: format.to_owned(), prefix: prefix.to_owned() })
            .collect();
        served.sort_by(|one, other| one.format.cmp(&other.format));
        Self(served.into())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ServedFormat> {
        self.0.iter()
    }
}
