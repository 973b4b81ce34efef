//! What has been collected and what waits to be removed.

use domain::{AuditView, Granted, Limit, Organisation};

use super::Directory;
use crate::error::DirectoryError;
use crate::sql::Tx;
use crate::sql::collected::{self, GarbageRow};

impl Directory {
    /// What became of garbage: first of all repositories together, then of each where something was collected, after one of them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn garbage(
        &self,
        _may: &Granted<AuditView, Organisation>,
        after: Option<i64>,
        limit: Limit,
    ) -> Result<Vec<GarbageRow>, DirectoryError> {
        let read = move |tx: &mut dyn Tx| collected::told(tx, after, limit.rows());
        Ok(self.database.read(read).await?)
    }
}
