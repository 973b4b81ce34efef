use domain::{
    DirectoryManage, DirectoryView, Granted, Limit, Networks, NodeId, Organisation, Own, Permissions,
    PrincipalId, Timestamp, TokenId, TokenLimits, TokenState,
};

use serde_json::Map;

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::giving::{self, OwnerHolds, Reach};
use super::{Directory, InForce, names};
use crate::error::{DirectoryError, Error};
use crate::sql::credentials::{self, TokenInsert, TokenListed, TokensMeant};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, audited, nodes, organisation, publishers};

/// Tokens one principal may have that are not revoked.
const TOKENS_MAX: u32 = 1000;
/// Longest name of a token, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Seconds of a day.
pub(super) const DAY_SECS: i64 = 86_400;

/// A token to make. Its secret never comes here, only the hash.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Public id, part of the text.
    pub id: TokenId,
    /// SHA-256 of the whole text.
    pub sha256: [u8; 32],
    /// What its owner calls it, unique among the owner's tokens; at most 128 bytes.
    pub name: Box<str>,
    /// `None` for everything its owner may, else pairs of a node (`/`, `alpha`, `alpha/jars`) and permissions there.
    pub limits: Option<Vec<(Box<str>, Permissions)>>,
    /// Refused until this moment; `None` is good at once.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on; `None` never expires.
    pub expires: Option<Timestamp>,
    /// Refused from elsewhere; at most [`Networks::MAX`].
    pub networks: Networks,
}

impl NewToken {
    /// One that may do everything its owner may, from everywhere, for ever.
    #[must_use]
    pub fn full(id: TokenId, sha256: [u8; 32], name: &str) -> Self {
        let networks = Networks::default();
        Self { id, sha256, name: name.into(), limits: None, not_before: None, expires: None, networks }
    }
}

/// A token as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Public id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: Box<str>,
    /// Active or disabled; revoked ones are listed only if they are asked for.
    pub state: TokenState,
    /// What it is limited to; `None` for everything its owner may.
    pub limits: Option<Vec<(Box<str>, Permissions)>>,
    /// Refused until this moment.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on.
    pub expires: Option<Timestamp>,
    /// Refused from elsewhere.
    pub networks: Networks,
    /// Who made it, if that was not its owner: `member:root`; `None` too for who is gone.
    pub made_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its last use.
    pub last_used: Option<TokenUsed>,
    /// What a rotation made in its place.
    pub successor: Option<TokenId>,
}

/// The last use of a token, some minutes late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUsed {
    /// When, to the minute.
    pub at: Timestamp,
    /// From where; `None` if that was not known.
    pub address: Option<Box<str>>,
    /// With what `User-Agent`.
    pub agent: Option<Box<str>>,
}

/// Which tokens are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenFilter {
    /// Those of this state; `None` for all that are not revoked.
    pub state: Option<TokenState>,
    /// Those that were not used for so many days; one that never was counts from when it was made.
    pub unused_days: Option<u32>,
    /// Those that were exchanged for an identity token, in place of those that somebody made.
    pub short_lived: bool,
}

impl TokenFilter {
    fn meant(self, now: Timestamp) -> TokensMeant {
        let since = |days: u32| now.plus_secs(i64::from(days).saturating_mul(DAY_SECS).saturating_neg());
        TokensMeant {
            states: self.state.map_or(TokensMeant::LIVE.states, |state| (state, state)),
            unused_since: self.unused_days.map(since),
            short_lived: self.short_lived,
        }
    }
}

