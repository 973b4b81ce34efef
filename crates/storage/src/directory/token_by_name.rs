//! A token whose secret somebody else keeps: put under its name as often as they like, by id and hash (docs/api.md 1).

use domain::{DirectoryManage, Granted, NodeId, Organisation, Own, Permissions, TokenLimits, TokenState};

use super::change::{Author, Change};
use super::event::Turn;
use super::giving::{self, OwnerHolds, Reach};
use super::tokens::{self, NewToken, TokenRow};
use super::{Directory, InForce, names};
use crate::error::{DirectoryError, Error};
use crate::sql::credentials::{self, TokenBounds, TokenListed};
use crate::sql::directory::{self as rows, PrincipalRow};

/// What a token of a name is to be.
#[derive(Debug, Clone)]
pub struct TokenPut {
    /// The token.
    pub token: NewToken,
    /// Known, and refused.
    pub disabled: bool,
}

/// What was put: the token, and whether it was made.
type Put = (TokenRow, bool);

impl Directory {
    /// Makes a token of one's own what it is to be. Another secret under the name takes the place of the one before.
    ///
    /// # Errors
    /// As [`Self::create_token`]; `Refused` too for a secret of another token, and for one that was revoked, disabled or rotated.
    pub async fn put_token(&self, own: &Own, wanted: TokenPut) -> Result<(Put, InForce), DirectoryError> {
        // A limited token sees itself only, so it cannot know what it would replace.
        let (owner, only, maker) = (own.principal(), tokens::itself(own), own.limits().clone());
        let held = OwnerHolds::ask(wanted.token.limits.as_deref(), |node| own.somewhere(node));
        let author = match held.version {
            Some(version) => Author::owner(own).trusting(version),
            None => Author::owner(own),
        };
        let put = move |change: &mut Change<'_>| {
            let owner = rows::principal(change.tx, owner)?.ok_or(Error::Absent)?;
            if only.is_some() {
                not_in_the_way(change, &owner, &wanted)?;
            }
            put(change, &owner, &wanted, (&maker, &held))
        };
        Ok(self.change(author, put).await?)
    }

    /// Makes somebody's token what it is to be.
    ///
    /// # Errors
    /// As [`Self::put_token`]; `Unknown` if there is nobody of that name, `OwnToken` if an application asks for itself.
    pub async fn put_token_of(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        owner: &str,
        wanted: TokenPut,
    ) -> Result<(Put, InForce), DirectoryError> {
        let (owner, maker) = (owner.to_owned(), may.limits().clone());
        let asked = owner.clone();
        let id = self.database.read(move |tx| Ok(names::principal(tx, &asked)?.id)).await?;
        let held = OwnerHolds::ask(wanted.token.limits.as_deref(), |node| may.somewhere(id, node));
        let author = Author::of(may).trusting(held.version.unwrap_or_else(|| may.version()));
        let put = move |change: &mut Change<'_>| {
            let owner = names::principal(change.tx, &owner)?;
            if owner.id != id {
                return Err(Error::Stale);
            }
            tokens::not_for_itself(change, &owner)?;
            put(change, &owner, &wanted, (&maker, &held))
        };
        Ok(self.change(author, put).await?)
    }
}

/// Refuses a limited token what would end or change others than itself.
fn not_in_the_way(change: &mut Change<'_>, owner: &PrincipalRow, wanted: &TokenPut) -> Result<(), Error> {
    let presented = change.author().credential().token();
    let others = credentials::tokens_named(change.tx, owner.id, &wanted.token.name)?;
    if others.iter().any(|other| Some(other.id) != presented) { Err(Error::Exists) } else { Ok(()) }
}

fn put(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    wanted: &TokenPut,
    held: (&TokenLimits, &OwnerHolds),
) -> Result<Put, Error> {
    let made = match known(change, owner, wanted)? {
        Some(present) => {
            update(change, &present, wanted, held)?;
            false
        }
        None => {
            // What a rotation replaced goes with what it made.
            for old in credentials::tokens_named(change.tx, owner.id, &wanted.token.name)? {
                tokens::lower(change, &old, TokenState::Revoked)?;
            }
            tokens::create(change, owner, &wanted.token, held)?;
            true
        }
    };
    let mut stored = credentials::token_listed(change.tx, wanted.token.id)?.ok_or(Error::Absent)?;
    if wanted.disabled {
        tokens::lower(change, &stored, TokenState::Disabled)?;
        stored = credentials::token_listed(change.tx, wanted.token.id)?.ok_or(Error::Absent)?;
    }
    Ok((tokens::row_of(change.tx, stored)?, made))
}

/// The token with this secret; refused if it is another's, or does not come back.
fn known(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    wanted: &TokenPut,
) -> Result<Option<TokenListed>, Error> {
    let Some(present) = credentials::token_listed(change.tx, wanted.token.id)? else { return Ok(None) };
    let fact = credentials::token(change.tx, present.id)?.ok_or(Error::Absent)?;
    let is_same = present.owner == owner.id && present.name == wanted.token.name;
    if !is_same || fact.sha256 != wanted.token.sha256 {
        return Err(Error::refused("the secret is another token's; generate a new one"));
    }
    let was = match present.state {
        TokenState::Revoked => "revoked",
        TokenState::Disabled if !wanted.disabled => "disabled",
        TokenState::Active if present.successor.is_some() => "rotated",
        TokenState::Active | TokenState::Disabled => return Ok(Some(present)),
    };
    Err(Error::refused(format!("this secret was {was} and does not come back; generate a new one")))
}

/// Brings what limits a token to what it is to be; nothing is asked about what stays.
fn update(
    change: &mut Change<'_>,
    present: &TokenListed,
    wanted: &TokenPut,
    (maker, held): (&TokenLimits, &OwnerHolds),
) -> Result<(), Error> {
    let new = &wanted.token;
    let limits = tokens::known_limits(change, new.limits.as_deref(), held)?;
    let has = limits_of(change, present)?;
    let from = present.networks.clone().unwrap_or_default();
    let same_time = (present.not_before, present.expires) == (new.not_before, new.expires);
    if has == limits && same_time && from == new.networks {
        return Ok(());
    }
    if !same_time {
        tokens::check_expiry(change, new.expires)?;
    }
    tokens::check_start(change, new)?;
    let reach = Reach { limits: limits.as_deref(), expires: new.expires, networks: &new.networks };
    giving::not_wider(change, &reach, maker)?;
    giving::owner_holds(change, new.limits.as_deref(), held)?;
    let before = tokens::document(change.tx, present)?;
    let Reach { limits, expires, networks } = reach;
    let bounds = TokenBounds { limits, not_before: new.not_before, expires, networks };
    credentials::update_token(change.tx, present.id, &bounds)?;
    let stored = credentials::token_listed(change.tx, present.id)?.ok_or(Error::Absent)?;
    let after = tokens::document(change.tx, &stored)?;
    tokens::token_happened(change, "token.update", present, Turn::Changed { before, after })
}

/// In the order of their nodes, as wanted ones are.
fn limits_of(
    change: &mut Change<'_>,
    token: &TokenListed,
) -> Result<Option<Vec<(NodeId, Permissions)>>, Error> {
    token.limited.then(|| credentials::limits_of(change.tx, token.id)).transpose()
}
