//! A source of credentials in memory and a clock moved by hand, for tests and benches.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{
    BoxFuture, Changes, Clock, CredentialChange, CredentialFacts, FactSource, LogInRules, Login, Networks,
    PolicyPoint, PolicyVersion, PrincipalCredentials, PrincipalId, PrincipalKind, SessionFact, SessionId,
    SourceError, Timestamp, TokenFact, TokenId, TokenLimits, TokenState,
};

use crate::direct::{Direct, DirectFault, DirectUse, ShownIdentityToken, Untaken};
use crate::issuer_keys::{IssuerKeys, IssuerSource, KeySet, KeysUnavailable, LogInEndpoints};
use crate::redeeming::{Redeems, Redemption};
use crate::secret::Secret;
use crate::token::NewSecret;

/// Credentials in memory, with a version that each change makes one larger.
#[derive(Debug, Default)]
pub struct MemoryCredentials {
    facts: Mutex<Facts>,
    loads: AtomicU64,
    fails: AtomicU64,
}

#[derive(Debug, Default)]
struct Facts {
    version: u64,
    principals: BTreeMap<PrincipalId, PrincipalCredentials>,
    tokens: BTreeMap<TokenId, TokenFact>,
    sessions: BTreeMap<SessionId, SessionFact>,
    rules: LogInRules,
    log: Vec<(u64, Changed)>,
}

#[derive(Debug, Clone, Copy)]
enum Changed {
    Principal(PrincipalId),
    Token(TokenId),
    Session(SessionId),
    Rules,
    Everything,
}

impl MemoryCredentials {
    /// Nobody, and no token.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds or replaces a principal.
    pub fn put_principal(&self, facts: PrincipalCredentials) -> PolicyPoint {
        self.change(Changed::Principal(facts.id), |all| {
            all.principals.insert(facts.id, facts);
        })
    }

    /// Changes a principal in place, if there is one.
    pub fn edit_principal(
        &self,
        id: PrincipalId,
        edit: impl FnOnce(&mut PrincipalCredentials),
    ) -> PolicyPoint {
        self.change(Changed::Principal(id), |all| {
            if let Some(facts) = all.principals.get_mut(&id) {
                edit(facts);
            }
        })
    }

    /// Removes a principal; its tokens stay, as rows do that nobody has removed yet.
    pub fn remove_principal(&self, id: PrincipalId) -> PolicyPoint {
        self.change(Changed::Principal(id), |all| {
            all.principals.remove(&id);
        })
    }

    /// Adds or replaces a token.
    pub fn put_token(&self, fact: TokenFact) -> PolicyPoint {
        self.change(Changed::Token(fact.id), |all| {
            all.tokens.insert(fact.id, fact);
        })
    }

    /// Changes the state of a token, if there is one.
    pub fn set_token_state(&self, id: TokenId, state: TokenState) -> PolicyPoint {
        self.change(Changed::Token(id), |all| {
            if let Some(fact) = all.tokens.get_mut(&id) {
                fact.state = state;
            }
        })
    }

    /// Removes a token.
    pub fn remove_token(&self, id: TokenId) -> PolicyPoint {
        self.change(Changed::Token(id), |all| {
            all.tokens.remove(&id);
        })
    }

    /// Adds or replaces a session.
    pub fn put_session(&self, fact: SessionFact) -> PolicyPoint {
        self.change(Changed::Session(fact.id), |all| {
            all.sessions.insert(fact.id, fact);
        })
    }

    /// Ends a session.
    pub fn remove_session(&self, id: SessionId) -> PolicyPoint {
        self.change(Changed::Session(id), |all| {
            all.sessions.remove(&id);
        })
    }

    /// Sets what the organisation says about log-ins.
    pub fn set_rules(&self, rules: LogInRules) -> PolicyPoint {
        self.change(Changed::Rules, |all| all.rules = rules)
    }

    /// Makes the next question about changes be answered with "load everything".
    pub fn demand_rebuild(&self) -> PolicyPoint {
        self.change(Changed::Everything, |_| {})
    }

    /// Makes the next so many questions fail.
    pub fn fail(&self, times: u64) {
        self.fails.store(times, Ordering::SeqCst);
    }

    /// How often everything was loaded.
    #[must_use]
    pub fn loads(&self) -> u64 {
        self.loads.load(Ordering::SeqCst)
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, what: Changed, write: impl FnOnce(&mut Facts)) -> PolicyPoint {
        let mut facts = self.facts();
        write(&mut facts);
        facts.version += 1;
        let version = facts.version;
        facts.log.push((version, what));
        facts.point()
    }

