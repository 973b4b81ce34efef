use std::sync::Arc;

use arc_swap::ArcSwap;

/// What addresses of Space's forms call the organisation: its name and its other names. Followed by the wiring, asked without
/// waiting.
#[derive(Debug, Default)]
pub struct OurNames(ArcSwap<Vec<Box<str>>>);

impl OurNames {
    /// These names.
    #[must_use]
    pub fn new(names: Vec<Box<str>>) -> Self {
        Self(ArcSwap::from_pointee(names))
    }

    /// From the next request on it is called by these.
    pub fn set(&self, names: Vec<Box<str>>) {
        self.0.store(Arc::new(names));
    }

    /// What it is called; empty if it has no name.
    pub(crate) fn first(&self) -> String {
        self.0.load().first().map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the organisation is called that.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.load().iter().any(|ours| ours.eq_ignore_ascii_case(name))
    }
}
