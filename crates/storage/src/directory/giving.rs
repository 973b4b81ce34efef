//! Nobody gives more, or longer, than they hold: the one rule for grants and for tokens. The matrix says what is held, through the
//! proof; that nothing changed it since is asked inside the transaction ([`Author::trusting`]). The gateway itself, which applies
//! plans, is not asked.
//!
//! [`Author::trusting`]: super::change::Author::trusting

use domain::{
    Holding, Networks, NodeId, NodeName, Permissions, PolicyVersion, Timestamp, TokenLimits, WrittenNode,
};

use super::change::Change;
use super::names::{self, words};
use crate::error::Error;
use crate::sql::credentials::{self, TokenListed};
use crate::sql::nodes;

/// Something to be given at a node, until it expires.
pub(super) struct Gift<'a> {
    /// What the refusal calls it.
    pub(super) what: &'a str,
    pub(super) node: NodeId,
    /// With their closure.
    pub(super) permissions: Permissions,
    pub(super) expires: Option<Timestamp>,
}

/// What the giver of a grant holds at its node.
pub(super) struct Giver {
    /// Now, as the gate said.
    pub(super) held: Permissions,
    /// Without a break for all of the time of the grant.
    pub(super) lasting: Permissions,
}

/// What the owner of a token holds in each node that it is limited to, in the order of the limits.
pub(super) struct OwnerHolds {
    each: Vec<Permissions>,
    /// The earliest version that said so.
    pub(super) version: Option<PolicyVersion>,
}

impl OwnerHolds {
    /// Asks the matrix, as far as there can be such limits.
    pub(super) fn ask(
        limits: Option<&[(Box<str>, Permissions)]>,
        holds: impl Fn(NodeName<'_>) -> Holding,
    ) -> Self {
        let (mut each, mut version) = (Vec::new(), None);
        for (node, _) in limits.unwrap_or_default().iter().take(TokenLimits::PAIRS_MAX) {
            let held = WrittenNode::parse(node).map(|node| holds(node.name()));
            let said = held.map(|held| held.version);
            version = version
                .map_or(said, |earlier: PolicyVersion| Some(said.map_or(earlier, |one| one.min(earlier))));
            each.push(held.map_or(Permissions::NONE, |held| held.permissions));
        }
        Self { each, version }
    }

    /// Whether the owner holds something in each: others it may not know.
    pub(super) fn knows_all(&self, limits: &[(Box<str>, Permissions)]) -> bool {
        self.each.len() == limits.len()
            && limits.iter().zip(&self.each).all(|((node, _), held)| &**node == "/" || !held.is_empty())
    }
}

/// Refuses a grant that the giver's own rights do not cover, all of it for all of its time.
pub(super) fn may_give(change: &mut Change<'_>, giver: &Giver, gift: &Gift<'_>) -> Result<(), Error> {
    if outlives_credential(change, gift.expires)? {
        return Err(Error::beyond_own(OUTLIVES));
    }
    let beyond = gift.permissions.difference(giver.lasting.intersection(giver.held));
    if beyond.is_empty() {
        return Ok(());
    }
    let on = nodes::node_name(change.tx, gift.node)?.unwrap_or_default();
    let for_so_long = if giver.held.contains_all(gift.permissions) { " for so long" } else { "" };
    let (what, words) = (gift.what, words(beyond));
    Err(Error::beyond_own(format!("{what} gives {words} on {on}, which you do not hold there{for_so_long}")))
}

const OUTLIVES: &str = "what a token makes cannot outlive it; give an earlier end, or use a password";

/// Whether something would outlive the token that makes it.
fn outlives_credential(change: &mut Change<'_>, expires: Option<Timestamp>) -> Result<bool, Error> {
    let ends = presented(change)?.and_then(|token| token.expires);
    Ok(ends.is_some_and(|ends| expires.is_none_or(|expires| expires > ends)))
}

/// The token that asks for the change, if it is one.
pub(super) fn presented(change: &mut Change<'_>) -> Result<Option<TokenListed>, Error> {
    let Some(presented) = change.author().credential().token() else { return Ok(None) };
    credentials::token_listed(change.tx, presented)
}

/// How far a token reaches that is to be made.
pub(super) struct Reach<'a> {
    pub(super) limits: Option<&'a [(NodeId, Permissions)]>,
    pub(super) expires: Option<Timestamp>,
    pub(super) networks: &'a Networks,
}

/// Refuses a token that is wider than the credential that makes it, lives longer, or is good from more places.
pub(super) fn not_wider(
    change: &mut Change<'_>,
    reach: &Reach<'_>,
    maker: &TokenLimits,
) -> Result<(), Error> {
    if outlives_credential(change, reach.expires)? {
        return Err(Error::WiderThanToken(OUTLIVES.into()));
    }
    let from = presented(change)?.and_then(|token| token.networks).unwrap_or_default();
    if !reach.networks.within(&from) {
        let why = format!("the token that makes it is good from {from} only, and so must be what it makes");
        return Err(Error::WiderThanToken(why.into()));
    }
    let limits = reach.limits;
    let wider = || Error::WiderThanToken("a token cannot be wider than the one that makes it".into());
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
    limits: Option<&[(Box<str>, Permissions)]>,
    held: &OwnerHolds,
) -> Result<(), Error> {
    for ((node, some), held) in limits.unwrap_or_default().iter().zip(&held.each) {
        let beyond = some.difference(*held);
        if !beyond.is_empty() {
            let node = names::node(change.tx, node)?.id;
            let on = nodes::node_name(change.tx, node)?.unwrap_or_default();
            let words = words(beyond);
            return Err(Error::beyond_own(format!(
                "a limit names {words} on {on}, which the token's owner holds nowhere there"
            )));
        }
    }
    Ok(())
}
