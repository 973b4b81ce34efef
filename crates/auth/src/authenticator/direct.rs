//! Identity tokens in place of tokens of ours: remembered as passwords are, and looked at in turns of their own, so that nobody else
//! waits for them.

use std::sync::Arc;

use budget::{Bounds, Budget};
use domain::{Client, Origin, Prefix, Timestamp};

use super::{Authenticator, BUSY_RETRY_SECS};
use crate::bearer::Audience;
use crate::direct::{Direct, DirectFault, DirectUse, ShownIdentityToken, Untaken};
use crate::error::AuthError;
use crate::header::Credentials;
use crate::identity::{Identity, Peer};
use crate::identity_token::{self, TokenFault};
use crate::secret::Secret;
use crate::throttle::Claim;
use crate::verified::Remembered;

/// Most that are remembered.
const REMEMBERED_MAX: usize = 8192;
/// Looked at at the same time, of one address, and those that may wait for it: most of a turn is waiting for the database.
const TURNS: Bounds = Bounds::new(32, 32, 8).waiting(1024, 256);

/// Identity tokens that are shown in place of a token of ours.
pub(super) struct IdentityTokens {
    verified: Remembered<Direct>,
    turns: Arc<Budget>,
}

/// One of them.
pub(super) struct ShownToken<'a> {
    text: &'a Secret<String>,
    name: Option<&'a str>,
    bearer: bool,
}

impl IdentityTokens {
    pub(super) fn new() -> Self {
        Self { verified: Remembered::new(REMEMBERED_MAX), turns: Budget::new(TURNS) }
    }
}

impl<'a> ShownToken<'a> {
    /// The identity token among credentials, if that is what they are.
    pub(super) fn of(credentials: &'a Credentials) -> Option<Self> {
        let (text, name, bearer) = match credentials {
            Credentials::Basic { name, secret } => (secret, Some(name), false),
            Credentials::Token { name, secret } => (secret, name.as_ref(), false),
            Credentials::Bearer(text) => (text, None, true),
            Credentials::None | Credentials::Session(_) | Credentials::Unreadable { .. } => return None,
        };
        let name = name.map(|name| name.expose().as_str());
        identity_token::looks_like(text.expose()).then_some(Self { text, name, bearer })
    }

    fn untaken(&self, why: Untaken) -> AuthError {
        AuthError::Untaken { bearer: self.bearer, why }
    }
}

impl Authenticator {
    /// Turns at looking at identity tokens.
    #[must_use]
    pub const fn identity_token_budget(&self) -> &Arc<Budget> {
        &self.identity_tokens.turns
    }

    /// What is remembered of an identity token; `None` if it has to be looked at.
    pub(super) fn direct_now(
        &self,
        shown: &ShownToken<'_>,
        peer: Peer<'_>,
        audience: Audience,
    ) -> Option<Result<Identity, AuthError>> {
        let now = self.clock.now();
        if matches!(audience, Audience::Management | Audience::Administration) {
            return Some(Err(self.refused(shown, peer, Untaken::Place, now)));
        }
        let key = self.identity_tokens.verified.key(shown.name.unwrap_or_default(), shown.text);
        let (direct, _) = self.identity_tokens.verified.get(&key, now)?;
        // What it stands for may be over, and something else have taken its place.
        self.table.by_direct(&direct, peer, now).map(Ok)
    }

    /// Looks at an identity token.
    pub(super) async fn by_identity_token(
        &self,
        shown: ShownToken<'_>,
        origin: &Origin,
        looks: &dyn DirectUse,
    ) -> Result<Identity, AuthError> {
        let client = Client::Address(Prefix::of(origin.address));
        let busy = |_| AuthError::Busy { retry_after_secs: BUSY_RETRY_SECS };
        let _turn = self.identity_tokens.turns.wait(client, 1).await.map_err(busy)?;
        let asked = ShownIdentityToken { text: shown.text, name: shown.name, origin };
        let found = looks.shown(asked).await;
        let (now, peer) = (self.clock.now(), Peer::from(origin));
        let direct = match found {
            Ok(direct) => direct,
            Err(DirectFault::Unavailable) => return Err(AuthError::Unavailable),
            Err(DirectFault::Untaken(why)) => return Err(self.refused(&shown, peer, why, now)),
        };
        let mut identity = self.table.by_direct(&direct, peer, now);
        if identity.is_none() && self.poll().await.is_ok() {
            // Another node may have made it a moment ago.
            identity = self.table.by_direct(&direct, peer, now);
        }
        let identity = identity.ok_or_else(|| self.refused(&shown, peer, Untaken::NoRule, now))?;
        let key = self.identity_tokens.verified.key(shown.name.unwrap_or_default(), shown.text);
        self.identity_tokens.verified.put(&key, direct, now);
        Ok(identity)
    }

    /// Counted as any log-in that failed, but for what was genuine and is over: every client comes along with such a one now and then.
    fn refused(&self, shown: &ShownToken<'_>, peer: Peer<'_>, why: Untaken, now: Timestamp) -> AuthError {
        if why == Untaken::Unfit(TokenFault::Over) {
            return shown.untaken(why);
        }
        match self.failure(peer.address, Claim::Nothing, shown.bearer, now) {
            AuthError::Invalid { .. } => shown.untaken(why),
            throttled => throttled,
        }
    }
}
