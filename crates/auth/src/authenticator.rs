use std::net::IpAddr;
use std::sync::Arc;

use budget::{Bounds, Budget};
use domain::{
    BoxFuture, Caller, Client, Clock, CredentialCheck, CredentialFacts, FactSource, Origin, PasswordUse,
    PolicyFeed, PolicyPoint, Prefix, PrincipalId, Reason, SessionUse, SourceError, Timestamp, TokenId,
    TokenUse, WouldBe,
};
use follower::Follower;

use crate::bearer::{self, Audience, Bearer, Opened, Refused};
use crate::direct::DirectUse;
use crate::error::{AuthError, AuthSetupError};
use crate::header::Credentials;
use crate::identity::{Claimed, Handle, Identity, Peer, Presented};
use crate::keys::KeyRing;
use crate::limits::AuthLimits;
use crate::password;
use crate::principal::Standing;
use crate::secret::Secret;
use crate::table::{Shown, Table, person};
use crate::throttle::{Claim, Throttle};
use crate::token;
use crate::verified::{CredentialKey, Remembered, VerifiedPassword};

mod direct;

use direct::{IdentityTokens, ShownToken};

/// Decides who is calling. One for the whole process, shared in an `Arc`.
pub struct Authenticator {
    table: Arc<Table>,
    follower: Follower<dyn FactSource<CredentialFacts>, Table>,
    keys: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    verified: Remembered<VerifiedPassword>,
    verified_secs_max: i64,
    /// Turns at argon2.
    turns: Arc<Budget>,
    identity_tokens: IdentityTokens,
    throttle: Throttle,
    bearer_secs: u64,
    password_log_in: bool,
}

/// When the queue of passwords is full: it moves several places a second.
const BUSY_RETRY_SECS: u64 = 1;

impl Authenticator {
    /// Loads every credential and starts to decide. Needs a Tokio runtime, as do its async functions.
    ///
    /// # Errors
    /// `AuthSetupError` if the source does not answer or a limit makes no sense.
    pub async fn open(
        source: Arc<dyn FactSource<CredentialFacts>>,
        keys: Arc<KeyRing>,
        clock: Arc<dyn Clock>,
        limits: AuthLimits,
    ) -> Result<Arc<Self>, AuthSetupError> {
        limits.check()?;
        let follower = Follower::open(source, Table::new).await?;
        Ok(Arc::new(Self {
            table: Arc::clone(follower.target()),
            follower,
            keys,
            clock,
            verified: Remembered::new(limits.passwords_verified_max),
            verified_secs_max: limits.passwords_verified_secs_max.try_into().unwrap_or(i64::MAX),
            turns: Budget::new(turns(&limits)),
            identity_tokens: IdentityTokens::new(),
            throttle: Throttle::new(&limits),
            bearer_secs: limits.bearer_secs,
            password_log_in: limits.password_log_in,
        }))
    }

    /// Turns at verifying passwords.
    #[must_use]
    pub const fn budget(&self) -> &Arc<Budget> {
        &self.turns
    }

