use domain::{
    Acting, Client, Credential, Granted, Node, Own, PolicyPoint, PolicyVersion, PrincipalId, Right, System,
    Timestamp, TokenState,
};

use super::event::{Event, ObjectKind};
use crate::audit::{
    AuditActor, AuditClass, AuditDetail, AuditEvent, AuditHead, AuditObject, AuditOrigin, AuditOutcome,
    AuditToken,
};
use crate::error::Error;
use crate::sql::records::{self, ChangedKind};
use crate::sql::{Tx, audit, audited, credentials, directory as rows, sessions};

/// Who changes something, from where: taken out of the proof, for the audit.
#[derive(Clone)]
pub(super) struct Author {
    principal: Option<PrincipalId>,
    client: Client,
    reason: &'static str,
    /// The earliest version of the matrix that gave the proof or said what somebody holds; `None` where neither was asked.
    decided_at: Option<PolicyVersion>,
    credential: Credential,
    origin: AuditOrigin,
    /// Whether it is nobody in particular, and not the gateway.
    stranger: bool,
}

/// One administrative change: its transaction, the version it draws once something really changed, and its audit.
pub(super) struct Change<'t> {
    pub(super) tx: &'t mut dyn Tx,
    pub(super) now: Timestamp,
    author: Author,
    point: Option<PolicyPoint>,
    marked: Vec<(ChangedKind, i64)>,
    /// The first object that an event was about.
    first: Option<(&'static str, i64)>,
    rehearsed: bool,
    named: Option<(AuditActor, AuditToken)>,
    /// Where the chain of events stands, once one was written.
    head: Option<AuditHead>,
    pub(super) changed: u64,
}

impl Author {
    pub(super) fn of<R: Right, N: Node>(may: &Granted<R, N>) -> Self {
        let caller = Self::caller(may.principal(), may.client(), may.credential(), may.origin());
        Self { decided_at: Some(may.version()), ..caller }
    }

    /// The same, which acts on an answer of the matrix at that version too.
    pub(super) fn trusting(self, version: PolicyVersion) -> Self {
        let earliest = self.decided_at.map_or(version, |decided| decided.min(version));
        Self { decided_at: Some(earliest), ..self }
    }

    pub(super) fn owner(own: &Own) -> Self {
        Self::caller(own.principal(), own.client(), own.credential(), own.origin())
    }

    pub(super) fn acting(acting: &Acting) -> Self {
        Self::caller(acting.principal(), acting.client(), acting.credential(), acting.origin())
    }

    /// Somebody who showed a code that is theirs, or whose machine showed who it is.
    pub(super) fn shown(principal: PrincipalId, origin: &domain::Origin) -> Self {
        Self::caller(principal, Client::at(origin.address), Credential::None, origin)
    }

    pub(super) fn system(system: &System) -> Self {
        let reason = system.reason();
        Self {
            principal: None,
            client: Client::at(None),
            reason,
            decided_at: None,
            credential: Credential::None,
            origin: AuditOrigin::default(),
            stranger: false,
        }
    }

    /// Nobody in particular, who showed what proves that it may be done.
    pub(super) fn stranger(origin: &domain::Origin) -> Self {
        let caller =
            Self::caller(PrincipalId::ANONYMOUS, Client::at(origin.address), Credential::None, origin);
        Self { principal: None, stranger: true, ..caller }
    }

    fn caller(
        principal: PrincipalId,
        client: Client,
        credential: Credential,
        origin: &domain::Origin,
    ) -> Self {
        Self {
            principal: Some(principal),
            client,
            reason: "",
            decided_at: None,
            credential,
            origin: AuditOrigin {
                session: credential.session().map(|session| session.to_string().into()),
                ..origin_of(origin)
            },
            stranger: false,
        }
    }