impl Directory {
    /// Makes a token of one's own, limited no less than the credential that makes it.
    ///
    /// # Errors
    /// `Exists` if the name or id is taken, `WiderThanToken` if it would be wider than the credential or outlive it, `BeyondOwn` if
    /// it would be limited to what its owner does not have, `Refused` if it would expire in the past or beyond the organisation's maximum, or name
    /// unknown nodes.
    pub async fn create_token(
        &self,
        own: &Own,
        new: NewToken,
    ) -> Result<(TokenRow, InForce), DirectoryError> {
        let (owner, maker) = (own.principal(), own.limits().clone());
        let held = OwnerHolds::ask(new.limits.as_deref(), |node| own.somewhere(node));
        let author = match held.version {
            Some(version) => Author::owner(own).trusting(version),
            None => Author::owner(own),
        };
        let make = move |change: &mut Change<'_>| {
            let owner = rows::principal(change.tx, owner)?.ok_or(Error::Absent)?;
            create(change, &owner, &new, (&maker, &held))
        };
        Ok(self.change(author, make).await?)
    }

    /// One's own tokens, by id, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn tokens(
        &self,
        own: &Own,
        filter: TokenFilter,
        after: Option<TokenId>,
        limit: Limit,
    ) -> Result<Vec<TokenRow>, DirectoryError> {
        let (owner, only) = (own.principal(), itself(own));
        let meant = filter.meant(self.clock.now());
        let read = move |tx: &mut dyn Tx| {
            let Some(only) = only else { return list(tx, owner, &meant, after, limit) };
            let found = only.map(|id| credentials::token_listed(tx, id)).transpose()?.flatten();
            let found = found.filter(|token| {
                token.owner == owner && meant.has(token) && after.is_none_or(|after| token.id > after)
            });
            found.into_iter().map(|token| row_of(tx, token)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// Disables or revokes a token of one's own.
    ///
    /// # Errors
    /// `Absent` if it is not one's own, `Refused` for a way up: activating again takes a new token.
    pub async fn set_token_state(
        &self,
        own: &Own,
        id: TokenId,
        state: TokenState,
    ) -> Result<InForce, DirectoryError> {
        let (owner, only) = (own.principal(), itself(own));
        if only.is_some_and(|only| only != Some(id)) {
            return Err(DirectoryError::Absent);
        }
        let lower = move |change: &mut Change<'_>| {
            let token = credentials::token_listed(change.tx, id)?.filter(|token| token.owner == owner);
            lower(change, &token.ok_or(Error::Absent)?, state)
        };
        Ok(self.narrow(Author::owner(own), lower).await?)
    }

    /// Makes a token for somebody: `member:alice`, `application:build-server`.
    ///
    /// # Errors
    /// As [`Self::create_token`]; nobody gives through a token what they do not hold themselves. `OwnToken` if an application asks
    /// for itself: whoever got hold of one of its tokens would make others that outlive the first.
    pub async fn create_token_for(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        owner: &str,
        new: NewToken,
    ) -> Result<(TokenRow, InForce), DirectoryError> {
        let (owner, maker) = (owner.to_owned(), may.limits().clone());
        let asked = owner.clone();
        let id = self.database.read(move |tx: &mut dyn Tx| Ok(names::principal(tx, &asked)?.id)).await?;
        let held = OwnerHolds::ask(new.limits.as_deref(), |node| may.somewhere(id, node));
        let author = Author::of(may).trusting(held.version.unwrap_or_else(|| may.version()));
        let make = move |change: &mut Change<'_>| {
            let owner = names::principal(change.tx, &owner)?;
            if owner.id != id {
                return Err(Error::Stale);
            }
            not_for_itself(change, &owner)?;
            create(change, &owner, &new, (&maker, &held))
        };
        Ok(self.change(author, make).await?)
    }

    /// Somebody's tokens, by id, after `after`.
    ///
    /// # Errors
    /// `Unknown` if there is nobody of that name.
    pub async fn tokens_of(
        &self,
        _may: &Granted<DirectoryView, Organisation>,
        owner: &str,
        filter: TokenFilter,
        (after, limit): (Option<TokenId>, Limit),
    ) -> Result<Vec<TokenRow>, DirectoryError> {
        let (owner, meant) = (owner.to_owned(), filter.meant(self.clock.now()));
        let read = move |tx: &mut dyn Tx| {
            let owner = names::principal(tx, &owner)?;
            list(tx, owner.id, &meant, after, limit)
        };
        Ok(self.database.read(read).await?)
    }

    /// Disables or revokes somebody's token.
    ///
    /// # Errors
    /// `Unknown` if there is nobody of that name, `Absent` if it is not theirs or revoked, `Refused` for a way up.
    pub async fn set_token_state_of(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        owner: &str,
        id: TokenId,
        state: TokenState,
    ) -> Result<InForce, DirectoryError> {
        let owner = owner.to_owned();
        let lower = move |change: &mut Change<'_>| {
            let owner = names::principal(change.tx, &owner)?.id;
            let token = credentials::token_listed(change.tx, id)?;
            let theirs = token.filter(|token| token.owner == owner && token.state != TokenState::Revoked);
            lower(change, &theirs.ok_or(Error::Absent)?, state)
        };
        Ok(self.narrow(Author::of(may), lower).await?)
    }
}

/// A limited token sees and ends itself only; `None` for everything else, which sees all tokens of its owner.
pub(super) fn itself(own: &Own) -> Option<Option<TokenId>> {
    match own.limits() {
        TokenLimits::Full => None,
        TokenLimits::Only(_) => Some(own.token()),
    }
}