    fn answer(&self) -> Result<(), SourceError> {
        let failing = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if failing.is_ok() { Err(SourceError("told to fail".into())) } else { Ok(()) }
    }
}

impl Facts {
    fn point(&self) -> PolicyPoint {
        PolicyPoint { version: PolicyVersion::new(self.version), ..PolicyPoint::default() }
    }
}

impl FactSource<CredentialFacts> for MemoryCredentials {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, CredentialFacts), SourceError>> {
        Box::pin(async {
            self.answer()?;
            self.loads.fetch_add(1, Ordering::SeqCst);
            let facts = self.facts();
            let all = CredentialFacts {
                principals: facts.principals.values().cloned().collect(),
                tokens: facts.tokens.values().cloned().collect(),
                sessions: facts.sessions.values().cloned().collect(),
                rules: facts.rules,
            };
            Ok((facts.point(), all))
        })
    }

    fn changes_since(
        &self,
        point: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<CredentialChange>, SourceError>> {
        Box::pin(async move {
            self.answer()?;
            let facts = self.facts();
            let newer = facts.log.iter().filter(|(at, _)| *at > point.version.get());
            let changes = newer.map(|(_, what)| match what {
                Changed::Principal(id) => {
                    Some(CredentialChange::Principal(*id, facts.principals.get(id).cloned()))
                }
                Changed::Token(id) => Some(CredentialChange::Token(*id, facts.tokens.get(id).cloned())),
                Changed::Session(id) => Some(CredentialChange::Session(*id, facts.sessions.get(id).cloned())),
                Changed::Rules => Some(CredentialChange::Rules(facts.rules)),
                Changed::Everything => None,
            });
            let reached = facts.point();
            Ok(changes
                .collect::<Option<_>>()
                .map_or(Changes::Rebuild, |changes| Changes::Each { reached, changes }))
        })
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Starts at some moment in 2026.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Self::at(Timestamp::from_millis(1_790_000_000_000))
    }

    /// Starts at this moment.
    #[must_use]
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(start.millis())))
    }

    /// Moves it on.
    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs.saturating_mul(1000), Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A principal with these login names, without password. Names that are none are left out.
#[must_use]
pub fn principal(id: u32, kind: PrincipalKind, logins: &[&str]) -> PrincipalCredentials {
    PrincipalCredentials {
        id: PrincipalId::new(id),
        kind,
        suspended: false,
        logins: logins.iter().filter_map(|login| Login::parse(login).ok()).collect(),
        password_hash: None,
        generation: 1,
        must_change: false,
    }
}

/// The row of an unlimited, active token that never expires.
#[must_use]
pub fn token(new: &NewSecret, owner: u32) -> TokenFact {
    TokenFact {
        id: new.id,
        sha256: new.sha256,
        owner: PrincipalId::new(owner),
        limits: TokenLimits::Full,
        not_before: None,
        expires: None,
        networks: Networks::default(),
        state: TokenState::Active,
        rule: None,
    }
}

/// The row of a session for which the first password of its owner was given then, and which ends so many seconds later.
#[must_use]
pub fn session(new: &NewSecret, owner: u32, signed_in: Timestamp, secs: i64) -> SessionFact {
    SessionFact {
        by_password: true,
        id: SessionId::new(new.id),
        sha256: new.sha256,
        owner: PrincipalId::new(owner),
        generation: 1,
        signed_in,
        expires: signed_in.plus_secs(secs),
    }
}

/// Nobody vouches for machines.
pub struct NoKeys;

impl IssuerKeys for NoKeys {
    fn refusal(&self, _: &IssuerSource) -> Option<String> {
        None
    }

    fn keys<'a>(
        &'a self,
        source: &'a IssuerSource,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>> {
        self.fetch(source)
    }

    fn fetch<'a>(&'a self, _: &'a IssuerSource) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>> {
        Box::pin(std::future::ready(Err(KeysUnavailable("nobody has any".to_owned()))))
    }
}

impl Redeems for NoKeys {
    fn redeem<'a>(
        &'a self,
        _: &'a IssuerSource,
        _: &'a LogInEndpoints,
        _: Redemption<'a>,
    ) -> BoxFuture<'a, Result<Secret<String>, String>> {
        Box::pin(std::future::ready(Err("nobody exchanges any".to_owned())))
    }
}

/// Nobody takes identity tokens as they are.
pub struct NoDirectUse;

impl DirectUse for NoDirectUse {
    fn shown<'a>(&'a self, _: ShownIdentityToken<'a>) -> BoxFuture<'a, Result<Direct, DirectFault>> {
        Box::pin(std::future::ready(Err(Untaken::Issuer.into())))
    }
}
