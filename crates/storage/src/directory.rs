//! x
use crate::store::Shared;
use std::sync::Arc;
mod sources;
use sources::Facts;
/// Administration.
#[derive(Clone)]
pub struct Directory {
    shared: Arc<Shared>,
}
impl Directory {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
    pub(crate) fn credential_source(&self) -> Facts {
        Facts { shared: Arc::clone(&self.shared) }
    }
    pub(crate) fn grant_source(&self) -> Facts {
        Facts { shared: Arc::clone(&self.shared) }
    }
}
