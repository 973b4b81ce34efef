use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::OrganisationNames;

/// What addresses of Space's forms call the organisation, its name and its other names, and what else of it is asked with every page.
/// Followed by the wiring, asked without waiting.
#[derive(Debug)]
pub struct OurNames(ArcSwap<OrganisationNames>);

impl OurNames {
    /// These names.
    #[must_use]
    pub fn new(names: OrganisationNames) -> Self {
        Self(ArcSwap::from_pointee(names))
    }

    /// From the next request on it is called by these.
    pub fn set(&self, names: OrganisationNames) {
        self.0.store(Arc::new(names));
    }

    /// What it is called; empty if it has no name.
    pub(crate) fn first(&self) -> String {
        self.0.load().names.first().map(ToString::to_string).unwrap_or_default()
    }

    /// Whether who is nobody is shown what is public on the first page of the console.
    pub(crate) fn shows_landing(&self) -> bool {
        self.0.load().public_landing
    }

    /// Whether the organisation is called that.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.load().names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
    }
}