    /// The same, who asks through an operation of the management API.
    pub(super) fn asking(mut self, operation: Option<&'static str>) -> Self {
        self.origin.operation = operation.map(Into::into);
        self
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

    pub(super) const fn credential(&self) -> Credential {
        self.credential
    }

    /// Asks again, now that nobody else can change anything: the gate decided a moment ago, and since then the principal may
    /// have been suspended, the token revoked, or the right taken away.
    pub(super) fn is_entitled(&self, tx: &mut dyn Tx, now: Timestamp) -> Result<(), Error> {
        let Some(principal) = self.principal else { return Ok(()) };
        let active = rows::principal(tx, principal)?.is_some_and(|row| !row.suspended);
        let valid = match self.credential {
            Credential::None => true,
            Credential::Token(id) => credentials::token_listed(tx, id)?.is_some_and(|token| {
                token.owner == principal
                    && token.state == TokenState::Active
                    && token.expires.is_none_or(|expires| expires > now)
            }),
            Credential::Password(generation) => active && sessions::generation(tx, principal)? == generation,
            Credential::Session(id, _) => match sessions::session(tx, id)? {
                Some(session) => {
                    session.principal == principal
                        && session.expires > now
                        && sessions::generation(tx, principal)? == session.generation
                }
                None => false,
            },
        };
        let decided_otherwise = match self.decided_at {
            None => false,
            Some(version) => records::decided_otherwise_after(tx, version)?,
        };
        if active && valid && !decided_otherwise { Ok(()) } else { Err(Error::Stale) }
    }
}

/// From where, as the audit says it.
pub(super) fn origin_of(origin: &domain::Origin) -> AuditOrigin {
    AuditOrigin {
        request: Some(origin.request.to_string().into()),
        address: origin.address.map(|address| address.to_string().into()),
        agent: origin.agent.as_deref().map(Into::into),
        operation: None,
        session: None,
    }
}

impl<'t> Change<'t> {
    pub(super) fn new(tx: &'t mut dyn Tx, author: Author, now: Timestamp) -> Self {
        Self {
            tx,
            now,
            author,
            point: None,
            marked: Vec::new(),
            first: None,
            rehearsed: false,
            named: None,
            head: None,
            changed: 0,
        }
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

    /// What was made: the first that those who follow are told of, else the first that the audit is.
    pub(super) fn made(&self) -> Option<(&'static str, i64)> {
        self.marked.first().map(|(kind, object)| (kind.as_str(), *object)).or(self.first)
    }

    /// The point drawn, if anything changed.
    pub(super) const fn point(&self) -> Option<PolicyPoint> {
        self.point
    }

    /// Notes that an object is other than it was, for those who follow it and for the audit.
    pub(super) fn happened(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if let ObjectKind::Followed(kind) = event.kind {
            self.mark(kind, event.object)?;
        }
        self.first.get_or_insert((event.kind.as_str(), event.object));
        self.changed = self.changed.saturating_add(1);
        if self.rehearsed {
            return Ok(());
        }
        let row = self.told(event, AuditClass::Admin)?;
        let head = match &mut self.head {
            Some(head) => head,
            unread => unread.insert(audit::head(self.tx)?),
        };
        audit::append(self.tx, head, row)
    }

    /// Notes for the audit that somebody came in by what is changed here.
    pub(super) fn came_in(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.changed = self.changed.saturating_add(1);
        if self.rehearsed {
            return Ok(());
        }
        let row = self.told(event, AuditClass::Access)?;
        audit::insert(self.tx, &row, None)
    }

    /// What the audit says of it.
    fn told(&mut self, event: &Event<'_>, class: AuditClass) -> Result<AuditEvent, Error> {
        let (before, after) = event.turn.texts();
        let (actor, token) = self.author_named()?;
        let policy_version = match self.point {
            Some(point) => point.version,
            None => records::point(self.tx)?.version,
        };
        Ok(AuditEvent {
            id: 0,
            sequence: None,
            at: self.now,
            class,
            action: event.action.into(),
            outcome: AuditOutcome::Done,
            actor,
            token,
            origin: self.author.origin.clone(),
            place: audited::place(self.tx, event.node)?,
            object: AuditObject {
                kind: event.kind.as_str().into(),
                id: Some(event.object),
                name: event.name.into(),
                of: event.of.map(Into::into),
            },
            content: AuditDetail { before, after, ..AuditDetail::default() },
            reason: None,
            policy_version,
            times: None,
            chain: None,
        })
    }

    /// Who changes it and with which token, as they are called; looked up once.
    fn author_named(&mut self) -> Result<(AuditActor, AuditToken), Error> {
        if let Some(named) = &self.named {
            return Ok(named.clone());
        }
        let actor = match self.author.principal {
            None if self.author.stranger => audited::anyone(),
            None => audited::gateway(self.author.reason),
            Some(id) => audited::actor(self.tx, id)?,
        };
        let token = match self.author.credential.token() {
            None => AuditToken::default(),
            Some(id) => audited::token(self.tx, id)?,
        };
        Ok(self.named.insert((actor, token)).clone())
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
