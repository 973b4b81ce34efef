//! Moving all rows to another database, while nobody changes them; contents stay where they are.

use std::path::Path;

use domain::System;

use super::document::BackupDocument;
use super::restore::{Place, fill};
use super::{BackupError, TokensAfter};
use crate::sql::DatabaseConfig;
use crate::store::Storage;

impl Storage {
    /// Copies all rows into an empty database, by way of `scratch`, an empty folder with room for them. Each table is counted there
    /// and its rows have to be those that were read; it is all of it or nothing. What is there then is another history, as after a
    /// restore. Whoever calls sees to it that nobody writes meanwhile, and that this database is not used any more.
    ///
    /// # Errors
    /// `NotEmpty` if the other database is not; failures of either database and of the disk.
    pub async fn move_rows(
        &self,
        system: &System,
        to: DatabaseConfig,
        scratch: &Path,
    ) -> Result<BackupDocument, BackupError> {
        let (tables, contents) = self.read_rows(scratch).await?;
        let now = self.now();
        let document = BackupDocument::new("move".to_owned(), now.millis(), (tables, contents));
        let place = Place::told(to, "organisation.move", (system.reason(), now));
        fill(scratch, &document, place, TokensAfter::Keep).await?;
        Ok(document)
    }
}
