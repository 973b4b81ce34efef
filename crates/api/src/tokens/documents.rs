use domain::{TokenId, TokenState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{NewToken, Rotation, TokenFilter, TokenRow};

use crate::page::paged;
use crate::words::{CidrText, Moment, NodeRef, Rights, Text128};

/// A token to make.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenWanted {
    /// Unique among the tokens of its owner.
    pub name: Text128,
    /// What it may do where; `null` for everything its owner may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub limits: Option<Vec<TokenLimit>>,
    /// Refused until this moment; `null` is good at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// Refused from this moment on; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Addresses and networks from which it is good, refused from elsewhere; none is good from everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub cidrs: Vec<CidrText>,
}

/// How a token is rotated: another one with its name and limits is made.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotationWanted {
    /// For how many seconds the old one goes on, if it does not end before; 0 ends it at once.
    #[serde(default = "a_week")]
    #[schemars(range(min = 0, max = 2592000))]
    pub overlap_secs: u32,
    /// When the new one ends; `null` for as long as the old one was made for, but no longer than the token that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
}

const fn a_week() -> u32 {
    604_800
}

paged! {
    /// Which tokens.
    TokensAsked {
        /// Those of this state; without it all that are not revoked.
        state: KnownState,
        /// Those that were not used for so many days; one that never was counts from when it was made.
        #[schemars(range(min = 1, max = 3650))]
        unused_days: u32,
        /// `s` for those that were exchanged, in place of those that somebody made.
        kind: KindAsked,
    }
}

/// A kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum KindAsked {
    /// Short-lived ones.
    #[serde(rename = "s")]
    ShortLived,
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum KnownState {
    /// Good, from its beginning to its end.
    Active,
    /// Known, and refused.
    Disabled,
    /// Gone for good.
    Revoked,
}

impl From<KnownState> for TokenState {
    fn from(state: KnownState) -> Self {
        match state {
            KnownState::Active => Self::Active,
            KnownState::Disabled => Self::Disabled,
            KnownState::Revoked => Self::Revoked,
        }
    }
}

impl TokensAsked {
    pub(super) fn filter(&self) -> TokenFilter {
        TokenFilter {
            state: self.state.map(TokenState::from),
            unused_days: self.unused_days,
            short_lived: self.kind == Some(KindAsked::ShortLived),
        }
    }
}

/// What a token may do where.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenLimit {
    /// There and below.
    pub on: NodeRef,
    /// No more than these.
    pub permissions: Rights,
}

/// A token as it is. No `Debug`: one may hold its secret.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// The 8 characters behind `whfp_`, `whfa_` or `whfs_`.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// `active`, `disabled` or `revoked`; revoked ones are listed only if they are asked for.
    #[schemars(extend("x-open-enum" = true))]
    pub state: String,
    /// What it may do where; `null` for everything its owner may.
    pub limits: Option<Vec<TokenLimit>>,
    /// Refused until this moment; `null` is good at once.
    #[serde(default)]
    pub not_before: Option<Moment>,
    /// Refused from this moment on; `null` never ends.
    pub expires: Option<Moment>,
    /// Networks from which it is good; none is good from everywhere.
    #[serde(default)]
    pub cidrs: Vec<CidrText>,
    /// Who made it, if that was not its owner.
    #[serde(default)]
    pub made_by: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// Its last use; `null` if it was never used.
    pub last_used: Option<LastUsed>,
    /// The public id of what a rotation made in its place; `null` if nothing stands there.
    #[serde(default)]
    pub successor: Option<String>,
    /// The whole text, in the answer that made the token and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A use of a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LastUsed {
    /// When, to the minute, some minutes late.
    pub at: Moment,
    /// From where; `null` if that was not known.
    #[serde(default)]
    pub address: Option<String>,
    /// With what `User-Agent`.
    #[serde(default)]
    pub agent: Option<String>,
}

/// What is to become of a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateWanted {
    /// Only downwards.
    pub state: WantedState,
}

/// Only downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum WantedState {
    /// Known, and refused.
    Disabled,
    /// Gone for good.
    Revoked,
}

impl From<WantedState> for TokenState {
    fn from(wanted: WantedState) -> Self {
        match wanted {
            WantedState::Disabled => Self::Disabled,
            WantedState::Revoked => Self::Revoked,
        }
    }
}

impl TokenWanted {
    /// As storage takes it, with no secret yet.
    pub(super) fn new_token(&self, id: TokenId, sha256: [u8; 32]) -> NewToken {
        let limit = |limit: &TokenLimit| (limit.on.as_str().into(), limit.permissions.0);
        NewToken {
            id,
            sha256,
            name: self.name.as_str().into(),
            limits: self.limits.as_ref().map(|limits| limits.iter().map(limit).collect()),
            not_before: self.not_before.map(|begins| begins.0),
            expires: self.expires.map(|expires| expires.0),
            networks: CidrText::networks(&self.cidrs),
        }
    }
}

impl RotationWanted {
    /// As storage takes it, with what is made.
    pub(super) fn rotation(&self, id: TokenId, sha256: [u8; 32]) -> Rotation {
        let expires = self.expires.map(|expires| expires.0);
        Rotation { id, sha256, overlap_secs: self.overlap_secs, expires }
    }
}

impl Token {
    pub(super) fn of(row: &TokenRow) -> Self {
        let state = match row.state {
            TokenState::Active => "active",
            TokenState::Disabled => "disabled",
            TokenState::Revoked => "revoked",
        };
        let limits = row.limits.as_ref().map(|limits| {
            let shown = |(on, permissions): &(Box<str>, domain::Permissions)| {
                let on = NodeRef::try_from(on.to_string()).ok()?;
                Some(TokenLimit { on, permissions: Rights(*permissions) })
            };
            limits.iter().filter_map(shown).collect()
        });
        Self {
            id: auth::id_text(row.id),
            name: row.name.to_string(),
            state: state.to_owned(),
            limits,
            not_before: row.not_before.map(Moment),
            expires: row.expires.map(Moment),
            cidrs: CidrText::shown(&row.networks),
            made_by: row.made_by.clone(),
            created_at: Moment(row.created_at),
            last_used: row.last_used.as_ref().map(|used| LastUsed {
                at: Moment(used.at),
                address: used.address.as_deref().map(str::to_owned),
                agent: used.agent.as_deref().map(str::to_owned),
            }),
            successor: row.successor.map(auth::id_text),
            secret: None,
        }
    }
}
