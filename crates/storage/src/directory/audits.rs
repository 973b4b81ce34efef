use domain::{AuditView, Granted, Node, NodeId, Organisation, Own};

use super::Directory;
use crate::audit::{AuditEvent, AuditFilter, AuditHead, AuditPage};
use crate::error::DirectoryError;
use crate::sql::Tx;
use crate::sql::audit::{self, Asked};

impl Directory {
    /// Events of the node of the proof and of what is in it, as they are called since: what happened in a node that is gone is seen
    /// from the organisation alone.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn audit<N: Node>(
        &self,
        may: &Granted<AuditView, N>,
        filter: AuditFilter,
        page: AuditPage,
    ) -> Result<Vec<AuditEvent>, DirectoryError> {
        let node = may.node().node_id();
        let within = Some(node).filter(|node| *node != NodeId::ORGANISATION);
        self.audited(Asked { within, by: None, filter, page }).await
    }

    /// What one did oneself, wherever.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn own_audit(
        &self,
        own: &Own,
        filter: AuditFilter,
        page: AuditPage,
    ) -> Result<Vec<AuditEvent>, DirectoryError> {
        self.audited(Asked { within: None, by: Some(own.principal()), filter, page }).await
    }

    /// Where the chain of administrative events stands.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn audit_head(
        &self,
        _may: &Granted<AuditView, Organisation>,
    ) -> Result<AuditHead, DirectoryError> {
        Ok(self.database.point(audit::head).await?)
    }

    async fn audited(&self, asked: Asked) -> Result<Vec<AuditEvent>, DirectoryError> {
        Ok(self.database.read(move |tx: &mut dyn Tx| audit::page(tx, &asked)).await?)
    }
}
