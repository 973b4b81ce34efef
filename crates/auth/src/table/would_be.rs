//! Whom somebody would be with a credential, for who asks about their rights. Nothing is proved by it and nobody is let in.

use std::sync::atomic::Ordering;

use domain::{Caller, PrincipalId, Reason, Timestamp, TokenId, TokenLimits, TokenState, WouldBe};

use super::{Table, TokenRecord};

impl Table {
    /// Whom a principal would be with a token of theirs, or without any; `None` for nobody, and for a token that is not theirs.
    pub(crate) fn would_be(
        &self,
        principal: PrincipalId,
        token: Option<TokenId>,
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
        Some(WouldBe { caller, refused: suspended.or_else(|| record.refused(now)) })
    }
}

impl TokenRecord {
    fn refused(&self, now: Timestamp) -> Option<Reason> {
        let state = self.state.load(Ordering::Acquire);
        if state == TokenState::Revoked as u8 {
            Some(Reason::TokenRevoked)
        } else if state == TokenState::Disabled as u8 {
            Some(Reason::TokenDisabled)
        } else {
            (self.expires <= now).then_some(Reason::TokenExpired)
        }
    }
}
