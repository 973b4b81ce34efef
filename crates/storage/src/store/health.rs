//! Whether what is stored can be read and added to, asked on the way of administration: an overload is no reason to be taken
//! out of service.

use std::sync::Arc;

use domain::RepositoryId;

use super::Storage;
use crate::error::Error;
use crate::space::{Room, Space};
use crate::sql::{Administration, Tx, content};

/// What health looks at. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Health {
    pub(crate) database: Administration,
    pub(crate) space: Arc<Space>,
}

impl Storage {
    /// Whether rows can be read and content be stored at this moment.
    ///
    /// # Errors
    /// `Unavailable` if rows cannot be read, `NoSpace` if less room is left than content may use.
    pub async fn ready(&self) -> Result<(), Error> {
        let probe = |tx: &mut dyn Tx| content::repository_exists(tx, RepositoryId::new(0));
        self.health.database.point(probe).await?;
        self.health.space.require(0)
    }

    /// The room on the disk that has the least to spare; `None` where no disk of this machine is used.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        self.health.space.room()
    }
}
