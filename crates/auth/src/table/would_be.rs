//! Whom somebody would be with a credential, for who asks about their rights. Nothing is proved by it and nobody is let in.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use domain::{Caller, PrincipalId, Reason, Timestamp, TokenId, TokenLimits, TokenState, WouldBe};

use super::{Table, TokenRecord};

impl Table {
    /// Whom a principal would be with a token of theirs, or without any, at that address; `None` for nobody, and for a token that is
    /// not theirs.
    pub(crate) fn would_be(
        &self,
        principal: PrincipalId,
        token: Option<TokenId>,
        from: Option<IpAddr>,
        now: Timestamp,
    ) -> Option<WouldBe> {
        let principals = self.principals.pin();
        let (kind, suspended) = principals.get(&principal.get())?.known()?;
        let suspended = suspended.then_some(Reason::Suspended);
        let Some(token) = token else {
            let caller = Caller::assertion(principal, kind, None, TokenLimits::Full);
            return Some(WouldBe { caller, refused: suspended });
        };
        let tokens = self.tokens.pin();
        let record = tokens.get(&token.get()).filter(|record| record.owner.id() == principal)?;
        let caller = Caller::assertion(principal, kind, Some(token), record.limits.clone());
        Some(WouldBe { caller, refused: suspended.or_else(|| record.refused(from, now)) })
    }
}

impl TokenRecord {
    fn refused(&self, from: Option<IpAddr>, now: Timestamp) -> Option<Reason> {
        let state = self.state.load(Ordering::Acquire);
        if state == TokenState::Revoked as u8 {
            Some(Reason::TokenRevoked)
        } else if state == TokenState::Disabled as u8 {
            Some(Reason::TokenDisabled)
        } else if self.expires <= now {
            Some(Reason::TokenExpired)
        } else if now < self.not_before {
            Some(Reason::TokenEarly)
        } else {
            (!self.networks.admit(from)).then_some(Reason::TokenAddress)
        }
    }
}