    /// Tokens, bearers, what was verified lately and anonymous callers, decided at once: no lock, no await, no I/O.
    /// `None` is a password or identity token that was not: ask [`Self::authenticate`].
    ///
    /// # Errors
    /// `Invalid`, `Untaken`, or `Throttled` in its place when there were too many failures; a valid token is never throttled.
    pub fn authenticate_now<'p>(
        &self,
        credentials: &Credentials,
        peer: impl Into<Peer<'p>>,
        audience: Audience,
    ) -> Option<Result<Identity, AuthError>> {
        self.decided_now(credentials, peer.into(), audience)
    }

    fn decided_now(
        &self,
        credentials: &Credentials,
        peer: Peer<'_>,
        audience: Audience,
    ) -> Option<Result<Identity, AuthError>> {
        if let Some(shown) = ShownToken::of(credentials) {
            return self.direct_now(&shown, peer, audience);
        }
        let now = self.clock.now();
        let (found, claim, bearer) = match credentials {
            Credentials::None => return Some(Ok(Identity::anonymous(Presented::Nothing, None))),
            Credentials::Basic { name, secret } => {
                let claim = Claim::Name(name.expose());
                if token::looks_like(secret.expose()) {
                    (self.by_token(secret, Some(name), peer, now), claim, false)
                } else if self.may_be_password(secret, audience) {
                    return self.by_verified(&self.verified.key(name.expose(), secret), audience, now);
                } else {
                    (None, claim, false)
                }
            }
            Credentials::Token { name, secret } => {
                (self.by_token(secret, name.as_ref(), peer, now), claim_of(secret), false)
            }
            Credentials::Bearer(text) if token::looks_like(text.expose()) => {
                (self.by_token(text, None, peer, now), claim_of(text), true)
            }
            Credentials::Bearer(text) => match self.by_bearer(text, (peer, audience), now) {
                // What we sealed ourselves was not guessed: every client comes along with an expired one now and then.
                Err(Refused::Over) => return Some(Err(AuthError::Invalid { bearer: true })),
                found => (found.ok(), Claim::Nothing, true),
            },
            // Nobody guesses one. One that is over is nobody: browsers go on to send it.
            Credentials::Session(text) => {
                let found = self.table.by_session(text.expose(), self.password_log_in, now);
                return Some(Ok(found.unwrap_or_else(|| Identity::anonymous(Presented::Nothing, None))));
            }
            Credentials::Unreadable { bearer } => (None, Claim::Nothing, *bearer),
        };
        Some(found.ok_or_else(|| self.failure(peer.address, claim, bearer, now)))
    }

    /// As [`Self::authenticate_now`], and passwords too: argon2 on a blocking thread, a bounded number at a time; and identity tokens
    /// that are shown for the first time, which `looks` looks at.
    ///
    /// # Errors
    /// As there; `Busy` if too many wait, `Unavailable` if one could not be verified.
    pub async fn authenticate(
        &self,
        credentials: Credentials,
        origin: &Origin,
        audience: Audience,
        looks: &dyn DirectUse,
    ) -> Result<Identity, AuthError> {
        if let Some(decided) = self.decided_now(&credentials, origin.into(), audience) {
            return decided;
        }
        if let Some(shown) = ShownToken::of(&credentials) {
            return self.by_identity_token(shown, origin, looks).await;
        }
        let Credentials::Basic { name, secret } = credentials else {
            return Err(AuthError::Invalid { bearer: false });
        };
        self.by_password(&name, secret, (origin.address, audience)).await
    }

    /// Whether a password is the present one of who is calling: asked as any other log-in, with the same throttle and line.
    ///
    /// # Errors
    /// As [`Self::authenticate`]; `Invalid` for who has no password, or where passwords are good for nothing.
    pub async fn confirm(
        &self,
        caller: &Caller,
        password: Secret<String>,
        peer: Option<IpAddr>,
    ) -> Result<(), AuthError> {
        let wrong = AuthError::Invalid { bearer: false };
        let name = self.table.login_of(caller.principal()).map(Secret::new).ok_or(wrong)?;
        let audience = Audience::Administration;
        if !self.may_be_password(&password, audience) {
            return Err(wrong);
        }
        let found = self.by_password(&name, password, (peer, audience)).await?;
        if found.caller.principal() == caller.principal() { Ok(()) } else { Err(wrong) }
    }

    /// Whose name and password these are, for a session in a browser: asked as any other log-in. Tokens sign nobody in.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    pub async fn sign_in(
        &self,
        name: Secret<String>,
        password: Secret<String>,
        peer: Option<IpAddr>,
    ) -> Result<Identity, AuthError> {
        if token::looks_like(password.expose()) || !self.may_be_password(&password, Audience::Management) {
            return Err(self.failure(peer, Claim::Name(name.expose()), false, self.clock.now()));
        }
        self.by_password(&name, password, (peer, Audience::Management)).await
    }

    /// Counts a code that was not good as a log-in that failed, so that codes are tried no faster than tokens; what is to be
    /// answered.
    #[must_use]
    pub fn code_failed(&self, peer: Option<IpAddr>, id: Option<TokenId>) -> AuthError {
        let claim = id.map_or(Claim::Nothing, Claim::Token);
        self.failure(peer, claim, false, self.clock.now())
    }

    /// The hash of a new password, in a turn of the line of log-ins: it takes as much as verifying one.
    ///
    /// # Errors
    /// `Busy` if too many wait, `Unavailable` if it cannot be hashed.
    pub async fn hash(&self, client: Client, password: Secret<String>) -> Result<String, AuthError> {
        let busy = |_| AuthError::Busy { retry_after_secs: BUSY_RETRY_SECS };
        let turn = self.turns.wait(client, 1).await.map_err(busy)?;
        let hashing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            password::hash_password(&password)
        });
        hashing.await.ok().and_then(Result::ok).ok_or(AuthError::Unavailable)
    }

    /// A bearer that stands for this identity below `/v2/`, for as long as the credential behind it is good, 900 s at most.
    #[must_use]
    pub fn issue_bearer(&self, identity: &Identity) -> Bearer {
        let now = self.clock.now();
        let longest = now.plus_secs(i64::try_from(self.bearer_secs).unwrap_or_default());
        let expires = identity.expires.map_or(longest, |parent| parent.min(longest));
        Bearer {
            text: bearer::seal(&self.keys, identity.handle, now, expires),
            expires_in_secs: expires.millis_since(now) / 1000,
        }
    }

    /// The tokens used since the last call, each with its last use. For a task that stores them once a minute.
    #[must_use]
    pub fn last_used(&self) -> Vec<TokenUse> {
        self.table.drain_used()
    }

    /// The sessions used since the last call, each with its last use. For the same task.
    #[must_use]
    pub fn last_seen(&self) -> Vec<SessionUse> {
        self.table.drain_seen()
    }

    /// Whose password let them in since the last call, each with the last time. For the same task. A bearer that a password was given
    /// is not counted: it lives for minutes.
    #[must_use]
    pub fn passwords_used(&self) -> Vec<PasswordUse> {
        self.table.drain_passwords_used()
    }

    /// A principal as people write it, by the first of its log-in names: `member:alice`; `None` for nobody. For log and audit.
    #[must_use]
    pub fn label(&self, principal: PrincipalId) -> Option<String> {
        self.table.label(principal)
    }

    /// The publisher behind a token, as `PROJECT/NAME`, if one made it. For the log.
    #[must_use]
    pub fn rule(&self, token: TokenId) -> Option<Arc<str>> {
        self.table.rule(token)
    }

    /// Whom credentials name, right or wrong, that are shown from there. For log and audit: no client is told.
    #[must_use]
    pub fn claimed(&self, credentials: &Credentials, from: Option<IpAddr>, audience: Audience) -> Claimed {
        let now = self.clock.now();
        if let Credentials::Bearer(text) = credentials
            && !token::looks_like(text.expose())
        {
            return self.carried_off(text, from, audience, now);
        }
        self.table.claimed(credentials, from, now)
    }

    /// The token behind a bearer that would be good, were it not shown from where that token may not be. Other bearers that fail
    /// say nothing: they run out all the time.
    fn carried_off(
        &self,
        text: &Secret<String>,
        from: Option<IpAddr>,
        audience: Audience,
        now: Timestamp,
    ) -> Claimed {
        let opened = bearer::open(&self.keys, text.expose(), audience, now, self.bearer_secs);
        let Ok(Opened { handle: Handle::Token(id), .. }) = opened else { return Claimed::default() };
        let claimed = self.table.claimed_by(Some(id), from, now);
        if claimed.refused == Some(Reason::TokenAddress) { claimed } else { Claimed::default() }
    }

    /// Brings what the source has into force; an outage is said in the log once. For whoever asks every second: what another node
    /// changed, or a lost notice would have told, is in force then at the latest.
    ///
    /// # Errors
    /// If the source does not answer; what was in force stays so.
    pub async fn poll(&self) -> Result<(), SourceError> {
        self.follower.poll().await.map(drop)
    }

    fn by_token(
        &self,
        text: &Secret<String>,
        name: Option<&Secret<String>>,
        peer: Peer<'_>,
        now: Timestamp,
    ) -> Option<Identity> {
        self.table.by_token(text.expose(), name.map(|name| name.expose().as_str()), peer, now)
    }

    fn by_bearer(
        &self,
        text: &Secret<String>,
        (peer, audience): (Peer<'_>, Audience),
        now: Timestamp,
    ) -> Result<Identity, Refused> {
        let opened = bearer::open(&self.keys, text.expose(), audience, now, self.bearer_secs)?;
        self.table.by_handle(opened.handle, opened.expires, Shown::By(peer), now).ok_or(Refused::Over)
    }

    fn by_verified(
        &self,
        key: &CredentialKey,
        audience: Audience,
        now: Timestamp,
    ) -> Option<Result<Identity, AuthError>> {
        let ((id, standing), is_first) = self.verified.get(key, now)?;
        if is_first {
            self.table.password_used(id, now);
        }
        Some(let_in(id, standing, audience))
    }

    /// An empty password is nobody's, and where passwords are good for nothing none is tried: no need to compute anything, and
    /// nothing is told by that.
    fn may_be_password(&self, secret: &Secret<String>, place: Audience) -> bool {
        self.password_log_in && self.table.rules.admit_passwords(place) && !secret.expose().is_empty()
    }

    async fn by_password(
        &self,
        name: &Secret<String>,
        secret: Secret<String>,
        (peer, audience): (Option<IpAddr>, Audience),
    ) -> Result<Identity, AuthError> {
        let (address, claim) = (Prefix::of(peer), Claim::Name(name.expose()));
        self.throttle
            .may_try(address, claim, self.clock.now())
            .map_err(|exhausted| AuthError::Throttled { retry_after_secs: exhausted.retry_after_secs })?;
        let key = self.verified.key(name.expose(), &secret);
        let permit = self
            .turns
            .wait(Client::Address(address), 1)
            .await
            .map_err(|_| AuthError::Busy { retry_after_secs: BUSY_RETRY_SECS })?;
        // A client that opens ten connections at once needs one verification.
        if let Some(found) = self.by_verified(&key, audience, self.clock.now()) {
            return found;
        }
        let person_found = self.table.by_name(name.expose());
        let details = person_found.as_ref().map(|principal| principal.details());
        let verifying = details.clone();
        let fits = tokio::task::spawn_blocking(move || {
            // The turn ends when the work does, also if the client goes away meanwhile.
            let _turn = permit;
            password::verify(&secret, verifying.as_ref().and_then(|details| details.password_hash()))
        });
        let fits = fits.await.map_err(|_| AuthError::Unavailable)?;
        let now = self.clock.now();
        let proved = person_found.zip(details).filter(|_| fits);
        let found = proved.and_then(|(principal, details)| {
            let (id, standing) = (principal.id(), principal.standing_with(&details)?);
            let until = now.plus_secs(self.verified_secs_max);
            self.verified.put(&key, VerifiedPassword { principal, details, until }, now);
            self.throttle.succeeded(address, claim);
            self.table.password_used(id, now);
            Some(let_in(id, standing, audience))
        });
        found.unwrap_or_else(|| Err(self.failure(peer, claim, false, now)))
    }

    fn failure(&self, peer: Option<IpAddr>, claim: Claim<'_>, bearer: bool, now: Timestamp) -> AuthError {
        match self.throttle.failed(Prefix::of(peer), claim, now) {
            Ok(()) => AuthError::Invalid { bearer },
            Err(exhausted) => AuthError::Throttled { retry_after_secs: exhausted.retry_after_secs },
        }
    }
}

