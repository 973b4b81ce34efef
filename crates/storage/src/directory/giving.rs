//! Nobody gives more, or longer, than they hold: the one rule for grants and for tokens. Asked inside the transaction, because
//! the proof of the gate says what is held now and not for how long. The gateway itself, which applies plans, is not asked.

use domain::{NodeId, Permissions, PrincipalId, Timestamp, TokenLimits};

use super::change::Change;
use super::names::words;
use crate::error::Error;
use crate::sql::held::{self, Holder, Until};
use crate::sql::{credentials, nodes};

/// Something to be given at a node, until it expires.
pub(super) struct Gift<'a> {
    /// What the refusal calls it.
    pub(super) what: &'a str,
    pub(super) node: NodeId,
    /// With their closure.
    pub(super) permissions: Permissions,
    pub(super) expires: Option<Timestamp>,
}

/// What the gate said the giver holds, and through which credential.
pub(super) struct Giver {
    pub(super) principal: PrincipalId,
    pub(super) limits: TokenLimits,
    pub(super) held: Permissions,
}

/// Refuses a grant that the giver's own rights do not cover, all of it for all of its time.
pub(super) fn may_give(change: &mut Change<'_>, giver: &Giver, gift: &Gift<'_>) -> Result<(), Error> {
    not_beyond_credential(change, gift.expires)?;
    let holder = Holder { principal: giver.principal, limits: &giver.limits };
    let until = Until::end(gift.expires, change.now);
    let lasting = held::at(change.tx, holder, gift.node, until)?;
    let beyond = gift.permissions.difference(lasting.intersection(giver.held));
    if beyond.is_empty() {
        return Ok(());
    }
    let on = nodes::node_name(change.tx, gift.node)?.unwrap_or_default();
    let for_so_long = if giver.held.contains_all(gift.permissions) { " for so long" } else { "" };
    let (what, words) = (gift.what, words(beyond));
    Err(Error::beyond_own(format!("{what} gives {words} on {on}, which you do not hold there{for_so_long}")))
}

/// Refuses what would outlive the token that makes it.
pub(super) fn not_beyond_credential(
    change: &mut Change<'_>,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    let Some(presented) = change.author().token() else { return Ok(()) };
    let ends = credentials::token_listed(change.tx, presented)?.and_then(|token| token.expires);
    if ends.is_some_and(|ends| expires.is_none_or(|expires| expires > ends)) {
        return Err(Error::beyond_own(
            "what a token makes cannot outlive it; give an earlier end, or use a password",
        ));
    }
    Ok(())
}

/// Refuses limits wider than those of the credential that makes a token.
pub(super) fn not_wider(
    change: &mut Change<'_>,
    limits: Option<&[(NodeId, Permissions)]>,
    maker: &TokenLimits,
) -> Result<(), Error> {
    let wider = || Error::beyond_own("a token cannot be wider than the one that makes it");
    match (maker, limits) {
        (TokenLimits::Full, _) => Ok(()),
        (TokenLimits::Only(_), None) => Err(wider()),
        (TokenLimits::Only(_), Some(limits)) => {
            for (node, some) in limits {
                let path = nodes::path_of(change.tx, *node)?;
                if !maker.allowed_on(&path).contains_all(*some) {
                    return Err(wider());
                }
            }
            Ok(())
        }
    }
}

/// Refuses limits to what the owner of a token has nowhere at the node: it would lie in wait for that right. Somewhere is
/// enough, because a token that only reads is limited to `read` on the organisation, and so is one that must not outgrow it.
pub(super) fn owner_holds(
    change: &mut Change<'_>,
    owner: PrincipalId,
    limits: Option<&[(NodeId, Permissions)]>,
) -> Result<(), Error> {
    for (node, some) in limits.unwrap_or_default() {
        let beyond = some.difference(held::around(change.tx, owner, *node, change.now)?);
        if !beyond.is_empty() {
            let on = nodes::node_name(change.tx, *node)?.unwrap_or_default();
            let words = words(beyond);
            return Err(Error::beyond_own(format!(
                "a limit names {words} on {on}, which the token's owner holds nowhere there"
            )));
        }
    }
    Ok(())
}
