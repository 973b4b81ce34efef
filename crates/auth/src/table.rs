//! Who there is and which tokens: read without locks, written by the one follower of access changes.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use domain::{
    Caller, Credential, CredentialChange, CredentialFacts, Networks, PasswordUse, PolicyVersion,
    PrincipalCredentials, PrincipalId, SessionUse, Timestamp, TokenFact, TokenId, TokenLimits, TokenState,
    TokenUse,
};
use follower::Target;
use papaya::HashMap;
use subtle::ConstantTimeEq as _;

use crate::bearer::Audience;
use crate::direct::Direct;
use crate::identity::{Handle, Identity, Peer, Presented};
use crate::principal::{Principal, Standing};
use crate::rules::Rules;
use crate::token;
use crate::verified::KeyedHash;

mod claimed;
mod sessions;
mod would_be;

use sessions::SessionRecord;

pub(crate) struct Table {
    tokens: HashMap<u64, TokenRecord>,
    principals: HashMap<u32, Arc<Principal>>,
    /// Login names of persons with a password, under a keyed hash: what uncached passwords are looked up by.
    names: HashMap<u128, Arc<Principal>>,
    name_hash: KeyedHash,
    /// Tokens used since the last drain, each with its last use.
    touched: HashMap<u64, TokenUse>,
    sessions: HashMap<u64, SessionRecord>,
    /// Sessions used since the last drain, each with its last use.
    seen: HashMap<u64, SessionUse>,
    /// Whose password let somebody in since the last drain, each with the last minute.
    passwords_used: HashMap<u32, u32>,
    pub(crate) rules: Rules,
    /// Stands in for a token that does not exist, so that looking costs the same.
    nobody: TokenRecord,
}

struct TokenRecord {
    sha256: [u8; 32],
    owner: Arc<Principal>,
    limits: TokenLimits,
    /// The beginning of time if it is good at once.
    not_before: Timestamp,
    /// The end of time if it never expires.
    expires: Timestamp,
    networks: Networks,
    last_used_minute: AtomicU32,
    state: AtomicU8,
    /// The publisher that made it, for the log.
    rule: Option<Arc<str>>,
}

const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);
const EVER: Timestamp = Timestamp::from_millis(i64::MIN);

/// What a token is shown for.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// To be let in by.
    By(Peer<'a>),
    /// To go on with what it let in for: from where it was, which is asked once.
    Again,
}

impl Table {
    pub(crate) fn new(facts: CredentialFacts) -> Self {
        let table = Self {
            tokens: HashMap::with_capacity(facts.tokens.len()),
            principals: HashMap::with_capacity(facts.principals.len()),
            names: HashMap::new(),
            name_hash: KeyedHash::random(),
            touched: HashMap::new(),
            sessions: HashMap::new(),
            seen: HashMap::new(),
            passwords_used: HashMap::new(),
            rules: Rules::new(facts.rules),
            nobody: TokenRecord::nobody(),
        };
        for principal in &facts.principals {
            table.put_principal(principal);
        }
        for token in facts.tokens {
            table.put_token(token);
        }
        for session in facts.sessions {
            table.put_session(session);
        }
        table
    }

    /// The owner of a valid token. The same work is done for every well-formed token, whatever is wrong with it; a name must
    /// be one of the owner's.
    pub(crate) fn by_token(
        &self,
        text: &str,
        name: Option<&str>,
        peer: Peer<'_>,
        now: Timestamp,
    ) -> Option<Identity> {
        let (_, id) = token::parse(text)?;
        let tokens = self.tokens.pin();
        let found = tokens.get(&id.get());
        let record = found.unwrap_or(&self.nobody);
        // All is looked at, whatever fails. What has to be fetched from memory comes first and is waited for while hashing.
        let shown = Shown::By(peer);
        let standing = record.usable(shown, now);
        let named = name.is_none_or(|name| record.owner.answers_to(name) | !self.rules.strict_user_names());
        let same = bool::from(record.sha256.ct_eq(&token::sha256(text)));
        if !(found.is_some() & same & named) {
            return None;
        }
        Some(self.admit((id, record), standing?, (Presented::Token, shown), now))
    }

