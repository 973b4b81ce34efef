use domain::{
    Acting, Client, GrantId, Granted, Node, NodeId, Own, PolicyPoint, PolicyVersion, PrincipalId, Right,
    System, Timestamp, TokenId, TokenState,
};

use crate::error::Error;
use crate::sql::records::{self, AuditRow, ChangedKind};
use crate::sql::{Tx, credentials, directory as rows};

/// Who changes something, from where: taken out of the proof, for the audit.
#[derive(Clone)]
pub(super) struct Author {
    principal: Option<PrincipalId>,
    client: Client,
    reason: &'static str,
    /// The earliest version of the matrix that gave the proof or said what somebody holds; `None` where neither was asked.
    decided_at: Option<PolicyVersion>,
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
    point: Option<PolicyPoint>,
    marked: Vec<(ChangedKind, i64)>,
    rehearsed: bool,
    pub(super) changed: u64,
}

/// What the audit says about one object.
pub(super) struct Event<'a> {
    pub(super) action: &'a str,
    pub(super) node: Option<NodeId>,
    pub(super) kind: ChangedKind,
    pub(super) object: i64,
    pub(super) name: &'a str,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

impl Author {
    pub(super) fn of<R: Right, N: Node>(may: &Granted<R, N>) -> Self {
        let caller = Self::caller(may.principal(), may.client(), may.token(), may.origin());
        Self { decided_at: Some(may.version()), ..caller }
    }

    /// The same, which acts on an answer of the matrix at that version too.
    pub(super) fn trusting(self, version: PolicyVersion) -> Self {
        let earliest = self.decided_at.map_or(version, |decided| decided.min(version));
        Self { decided_at: Some(earliest), ..self }
    }

    pub(super) fn owner(own: &Own) -> Self {
        Self::caller(own.principal(), own.client(), own.token(), own.origin())
    }

    pub(super) fn acting(acting: &Acting) -> Self {
        Self::caller(acting.principal(), acting.client(), acting.token(), acting.origin())
    }

    pub(super) fn system(system: &System) -> Self {
        let reason = system.reason();
        Self {
            principal: None,
            client: Client::at(None),
            reason,
            decided_at: None,
            token: None,
            request: None,
            address: None,
            agent: None,
        }
    }

    fn caller(
        principal: PrincipalId,
        client: Client,
        token: Option<TokenId>,
        origin: &domain::Origin,
    ) -> Self {
        Self {
            principal: Some(principal),
            client,
            reason: "",
            decided_at: None,
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

    /// Who is charged for its turn.
    pub(super) const fn client(&self) -> Client {
        self.client
    }

    pub(super) const fn token(&self) -> Option<TokenId> {
        self.token
    }

    /// Asks again, now that nobody else can change anything: the gate decided a moment ago, and since then the principal may
    /// have been suspended, the token revoked, or the right taken away.
    pub(super) fn is_entitled(&self, tx: &mut dyn Tx, now: Timestamp) -> Result<(), Error> {
        let Some(principal) = self.principal else { return Ok(()) };
        let active = rows::principal(tx, principal)?.is_some_and(|row| !row.suspended);
        let valid = match self.token {
            None => true,
            Some(id) => credentials::token_listed(tx, id)?.is_some_and(|token| {
                token.owner == principal
                    && token.state == TokenState::Active
                    && token.expires.is_none_or(|expires| expires > now)
            }),
        };
        let decided_otherwise = match self.decided_at {
            None => false,
            Some(version) => records::decided_otherwise_after(tx, version)?,
        };
        if active && valid && !decided_otherwise { Ok(()) } else { Err(Error::Stale) }
    }
}

impl<'t> Change<'t> {
    pub(super) fn new(tx: &'t mut dyn Tx, author: Author, now: Timestamp) -> Self {
        Self { tx, now, author, point: None, marked: Vec::new(), rehearsed: false, changed: 0 }
    }

    /// One that is taken back: it makes no records, so that what only takes something away needs no room.
    pub(super) fn rehearsal(tx: &'t mut dyn Tx, author: Author, now: Timestamp) -> Self {
        Self { rehearsed: true, ..Self::new(tx, author, now) }
    }

    pub(super) const fn author(&self) -> &Author {
        &self.author
    }

    /// What is other than it was.
    pub(super) fn marked(&self) -> &[(ChangedKind, i64)] {
        &self.marked
    }

    /// The point drawn, if anything changed.
    pub(super) const fn point(&self) -> Option<PolicyPoint> {
        self.point
    }

    /// Notes that an object is other than it was, for those who follow and for the audit.
    pub(super) fn happened(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.mark(event.kind, event.object)?;
        self.changed = self.changed.saturating_add(1);
        if self.rehearsed {
            return Ok(());
        }
        let version = self.drawn()?.version;
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
    pub(super) fn mark(&mut self, kind: ChangedKind, object: i64) -> Result<(), Error> {
        self.marked.push((kind, object));
        if self.rehearsed {
            return Ok(());
        }
        let point = self.drawn()?;
        records::insert_change(self.tx, point, kind, object, self.now)
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
        let (kind, object) = (ChangedKind::Grant, id.get().into());
        self.happened(&Event { action, node: Some(node), kind, object, name, before: None, after })
    }

    fn drawn(&mut self) -> Result<PolicyPoint, Error> {
        match self.point {
            Some(point) => Ok(point),
            None => {
                let point = records::next_point(self.tx)?;
                self.point = Some(point);
                Ok(point)
            }
        }
    }
}
