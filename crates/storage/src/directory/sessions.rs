//! Sessions of people in browsers (docs/api.md 9): begun with a password, ended by themselves, by their owner, by an administrator, and
//! with everything that ends the password.

use domain::{
    Credential, NodeId, Origin, Own, PrincipalId, SessionFact, SessionId, SessionUse, System, Timestamp,
    TokenId,
};

use super::change::{Author, Change, origin_of};
use super::event::{Document, Event, Turn};
use super::{Directory, InForce, names};
use crate::audit::AuditOrigin;
use crate::error::{DirectoryError, Error};
use crate::sql::Tx;
use crate::sql::directory as rows;
use crate::sql::organisation;
use crate::sql::records::ChangedKind;
use crate::sql::sessions::{self as sql, SessionRecord};

/// Most sessions of one person; a new one ends the one that was not used for longest.
const SESSIONS_MAX: usize = 32;
/// The end of one moves on once this part of the time that it lasts unused is over: each move is told to all nodes.
const MOVED_EACH: i64 = 12;
/// Most that are forgotten at a time.
const FORGOTTEN_MAX: u32 = 500;

/// A session to begin. Its secret never comes here, only the hash.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Public id, part of the secret.
    pub id: TokenId,
    /// SHA-256 of the whole secret.
    pub sha256: [u8; 32],
    /// Whose it is.
    pub principal: PrincipalId,
    /// Which password of theirs was given.
    pub generation: u32,
    /// The one that the same browser had before: it ends.
    pub replaces: Option<SessionId>,
}

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Public id.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub seen_at: Timestamp,
    /// Refused from this moment on, unless it is used before.
    pub expires: Timestamp,
    /// Refused from this moment on in any case.
    pub ends: Timestamp,
    /// From where it was begun.
    pub address: Option<Box<str>>,
    /// With what `User-Agent`.
    pub agent: Option<Box<str>>,
}

/// Which of one's sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// This one.
    One(SessionId),
    /// All but this one, if one is to stay.
    AllBut(Option<SessionId>),
}

impl Directory {
    /// Begins a session for somebody whose password was just verified; until when it lasts unused.
    ///
    /// # Errors
    /// `Stale` if they are gone, suspended, or have another password by now, `Exists` if the id is taken.
    pub async fn begin_session(
        &self,
        new: NewSession,
        origin: &Origin,
    ) -> Result<(SessionRow, InForce), DirectoryError> {
        let (from, principal) = (origin_of(origin), new.principal);
        let begin = move |change: &mut Change<'_>| {
            if sql::generation(change.tx, new.principal)? != new.generation {
                return Err(Error::Stale);
            }
            let fresh_at = change.now;
            begin(change, Begun { new, from, provider: None, fresh_at })
        };
        Ok(self.change(Author::shown(principal, origin), begin).await?)
    }

    /// One's own sessions, the one used last first.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn own_sessions(&self, own: &Own) -> Result<Vec<SessionRow>, DirectoryError> {
        let (principal, now) = (own.principal(), self.clock.now());
        let records = self.database.read(move |tx| sql::of_principal(tx, principal)).await?;
        let living = records.into_iter().filter(|record| now < record.expires);
        Ok(living.map(SessionRow::from).collect())
    }

    /// Ends sessions of one's own, in force even if the disk is full.
    ///
    /// # Errors
    /// `Absent` if the one that is meant is not there, or somebody else's.
    pub async fn end_own_sessions(&self, own: &Own, ending: Ending) -> Result<InForce, DirectoryError> {
        let principal = own.principal();
        let end_them = move |change: &mut Change<'_>| {
            let mut meant = sql::of_principal(change.tx, principal)?;
            meant.retain(|record| match ending {
                Ending::One(id) => record.id == id,
                Ending::AllBut(kept) => kept != Some(record.id),
            });
            if meant.is_empty() && matches!(ending, Ending::One(_)) {
                return Err(Error::Absent);
            }
            meant.iter().try_for_each(|record| end(change, record.id))
        };
        Ok(self.narrow(Author::owner(own), end_them).await?)
    }

    /// Notes when sessions were last used, and moves their ends on; batched by the wiring, never on the way of a request.
    ///
    /// # Errors
    /// Failures of the database, and of those who follow.
    pub async fn touch_sessions(&self, system: &System, used: &[SessionUse]) -> Result<(), DirectoryError> {
        if used.is_empty() {
            return Ok(());
        }
        let used = used.to_vec();
        let touch = move |tx: &mut dyn Tx| {
            let idle_secs = i64::from(organisation::organisation(tx)?.session.idle_secs);
            let mut due = Vec::new();
            for used in used {
                sql::touch(tx, used)?;
                let Some(record) = sql::session(tx, used.session)? else { continue };
                let end = record.seen_at.plus_secs(idle_secs).min(record.ends);
                let by_millis = end.millis().saturating_sub(record.expires.millis());
                let is_last = end == record.ends && by_millis > 0;
                if is_last || by_millis.saturating_mul(MOVED_EACH) >= idle_secs.saturating_mul(1000) {
                    due.push((record.id, end));
                }
            }
            Ok(due)
        };
        let due = self.database.write(touch).await?;
        if due.is_empty() {
            return Ok(());
        }
        let move_on = move |change: &mut Change<'_>| {
            due.iter().try_for_each(|(id, end)| {
                sql::extend(change.tx, *id, *end)?;
                mark(change, *id)
            })
        };
        self.change(Author::system(system), move_on).await?;
        Ok(())
    }

    /// Forgets some sessions that are over. Gives how many.
    ///
    /// # Errors
    /// Failures of the database; what was not forgotten is found again.
    pub async fn forget_sessions(&self, system: &System) -> Result<u64, DirectoryError> {
        let now = self.clock.now();
        if self.database.point(move |tx| sql::over(tx, now, 1)).await?.is_empty() {
            return Ok(0);
        }
        let forget = move |change: &mut Change<'_>| {
            let over = sql::over(change.tx, now, FORGOTTEN_MAX)?;
            for id in &over {
                sql::delete(change.tx, *id)?;
                mark(change, *id)?;
            }
            Ok(over.len() as u64)
        };
        Ok(self.change(Author::system(system), forget).await?.0)
    }
}