    /// What an identity token stands for, if that is still good.
    pub(crate) fn by_direct(&self, direct: &Direct, peer: Peer<'_>, now: Timestamp) -> Option<Identity> {
        let identity = self.by_handle(Handle::Token(direct.token), direct.until, Shown::By(peer), now)?;
        Some(Identity { presented: Presented::IdentityToken, ..identity })
    }

    /// What a bearer stands for, if that is still good.
    pub(crate) fn by_handle(
        &self,
        handle: Handle,
        expires: Timestamp,
        shown: Shown<'_>,
        now: Timestamp,
    ) -> Option<Identity> {
        let mut identity = match handle {
            Handle::Anonymous => Identity::anonymous(Presented::AnonymousBearer, None),
            Handle::Token(id) => {
                let tokens = self.tokens.pin();
                let record = tokens.get(&id.get())?;
                let standing = record.usable(shown, now)?;
                self.admit((id, record), standing, (Presented::Bearer, shown), now)
            }
            Handle::Password(id, generation) => {
                let principals = self.principals.pin();
                let standing = principals.get(&id.get())?.standing()?;
                // Bearers are for packages alone, and a password that has to be changed is given none.
                let is_to_be_let_in = matches!(shown, Shown::By(_));
                if standing.generation != generation
                    || standing.must_change && is_to_be_let_in
                    || !self.rules.admit_passwords(Audience::Oci)
                {
                    return None;
                }
                person(id, standing, Presented::Bearer)
            }
        };
        identity.expires = Some(expires);
        Some(identity)
    }

    /// The caller anew, if what is behind the call still counts.
    pub(crate) fn again(&self, caller: &Caller, now: Timestamp) -> Option<Caller> {
        let handle = match caller.credential() {
            Credential::None => Handle::Anonymous,
            Credential::Token(token) => Handle::Token(token),
            Credential::Password(generation) => Handle::Password(caller.principal(), generation),
            Credential::Session(session, _) => return self.session_again(session, now),
        };
        self.by_handle(handle, NEVER, Shown::Again, now).map(|identity| identity.caller)
    }

    /// The person with a password that has this login name, suspended or not.
    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<Principal>> {
        let names = self.names.pin();
        names
            .get(&self.name_hash.name(name.as_bytes()))
            .filter(|principal| principal.answers_to(name))
            .cloned()
    }

    /// A name that somebody logs in with, for whom there is no other at hand.
    pub(crate) fn login_of(&self, id: PrincipalId) -> Option<String> {
        let principals = self.principals.pin();
        let details = principals.get(&id.get())?.details();
        details.logins().next().map(|login| String::from_utf8_lossy(login).into_owned())
    }

    /// Tokens used since the last call, each with its last use.
    pub(crate) fn drain_used(&self) -> Vec<TokenUse> {
        let touched = self.touched.pin();
        let ids: Vec<u64> = touched.keys().copied().collect();
        ids.iter().filter_map(|id| touched.remove(id).cloned()).collect()
    }

    /// A password let its owner in.
    pub(crate) fn password_used(&self, id: PrincipalId, now: Timestamp) {
        let minute = u32::try_from(now.millis() / 60_000).unwrap_or_default();
        self.passwords_used.pin().insert(id.get(), minute);
    }

    /// Whose password let somebody in since the last call, each with the last time.
    pub(crate) fn drain_passwords_used(&self) -> Vec<PasswordUse> {
        let used = self.passwords_used.pin();
        let ids: Vec<u32> = used.keys().copied().collect();
        let taken = |id: &u32| {
            let minute = *used.remove(id)?;
            Some(PasswordUse { principal: PrincipalId::new(*id), minute })
        };
        ids.iter().filter_map(taken).collect()
    }

