use domain::{AuditView, Granted, Node, NodeId, Organisation, Own, System};

use super::Directory;
use crate::audit::{AuditEvent, AuditFilter, AuditHead, AuditPage};
use crate::error::DirectoryError;
use crate::sql::audit::{self, Asked, Scope};
use crate::sql::{Tx, nodes};

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
        let read = move |tx: &mut dyn Tx| {
            let is_project = nodes::project_of(tx, node)?.map(NodeId::from) == Some(node);
            let scope = match node {
                NodeId::ORGANISATION => Scope::Everywhere,
                node if is_project => Scope::Project(node),
                node => Scope::Repository(node),
            };
            audit::page(tx, &Asked { scope, filter, page })
        };
        Ok(self.database.read(read).await?)
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
        let asked = Asked { scope: Scope::By(own.principal()), filter, page };
        Ok(self.database.read(move |tx: &mut dyn Tx| audit::page(tx, &asked)).await?)
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

    /// The same, for who writes it down where the database is not.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn audit_head_to_note(&self, _system: &System) -> Result<AuditHead, DirectoryError> {
        Ok(self.database.point(audit::head).await?)
    }
}
