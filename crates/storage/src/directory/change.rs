use domain::{
    GrantId, Granted, Node, NodeId, Own, PolicyVersion, PrincipalId, Right, System, Timestamp, TokenId,
};

use crate::error::Error;
use crate::sql::Tx;
use crate::sql::directory as rows;
use crate::sql::records::{self, AuditRow, Changed};

/// Who changes something, from where: taken out of the proof, for the audit.
#[derive(Clone)]
pub(super) struct Author {
    principal: Option<PrincipalId>,
    reason: &'static str,
    token: Option<TokenId>,
    request: Option<String>,
    address: Option<String>,
    agent: Option<String>,
}

/// One administrative change: its transaction, the version it draws once something really changed, and its audit.
pub(super) struct Change<'t> {
    pub(super) tx: &'t mut dyn Tx,
    pub(super) now: Timestamp,
    author: Author,
    version: Option<PolicyVersion>,
    pub(super) changed: u64,
}

/// What the audit says about one object.
pub(super) struct Event<'a> {
    pub(super) action: &'a str,
    pub(super) node: Option<NodeId>,
    pub(super) kind: Changed,
    pub(super) object: i64,
    pub(super) name: &'a str,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

impl Author {
    pub(super) fn of<R: Right, N: Node>(may: &Granted<R, N>) -> Self {
        Self::caller(may.principal(), may.token(), may.origin())
    }

    pub(super) fn owner(own: &Own) -> Self {
        Self::caller(own.principal(), own.token(), own.origin())
    }

    pub(super) const fn system(system: &System) -> Self {
        let reason = system.reason();
        Self { principal: None, reason, token: None, request: None, address: None, agent: None }
    }

    fn caller(principal: PrincipalId, token: Option<TokenId>, origin: &domain::Origin) -> Self {
        Self {
            principal: Some(principal),
            reason: "",
            token,
            request: Some(origin.request.to_string()),
            address: origin.address.map(|address| address.to_string()),
            agent: origin.agent.as_deref().map(str::to_owned),
        }
    }

    /// Who makes rows; `org-admins` stands for the gateway itself.
    pub(super) fn id(&self) -> u32 {
        self.principal.map_or(domain::TeamId::ORG_ADMINS.get(), PrincipalId::get)
    }

    pub(super) const fn principal(&self) -> Option<PrincipalId> {
        self.principal
    }
}

impl<'t> Change<'t> {
    pub(super) fn new(tx: &'t mut dyn Tx, author: Author, now: Timestamp) -> Self {
        Self { tx, now, author, version: None, changed: 0 }
    }

    pub(super) const fn author(&self) -> &Author {
        &self.author
    }

    /// The version drawn, if anything changed.
    pub(super) const fn version(&self) -> Option<PolicyVersion> {
        self.version
    }

    /// Notes that an object is other than it was, for those who follow and for the audit.
    pub(super) fn happened(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.mark(event.kind, event.object)?;
        self.changed = self.changed.saturating_add(1);
        let version = self.drawn()?;
        let actor = match self.author.principal {
            Some(id) => rows::principal(self.tx, id)?,
            None => None,
        };
        let (actor_kind, actor_name) = match (&actor, self.author.principal) {
            (Some(row), _) => (row.kind.as_str(), &*row.name),
            (None, Some(_)) => ("removed", ""),
            (None, None) => ("system", self.author.reason),
        };
        records::insert_audit(
            self.tx,
            &AuditRow {
                at: self.now,
                action: event.action,
                actor: self.author.principal.map(PrincipalId::get),
                actor_kind,
                actor_name,
                token: self.author.token.and_then(|id| i64::try_from(id.get()).ok()),
                request: self.author.request.as_deref(),
                address: self.author.address.as_deref(),
                agent: self.author.agent.as_deref(),
                node: event.node.map(NodeId::get),
                object_kind: event.kind.as_str(),
                object: Some(event.object),
                object_name: event.name,
                before: event.before,
                after: event.after,
                version,
            },
        )
    }

    /// Notes a change for those who follow, without an event of its own in the audit.
    pub(super) fn mark(&mut self, kind: Changed, object: i64) -> Result<(), Error> {
        let version = self.drawn()?;
        records::insert_change(self.tx, version, kind, object, self.now)
    }

    /// A grant came, went or changed.
    pub(super) fn grant_happened(
        &mut self,
        action: &str,
        id: GrantId,
        node: NodeId,
        name: &str,
        after: Option<&str>,
    ) -> Result<(), Error> {
        let (kind, object) = (Changed::Grant, id.get().into());
        self.happened(&Event { action, node: Some(node), kind, object, name, before: None, after })
    }

    fn drawn(&mut self) -> Result<PolicyVersion, Error> {
        match self.version {
            Some(version) => Ok(version),
            None => {
                let version = records::next_version(self.tx)?;
                self.version = Some(version);
                Ok(version)
            }
        }
    }
}