/// Refuses what an application makes for itself.
pub(super) fn not_for_itself(change: &Change<'_>, owner: &PrincipalRow) -> Result<(), Error> {
    if !owner.kind.is_person() && change.author().principal() == Some(owner.id) {
        return Err(Error::OwnToken);
    }
    Ok(())
}

/// Makes a token as everybody does, with all that is asked then.
pub(super) fn create(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    new: &NewToken,
    (maker, held): (&TokenLimits, &OwnerHolds),
) -> Result<TokenRow, Error> {
    if new.name.trim().is_empty() || new.name.len() > NAME_BYTES_MAX || new.name.chars().any(char::is_control)
    {
        return Err(Error::refused("a token needs a name of at most 128 bytes without control characters"));
    }
    if credentials::token_named(change.tx, owner.id, &new.name)?.is_some() {
        return Err(Error::Exists);
    }
    has_room(change, owner)?;
    check_expiry(change, new.expires)?;
    check_start(change, new)?;
    let limits = known_limits(change, new.limits.as_deref(), held)?;
    let reach = Reach { limits: limits.as_deref(), expires: new.expires, networks: &new.networks };
    giving::not_wider(change, &reach, maker)?;
    giving::owner_holds(change, new.limits.as_deref(), held)?;
    store(change, owner, new, limits.as_deref(), TokenState::Active)?;
    let token = credentials::token_listed(change.tx, new.id)?.ok_or(Error::Absent)?;
    row_of(change.tx, token)
}

/// Refuses one token too many.
pub(super) fn has_room(change: &mut Change<'_>, owner: &PrincipalRow) -> Result<(), Error> {
    let owned = credentials::tokens_of(change.tx, owner.id, &TokensMeant::LIVE, None, TOKENS_MAX)?;
    if owned.len() as u64 >= u64::from(TOKENS_MAX) {
        return Err(Error::refused("nobody can have more than 1000 tokens; revoke some first"));
    }
    Ok(())
}

/// Stores a token and notes it.
pub(super) fn store(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    new: &NewToken,
    limits: Option<&[(NodeId, Permissions)]>,
    state: TokenState,
) -> Result<(), Error> {
    if let Some((rule, true)) = publishers::naming(change.tx, owner.id)? {
        let why =
            format!("the application belongs to the publisher {rule}, from which all of its tokens come");
        return Err(Error::refused(why));
    }
    let insert = TokenInsert {
        id: new.id,
        sha256: new.sha256,
        owner: owner.id,
        name: &new.name,
        kind: if owner.kind.is_person() { "p" } else { "a" },
        limits,
        state,
        not_before: new.not_before,
        expires: new.expires,
        networks: &new.networks,
        created_by: change.author().id(),
        now: change.now,
    };
    if !credentials::insert_token(change.tx, &insert)? {
        return Err(Error::Exists);
    }
    let stored = credentials::token_listed(change.tx, new.id)?.ok_or(Error::Absent)?;
    let turn = Turn::Made(document(change.tx, &stored)?);
    token_happened(change, "token.create", &stored, turn)
}

/// Lowers a token's state and notes it.
pub(super) fn lower(change: &mut Change<'_>, token: &TokenListed, state: TokenState) -> Result<(), Error> {
    if state < token.state {
        return Err(Error::refused("a disabled or revoked token stays so; make a new one"));
    }
    if credentials::lower_token(change.tx, token.id, state)? {
        let action = if state == TokenState::Revoked { "token.revoke" } else { "token.disable" };
        let stands = |state| Document::default().with("state", state_word(state));
        let turn = Turn::Changed { before: stands(token.state), after: stands(state) };
        token_happened(change, action, token, turn)?;
    }
    Ok(())
}

pub(super) fn token_happened(
    change: &mut Change<'_>,
    action: &str,
    token: &TokenListed,
    turn: Turn,
) -> Result<(), Error> {
    let object = i64::try_from(token.id.get()).map_err(|_| Error::corrupt("a token id is out of range"))?;
    let owner = names::subject_text(change.tx, token.owner.into())?;
    change.happened(&Event {
        action,
        node: NodeId::ORGANISATION,
        kind: ChangedKind::Token.into(),
        object,
        name: &token.name,
        of: Some(&owner),
        turn,
    })
}

/// What can be set about a token: what it is limited to by node, and how it stands.
pub(super) fn document(tx: &mut dyn Tx, token: &TokenListed) -> Result<Document, Error> {
    let row = row_of(tx, token.clone())?;
    let limits = row.limits.map(|limits| {
        let words = |some: Permissions| some.iter().map(|one| one.as_str()).collect::<Vec<_>>();
        limits.into_iter().map(|(on, some)| (on.into(), words(some).into())).collect::<Map<_, _>>()
    });
    let cidrs = row.networks.iter().map(|network| network.to_string()).collect::<Vec<_>>();
    let shown = Document::default().with("limits", limits).moment("not_before", row.not_before);
    Ok(shown.moment("expires", row.expires).with("cidrs", cidrs).with("state", state_word(row.state)))
}