    fn admit(
        &self,
        (id, record): (TokenId, &TokenRecord),
        standing: Standing,
        (presented, shown): (Presented, Shown<'_>),
        now: Timestamp,
    ) -> Identity {
        let minute = u32::try_from(now.millis() / 60_000).unwrap_or_default();
        // A load before the swap: the record stays shared between cores but once a minute.
        if let Shown::By(peer) = shown
            && record.last_used_minute.load(Ordering::Relaxed) != minute
            && record.last_used_minute.swap(minute, Ordering::Relaxed) != minute
        {
            let (address, agent) = (peer.address.map(|address| address.to_canonical()), peer.agent.cloned());
            self.touched.pin().insert(id.get(), TokenUse { token: id, minute, address, agent });
        }
        let caller = Caller::assertion(record.owner.id(), standing.kind, Some(id), record.limits.clone());
        Identity { caller, presented, handle: Handle::Token(id), expires: None }
    }
}

/// A person who gave a password, now or for the bearer at hand.
pub(crate) fn person(id: PrincipalId, standing: Standing, presented: Presented) -> Identity {
    let caller =
        Caller::assertion(id, standing.kind, None, TokenLimits::Full).by_password(standing.generation);
    Identity { caller, presented, handle: Handle::Password(id, standing.generation), expires: None }
}

impl TokenRecord {
    fn nobody() -> Self {
        Self {
            sha256: [0; 32],
            owner: Arc::new(Principal::absent(PrincipalId::ANONYMOUS)),
            limits: TokenLimits::Full,
            not_before: EVER,
            expires: NEVER,
            networks: Networks::default(),
            last_used_minute: AtomicU32::new(0),
            state: AtomicU8::new(TokenState::Revoked as u8),
            rule: None,
        }
    }

    /// State, times, place, owner.
    fn usable(&self, shown: Shown<'_>, now: Timestamp) -> Option<Standing> {
        let active = self.state.load(Ordering::Acquire) == TokenState::Active as u8;
        let standing = self.owner.standing();
        let timely = (self.not_before <= now) & (now < self.expires);
        let placed = match shown {
            Shown::By(peer) => self.networks.admit(peer.address),
            Shown::Again => true,
        };
        if active & timely & placed { standing } else { None }
    }

    /// Whether the record need not be replaced for these facts: nothing differs but the state, and that goes down.
    fn keeps(&self, fact: &TokenFact, owner: &Arc<Principal>) -> bool {
        self.sha256 == fact.sha256
            && self.not_before == fact.not_before.unwrap_or(EVER)
            && self.expires == fact.expires.unwrap_or(NEVER)
            && self.networks == fact.networks
            && self.limits == fact.limits
            && self.rule == fact.rule
            && Arc::ptr_eq(&self.owner, owner)
            && self.state.load(Ordering::Acquire) <= fact.state as u8
    }
}

/// Changes beyond this many are brought into force on a thread of their own.
const IN_PLACE_MAX: usize = 1000;

impl Target for Table {
    type Facts = CredentialFacts;

    const NAME: &'static str = "log-ins";

    fn is_quick(changes: usize) -> bool {
        changes <= IN_PLACE_MAX
    }

    fn apply(&self, changes: Vec<CredentialChange>, _: PolicyVersion) {
        self.apply(changes);
    }

    fn replace(&self, facts: CredentialFacts, _: PolicyVersion) {
        self.replace(facts);
    }
}

/// Writing. Only one thread at a time does; readers never wait for it.
impl Table {
    /// Brings changes into force, principals first: a new token finds its owner.
    pub(crate) fn apply(&self, changes: Vec<CredentialChange>) {
        let (mut tokens, mut sessions) = (Vec::with_capacity(changes.len()), Vec::new());
        for change in changes {
            match change {
                CredentialChange::Principal(_, Some(facts)) => self.put_principal(&facts),
                CredentialChange::Principal(id, None) => self.drop_principal(id),
                CredentialChange::Token(id, fact) => tokens.push((id, fact)),
                CredentialChange::Session(id, fact) => sessions.push((id, fact)),
                CredentialChange::Rules(rules) => self.rules.set(rules),
            }
        }
        for (id, fact) in tokens {
            match fact {
                Some(fact) => self.put_token(fact),
                None => self.drop_token(id),
            }
        }
        for (id, fact) in sessions {
            match fact {
                Some(fact) => self.put_session(fact),
                None => self.drop_session(id),
            }
        }
    }