impl From<SessionRecord> for SessionRow {
    fn from(record: SessionRecord) -> Self {
        Self {
            id: record.id,
            created_at: record.created_at,
            seen_at: record.seen_at,
            expires: record.expires,
            ends: record.ends,
            address: record.address,
            agent: record.agent,
        }
    }
}

/// How a session begins.
pub(super) struct Begun {
    pub(super) new: NewSession,
    /// From where.
    pub(super) from: AuditOrigin,
    /// The provider that says who it is; `None` for whose password was given.
    pub(super) provider: Option<Box<str>>,
    /// When they proved it.
    pub(super) fresh_at: Timestamp,
}

/// Begins a session of somebody who is there and not suspended.
pub(super) fn begin(change: &mut Change<'_>, begun: Begun) -> Result<SessionRow, Error> {
    let Begun { new, from, provider, fresh_at } = begun;
    let owner = rows::principal(change.tx, new.principal)?.filter(|owner| !owner.suspended);
    let owner = owner.ok_or(Error::Stale)?;
    if let Some(before) = new.replaces {
        end(change, before)?;
    }
    make_room(change, owner.id)?;
    let settings = organisation::organisation(change.tx)?.session;
    let ends = change.now.plus_secs(settings.total_secs.into());
    let method = if provider.is_some() { "provider" } else { "password" };
    let record = SessionRecord {
        id: SessionId::new(new.id),
        sha256: new.sha256.to_vec(),
        principal: owner.id,
        generation: new.generation,
        method: method.into(),
        provider,
        created_at: change.now,
        fresh_at,
        seen_at: change.now,
        expires: change.now.plus_secs(settings.idle_secs.into()).min(ends),
        ends,
        address: from.address,
        agent: from.agent,
    };
    if !sql::insert(change.tx, &record)? {
        return Err(Error::Exists);
    }
    mark(change, record.id)?;
    happened(change, "session.create", &record, Turn::Made(document(&record)))?;
    Ok(SessionRow::from(record))
}

/// The provider by which the caller came in, if one said who they are.
pub(super) fn provider_of(tx: &mut dyn Tx, credential: Credential) -> Result<Option<Box<str>>, Error> {
    let Some(id) = credential.session() else { return Ok(None) };
    Ok(sql::session(tx, id)?.and_then(|record| record.provider))
}

/// Ends the sessions that a provider began, all of them or those of somebody, without a word of its own in the audit.
pub(super) fn end_by_provider(
    change: &mut Change<'_>,
    provider: &str,
    of: Option<PrincipalId>,
) -> Result<(), Error> {
    let all = sql::by_provider(change.tx, provider)?;
    for record in all.iter().filter(|record| of.is_none_or(|of| record.principal == of)) {
        sql::delete(change.tx, record.id)?;
        mark(change, record.id)?;
    }
    Ok(())
}

/// A session that goes on, for those who follow.
pub(super) fn fact(tx: &mut dyn Tx, id: SessionId) -> Result<Option<SessionFact>, Error> {
    sql::session(tx, id)?.map(|record| record.fact()).transpose()
}

/// Ends all sessions of somebody, without a word of its own in the audit: what ended them has one.
pub(super) fn end_all(change: &mut Change<'_>, principal: PrincipalId) -> Result<(), Error> {
    for record in sql::of_principal(change.tx, principal)? {
        sql::delete(change.tx, record.id)?;
        mark(change, record.id)?;
    }
    Ok(())
}

/// Ends those that were not used for longest, until there is room for another.
fn make_room(change: &mut Change<'_>, principal: PrincipalId) -> Result<(), Error> {
    let records = sql::of_principal(change.tx, principal)?;
    records.iter().skip(SESSIONS_MAX.saturating_sub(1)).try_for_each(|record| end(change, record.id))
}

/// Ends one, if it is there.
fn end(change: &mut Change<'_>, id: SessionId) -> Result<(), Error> {
    let Some(record) = sql::session(change.tx, id)? else { return Ok(()) };
    sql::delete(change.tx, id)?;
    mark(change, id)?;
    happened(change, "session.end", &record, Turn::Gone(document(&record)))
}

fn mark(change: &mut Change<'_>, id: SessionId) -> Result<(), Error> {
    change.mark(ChangedKind::Session, object(id)?)
}

fn object(id: SessionId) -> Result<i64, Error> {
    i64::try_from(id.get()).map_err(|_| Error::corrupt("a session's id is out of range"))
}

/// Tells the audit, by the public id.
fn happened(change: &mut Change<'_>, action: &str, record: &SessionRecord, turn: Turn) -> Result<(), Error> {
    let owner = names::subject_text(change.tx, record.principal.into())?;
    change.came_in(&Event {
        action,
        node: NodeId::ORGANISATION,
        kind: ChangedKind::Session.into(),
        object: object(record.id)?,
        name: &record.id.to_string(),
        of: Some(&owner),
        turn,
    })
}

fn document(record: &SessionRecord) -> Document {
    let shown = Document::default().with("method", &*record.method);
    let shown = match &record.provider {
        Some(provider) => shown.with("provider", &**provider),
        None => shown,
    };
    let shown = shown.with("address", record.address.as_deref());
    shown.with("agent", record.agent.as_deref()).moment("ends", Some(record.ends))
}
