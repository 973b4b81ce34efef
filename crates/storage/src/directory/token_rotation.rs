//! Another secret in the place of a token's, while the old one goes on for a time (docs/api.md 2.1).

use domain::{
    DirectoryManage, Granted, NodeId, Organisation, Own, Permissions, Timestamp, TokenId, TokenLimits,
    TokenState,
};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::giving::{self, Reach};
use super::tokens::{self, NewToken, TokenRow};
use super::{Directory, InForce, names};
use crate::error::{DirectoryError, Error};
use crate::sql::credentials::{self, TokenListed};
use crate::sql::directory::{self as rows, PrincipalRow};

/// How a token is rotated. The new secret never comes here, only its hash.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// Public id of what is made.
    pub id: TokenId,
    /// SHA-256 of its whole text.
    pub sha256: [u8; 32],
    /// For how long the old one goes on, if it does not end before; 0 ends it at once.
    pub overlap_secs: u32,
    /// When the new one ends; `None` for as long as the old one was made for, but no longer than the token that asks.
    pub expires: Option<Timestamp>,
}

impl Directory {
    /// Rotates a token of one's own: what is made has its name and limits.
    ///
    /// # Errors
    /// `Absent` if it is not one's own, `Refused` if it is not active or has a successor, or if the new one would expire in the past
    /// or beyond the organisation's maximum, `WiderThanToken` if it would be wider than the credential or outlive it.
    pub async fn rotate_token(
        &self,
        own: &Own,
        id: TokenId,
        rotation: Rotation,
    ) -> Result<(TokenRow, InForce), DirectoryError> {
        let (owner, only, maker) = (own.principal(), tokens::itself(own), own.limits().clone());
        if only.is_some_and(|only| only != Some(id)) {
            return Err(DirectoryError::Absent);
        }
        let rotate = move |change: &mut Change<'_>| {
            let owner = rows::principal(change.tx, owner)?.ok_or(Error::Absent)?;
            rotate(change, &owner, id, (&rotation, &maker))
        };
        Ok(self.change(Author::owner(own), rotate).await?)
    }

    /// Rotates somebody's token.
    ///
    /// # Errors
    /// As [`Self::rotate_token`]; `Unknown` if there is nobody of that name, `OwnToken` if an application asks for itself.
    pub async fn rotate_token_of(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        owner: &str,
        id: TokenId,
        rotation: Rotation,
    ) -> Result<(TokenRow, InForce), DirectoryError> {
        let (owner, maker) = (owner.to_owned(), may.limits().clone());
        let rotate = move |change: &mut Change<'_>| {
            let owner = names::principal(change.tx, &owner)?;
            tokens::not_for_itself(change, &owner)?;
            rotate(change, &owner, id, (&rotation, &maker))
        };
        Ok(self.change(Author::of(may), rotate).await?)
    }
}

fn rotate(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    id: TokenId,
    (rotation, maker): (&Rotation, &TokenLimits),
) -> Result<TokenRow, Error> {
    let old = credentials::token_listed(change.tx, id)?.filter(|token| token.owner == owner.id);
    let old = old.ok_or(Error::Absent)?;
    can_be_rotated(change, &old)?;
    tokens::has_room(change, owner)?;
    let limits = limits_of(change, &old)?;
    let expires = match rotation.expires {
        Some(expires) => Some(expires),
        None => as_long(change, &old)?,
    };
    tokens::check_expiry(change, expires)?;
    let new = NewToken {
        id: rotation.id,
        sha256: rotation.sha256,
        name: old.name.clone(),
        limits: None,
        not_before: old.not_before,
        expires,
        networks: old.networks.clone().unwrap_or_default(),
    };
    tokens::check_start(change, &new)?;
    let reach = Reach { limits: limits.as_deref(), expires, networks: &new.networks };
    giving::not_wider(change, &reach, maker)?;
    tokens::store(change, owner, &new, limits.as_deref(), TokenState::Active)?;
    let overlap = change.now.plus_secs(i64::from(rotation.overlap_secs));
    let ends = old.expires.map_or(overlap, |expires| expires.min(overlap));
    credentials::succeed_token(change.tx, old.id, new.id, ends)?;
    let turn = Turn::Changed {
        before: Document::default().moment("expires", old.expires),
        after: Document::default().moment("expires", Some(ends)).with("successor", new.id.to_string()),
    };
    tokens::token_happened(change, "token.rotate", &old, turn)?;
    let made = credentials::token_listed(change.tx, new.id)?.ok_or(Error::Absent)?;
    tokens::row_of(change.tx, made)
}

/// What is refused anyway gets no successor that is not, and each has one at most.
fn can_be_rotated(change: &Change<'_>, old: &TokenListed) -> Result<(), Error> {
    let why = match (old.state, old.successor) {
        _ if old.is_short_lived() => "a short-lived token is not rotated; exchange another".to_owned(),
        (TokenState::Revoked, _) => "a revoked token stays so; make a new one".to_owned(),
        (TokenState::Disabled, _) => "a disabled token stays so; make a new one".to_owned(),
        (TokenState::Active, Some(successor)) => {
            format!("it was rotated already: rotate its successor {successor}, or revoke that first")
        }
        (TokenState::Active, None) if old.expires.is_some_and(|expires| expires <= change.now) => {
            "it ran out already; make a new one".to_owned()
        }
        (TokenState::Active, None) => return Ok(()),
    };
    Err(Error::refused(why))
}

fn limits_of(
    change: &mut Change<'_>,
    old: &TokenListed,
) -> Result<Option<Vec<(NodeId, Permissions)>>, Error> {
    old.limited.then(|| credentials::limits_of(change.tx, old.id)).transpose()
}

/// When something ends that is good from now on for as long as the old one was made for; a token that asks is not outlived.
fn as_long(change: &mut Change<'_>, old: &TokenListed) -> Result<Option<Timestamp>, Error> {
    // A rotation that was taken back cut the old one short, and knows what it was made for.
    let last = credentials::last_named(change.tx, old.owner, &old.name)?;
    let last = last.as_ref().unwrap_or(old);
    let lasts = last.expires.map(|expires| expires.millis().saturating_sub(last.created_at.millis()));
    let same = lasts.map(|lasts| Timestamp::from_millis(change.now.millis().saturating_add(lasts)));
    let asking = giving::presented(change)?.and_then(|token| token.expires);
    Ok(match (same, asking) {
        (Some(same), Some(asking)) => Some(same.min(asking)),
        (same, asking) => same.or(asking),
    })
}