    /// Makes the table what these facts say; what they do not name is gone.
    pub(crate) fn replace(&self, facts: CredentialFacts) {
        self.rules.set(facts.rules);
        let principals: HashSet<u32> = facts.principals.iter().map(|facts| facts.id.get()).collect();
        let tokens: HashSet<u64> = facts.tokens.iter().map(|fact| fact.id.get()).collect();
        let gone: Vec<u32> =
            self.principals.pin().keys().copied().filter(|id| !principals.contains(id)).collect();
        for id in gone {
            self.drop_principal(PrincipalId::new(id));
            self.principals.pin().remove(&id);
        }
        let gone: Vec<u64> = self.tokens.pin().keys().copied().filter(|id| !tokens.contains(id)).collect();
        for id in gone {
            self.drop_token(TokenId::new(id));
        }
        for facts in &facts.principals {
            self.put_principal(facts);
        }
        for fact in facts.tokens {
            self.put_token(fact);
        }
        self.replace_sessions(facts.sessions);
    }

    fn put_principal(&self, facts: &PrincipalCredentials) {
        let principals = self.principals.pin();
        let before = principals.get(&facts.id.get()).cloned();
        let principal = match before {
            Some(principal) => {
                let old = principal.details();
                principal.update(facts);
                let new = principal.details();
                if !Arc::ptr_eq(&old, &new) {
                    self.forget_names(&principal, old.logins());
                }
                principal
            }
            None => {
                let principal = Arc::new(Principal::new(facts));
                principals.insert(facts.id.get(), Arc::clone(&principal));
                principal
            }
        };
        let details = principal.details();
        if details.password_hash().is_some() {
            let names = self.names.pin();
            for login in details.logins() {
                names.insert(self.name_hash.name(login), Arc::clone(&principal));
            }
        }
    }

    /// Out of force. Its place is kept, as tokens point to it: what comes back under this id must be what they point to.
    fn drop_principal(&self, id: PrincipalId) {
        let principals = self.principals.pin();
        let Some(principal) = principals.get(&id.get()) else { return };
        principal.remove();
        self.forget_names(principal, principal.details().logins());
    }

    /// A name that another principal has taken over by now stays.
    fn forget_names<'a>(&self, principal: &Arc<Principal>, logins: impl Iterator<Item = &'a [u8]>) {
        let names = self.names.pin();
        for login in logins {
            let _ = names.remove_if(&self.name_hash.name(login), |_, holder| Arc::ptr_eq(holder, principal));
        }
    }

    fn put_token(&self, fact: TokenFact) {
        let owner = self.owner(fact.owner);
        let tokens = self.tokens.pin();
        let before = tokens.get(&fact.id.get());
        if let Some(record) = before.filter(|record| record.keeps(&fact, &owner)) {
            record.state.store(fact.state as u8, Ordering::Release);
            return;
        }
        let last_used = before.map_or(0, |record| record.last_used_minute.load(Ordering::Relaxed));
        let record = TokenRecord {
            sha256: fact.sha256,
            owner,
            limits: fact.limits,
            not_before: fact.not_before.unwrap_or(EVER),
            expires: fact.expires.unwrap_or(NEVER),
            networks: fact.networks,
            last_used_minute: AtomicU32::new(last_used),
            state: AtomicU8::new(fact.state as u8),
            rule: fact.rule,
        };
        tokens.insert(fact.id.get(), record);
    }

    fn drop_token(&self, id: TokenId) {
        let tokens = self.tokens.pin();
        if let Some(record) = tokens.get(&id.get()) {
            record.state.store(TokenState::Revoked as u8, Ordering::Release);
            tokens.remove(&id.get());
        }
    }

    /// An owner that is not known yet gets its place, so that the token works as soon as the owner does.
    fn owner(&self, id: PrincipalId) -> Arc<Principal> {
        let principals = self.principals.pin();
        Arc::clone(principals.get_or_insert_with(id.get(), || Arc::new(Principal::absent(id))))
    }
}

#[cfg(test)]
mod tests;
