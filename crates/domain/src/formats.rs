use std::sync::Arc;

use crate::browsing::Browsing;
use crate::connecting::{ClientLines, Connecting};
use crate::name::Format;
use crate::repository_policy::{FormatPolicy, InvalidPolicy};

/// A format that this program knows: what its protocol brings for those who keep repositories.
#[derive(Debug, Clone, Copy)]
pub struct KnownFormat {
    /// Its word.
    pub format: Format,
    /// Reads a policy document, which is JSON; strict, and what is not said is as in a new repository.
    pub read_policy: fn(&str) -> Result<FormatPolicy, InvalidPolicy>,
    /// Fields of its policies that are kept for what is still to come, and do nothing yet.
    pub not_enforced: &'static [&'static str],
    /// How its names are packages.
    pub browsing: Browsing,
    /// Where its clients find its repositories, such as `/v2`; `/p/PROJECT/REPOSITORY` follows.
    pub mount: &'static str,
    /// What stands behind that in the address that clients are given; empty where nothing does.
    pub feed: &'static str,
    /// The client programs that `wharfinger connect` sets up for it.
    pub programs: &'static [&'static str],
    /// What its clients are told, to paste; each of them.
    pub clients: fn(&Connecting<'_>) -> Vec<ClientLines>,
}

/// Every format that this program knows, in the order of its list of protocols. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Formats(Arc<[KnownFormat]>);

/// The policy document of a new repository.
const NEW: &str = "{}";

/// A format that this program does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the format `{word}` is unknown here; the known ones are {known}")]
pub struct UnknownFormat {
    /// Its word.
    pub word: Box<str>,
    /// The words of the others, with commas between them.
    pub known: Box<str>,
}

impl Formats {
    /// Those of a list.
    #[must_use]
    pub fn new(known: impl IntoIterator<Item = KnownFormat>) -> Self {
        Self(known.into_iter().collect())
    }

    /// What is known of each, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &KnownFormat> {
        self.0.iter()
    }

    /// The format of this word.
    ///
    /// # Errors
    /// `UnknownFormat`, which names those that there are.
    pub fn find(&self, word: &str) -> Result<KnownFormat, UnknownFormat> {
        let found = self.0.iter().find(|known| known.format.as_str() == word).copied();
        found.ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|known| known.format.as_str()).collect();
            UnknownFormat { word: word.into(), known: known.join(", ").into() }
        })
    }
}

impl KnownFormat {
    /// The policy of a new repository.
    ///
    /// # Errors
    /// `InvalidPolicy` if the format has no defaults, which would be a fault of its protocol.
    pub fn new_policy(&self) -> Result<FormatPolicy, InvalidPolicy> {
        (self.read_policy)(NEW)
    }
}