/// Who gave a password, where it is good: one that has to be changed is good for that alone.
fn let_in(id: PrincipalId, standing: Standing, audience: Audience) -> Result<Identity, AuthError> {
    match (standing.must_change, audience) {
        (false, _) => Ok(person(id, standing, Presented::Password)),
        (true, Audience::Administration) => Ok(person(id, standing, Presented::PasswordToChange)),
        (true, Audience::Oci | Audience::Packages | Audience::Management) => Err(AuthError::MustChange),
    }
}

fn claim_of(token: &Secret<String>) -> Claim<'static> {
    token::parse(token.expose()).map_or(Claim::Nothing, |(_, id)| Claim::Token(id))
}

impl CredentialCheck for Authenticator {
    fn again(&self, caller: &Caller) -> Option<Caller> {
        self.table.again(caller, self.clock.now())
    }

    fn would_be(
        &self,
        principal: PrincipalId,
        token: Option<TokenId>,
        from: Option<IpAddr>,
    ) -> Option<WouldBe> {
        self.table.would_be(principal, token, from, self.clock.now())
    }
}

impl PolicyFeed for Authenticator {
    fn point(&self) -> PolicyPoint {
        self.follower.point()
    }

    fn refresh_to(&self, point: PolicyPoint) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(self.follower.refresh_to(point))
    }

    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async { self.follower.refresh().await.map(drop) })
    }
}

/// Two at a time, the others wait in a line of their own address. One client alone may have all turns.
const fn turns(limits: &AuthLimits) -> Bounds {
    let at_once = limits.passwords_at_once_max as u64;
    Bounds::new(at_once, at_once, at_once)
        .waiting(limits.passwords_waiting_max, limits.passwords_waiting_per_address_max)
}

#[cfg(test)]
mod tests;