pub(super) const fn state_word(state: TokenState) -> &'static str {
    match state {
        TokenState::Active => "active",
        TokenState::Disabled => "disabled",
        TokenState::Revoked => "revoked",
    }
}

/// Turns the nodes of limits into ids.
pub(super) fn resolve_limits(
    tx: &mut dyn Tx,
    limits: Option<&[(Box<str>, Permissions)]>,
) -> Result<Option<Vec<(NodeId, Permissions)>>, Error> {
    let Some(limits) = limits else { return Ok(None) };
    if limits.len() > TokenLimits::PAIRS_MAX {
        return Err(Error::refused("a token can have at most 256 limits"));
    }
    let mut resolved: Vec<(NodeId, Permissions)> = Vec::with_capacity(limits.len());
    for (node, some) in limits {
        let node = names::node(tx, node)?.id;
        match resolved.iter_mut().find(|(known, _)| *known == node) {
            Some((_, sum)) => *sum = sum.union(*some),
            None => resolved.push((node, *some)),
        }
    }
    resolved.sort_by_key(|(node, _)| *node);
    Ok(Some(resolved))
}

pub(super) fn check_expiry(change: &mut Change<'_>, expires: Option<Timestamp>) -> Result<(), Error> {
    if expires.is_some_and(|expires| expires <= change.now) {
        return Err(Error::refused("the token would have expired already"));
    }
    let Some(days) = organisation::organisation(change.tx)?.token_days_max else { return Ok(()) };
    let latest = change.now.plus_secs(i64::from(days).saturating_mul(DAY_SECS));
    if expires.is_none_or(|expires| expires > latest) {
        return Err(Error::refused(format!("tokens of this organisation expire after at most {days} days")));
    }
    Ok(())
}

/// Refuses a token that would never be good, and one with too many networks.
pub(super) fn check_start(change: &Change<'_>, new: &NewToken) -> Result<(), Error> {
    if new.networks.iter().len() > Networks::MAX {
        return Err(Error::refused("a token can be good from at most 16 networks"));
    }
    let ends_first = |start: Timestamp| new.expires.is_some_and(|expires| expires <= start.max(change.now));
    if new.not_before.is_some_and(ends_first) {
        return Err(Error::refused("the token would end before it begins"));
    }
    Ok(())
}

/// Limits whose nodes the owner may know of. Absent and unknown nodes give the same answer, so that limits find out nothing.
pub(super) fn known_limits(
    change: &mut Change<'_>,
    limits: Option<&[(Box<str>, Permissions)]>,
    held: &OwnerHolds,
) -> Result<Option<Vec<(NodeId, Permissions)>>, Error> {
    let nothing =
        || Error::refused("a limit names something that is not there, or that its owner may not know");
    let resolved = resolve_limits(change.tx, limits).map_err(|error| match error {
        Error::Unknown(_) => nothing(),
        other => other,
    })?;
    if held.knows_all(limits.unwrap_or_default()) { Ok(resolved) } else { Err(nothing()) }
}

fn list(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    meant: &TokensMeant,
    after: Option<TokenId>,
    limit: Limit,
) -> Result<Vec<TokenRow>, Error> {
    let tokens = credentials::tokens_of(tx, owner, meant, after, limit.rows())?;
    tokens.into_iter().map(|token| row_of(tx, token)).collect()
}

pub(super) fn row_of(tx: &mut dyn Tx, token: TokenListed) -> Result<TokenRow, Error> {
    let limits = if token.limited {
        let mut shown = Vec::new();
        for (node, some) in credentials::limits_of(tx, token.id)? {
            if let Some(name) = nodes::node_name(tx, node)? {
                shown.push((name, some));
            }
        }
        Some(shown)
    } else {
        None
    };
    let is_own = token.created_by == token.owner.get();
    let made_by = if is_own { None } else { audited::subject(tx, token.created_by)? };
    let (address, agent) = (token.last_used_address, token.last_used_agent);
    Ok(TokenRow {
        id: token.id,
        name: token.name,
        state: token.state,
        limits,
        not_before: token.not_before,
        expires: token.expires,
        networks: token.networks.unwrap_or_default(),
        made_by,
        created_at: token.created_at,
        last_used: token.last_used_at.map(|at| TokenUsed { at, address, agent }),
        successor: token.successor,
    })
}
