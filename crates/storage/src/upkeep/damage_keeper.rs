//! Noting what was found damaged, and finding again what came back.

use domain::System;

use crate::damage;
use crate::error::Fault;
use crate::store::Storage;

impl Storage {
    /// Writes down which contents were found damaged since, and looks at one of those that were asked for, whether it still is. Gives how
    /// many contents it was about.
    ///
    /// # Errors
    /// Failures of the database; nothing is forgotten.
    pub async fn tend_damaged(&self, _system: &System) -> Result<u64, Fault> {
        let noted = damage::settle(&self.shared).await?;
        Ok(noted.saturating_add(damage::look_again(&self.shared).await?.into()))
    }
}
