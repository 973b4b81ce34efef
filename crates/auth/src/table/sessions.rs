//! Sessions of people in browsers. As tokens they are read without locks; they end with the password that was given for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Caller, SessionFact, SessionId, SessionUse, Timestamp, TokenLimits};
use subtle::ConstantTimeEq as _;

use super::Table;
use crate::bearer::Audience;
use crate::identity::{Handle, Identity, Presented};
use crate::principal::{Principal, Standing};
use crate::token::{self, TokenKind};

pub(crate) struct SessionRecord {
    sha256: [u8; 32],
    owner: Arc<Principal>,
    generation: u32,
    by_password: bool,
    signed_in: Timestamp,
    expires: Timestamp,
    seen_minute: AtomicU32,
}

impl Table {
    /// The owner of a session that has not ended; `passwords` says whether the configuration lets them be good for anything.
    pub(crate) fn by_session(&self, text: &str, passwords: bool, now: Timestamp) -> Option<Identity> {
        let Some((TokenKind::Session, id)) = token::parse(text) else { return None };
        let sessions = self.sessions.pin();
        let record = sessions.get(&id.get())?;
        if !bool::from(record.sha256.ct_eq(&token::sha256(text))) {
            return None;
        }
        if record.by_password && !passwords {
            return None;
        }
        let id = SessionId::new(id);
        let caller = self.caller_in(id, record, now)?;
        let minute = u32::try_from(now.millis() / 60_000).unwrap_or_default();
        if record.seen_minute.swap(minute, Ordering::Relaxed) != minute {
            self.seen.pin().insert(id.get(), SessionUse { session: id, minute });
        }
        // A bearer made of it stands for nobody: sessions are for no packages.
        Some(Identity { caller, presented: Presented::Session, handle: Handle::Anonymous, expires: None })
    }

    /// The caller anew, if their session goes on.
    pub(super) fn session_again(&self, id: SessionId, now: Timestamp) -> Option<Caller> {
        self.caller_in(id, self.sessions.pin().get(&id.get())?, now)
    }

    fn caller_in(&self, id: SessionId, record: &SessionRecord, now: Timestamp) -> Option<Caller> {
        let standing = record.usable(now)?;
        if record.by_password && !self.rules.admit_passwords(Audience::Management) {
            return None;
        }
        let caller = Caller::assertion(record.owner.id(), standing.kind, None, TokenLimits::Full);
        Some(caller.in_session(id, record.signed_in))
    }

    /// Sessions used since the last call, each with its last use.
    pub(crate) fn drain_seen(&self) -> Vec<SessionUse> {
        let seen = self.seen.pin();
        let ids: Vec<u64> = seen.keys().copied().collect();
        ids.iter().filter_map(|id| seen.remove(id).copied()).collect()
    }

    pub(super) fn put_session(&self, fact: SessionFact) {
        let sessions = self.sessions.pin();
        let seen = sessions.get(&fact.id.get()).map_or(0, |old| old.seen_minute.load(Ordering::Relaxed));
        let record = SessionRecord {
            sha256: fact.sha256,
            owner: self.owner(fact.owner),
            generation: fact.generation,
            by_password: fact.by_password,
            signed_in: fact.signed_in,
            expires: fact.expires,
            seen_minute: AtomicU32::new(seen),
        };
        sessions.insert(fact.id.get(), record);
    }

    pub(super) fn drop_session(&self, id: SessionId) {
        self.sessions.pin().remove(&id.get());
    }

    /// Makes the sessions these; what they do not name is gone.
    pub(super) fn replace_sessions(&self, facts: Vec<SessionFact>) {
        let named: std::collections::HashSet<u64> = facts.iter().map(|fact| fact.id.get()).collect();
        self.sessions.pin().retain(|id, _| named.contains(id));
        facts.into_iter().for_each(|fact| self.put_session(fact));
    }
}

impl SessionRecord {
    /// Time, owner, and whether the password is the one that was given for it.
    fn usable(&self, now: Timestamp) -> Option<Standing> {
        let standing = self.owner.standing()?;
        (now < self.expires && standing.generation == self.generation).then_some(standing)
    }
}
