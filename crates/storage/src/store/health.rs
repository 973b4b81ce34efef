//! Whether what is stored can be read and added to, asked on the way of administration: an overload is no reason to be taken
//! out of service.

use std::sync::Arc;

use domain::RepositoryId;

use super::Storage;
use crate::error::Fault;
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
    pub async fn ready(&self) -> Result<(), Fault> {
        let probe = |tx: &mut dyn Tx| content::repository_exists(tx, RepositoryId::new(0));
        self.health.database.point(probe).await?;
        Ok(self.health.space.require(0)?)
    }

    /// Waits until nothing is written any more, because a disk refused what was to be durable: then the process is to end.
    pub async fn halted(&self) {
        self.health.space.halt().halted().await;
    }

    /// The room on the disk that has the least to spare; `None` where no disk of this machine is used.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        self.health.space.room()
    }
}
