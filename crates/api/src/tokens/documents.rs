use domain::{TokenId, TokenState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{NewToken, TokenRow, TokenSort};

use crate::page::paged;
use crate::words::{Moment, NodeRef, Rights, Text128};

paged! {
    /// Which tokens.
    TokensAsked {
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

impl TokensAsked {
    pub(super) const fn sort(&self) -> TokenSort {
        match self.kind {
            Some(KindAsked::ShortLived) => TokenSort::ShortLived,
            None => TokenSort::Permanent,
        }
    }
}

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
    /// Refused from this moment on; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
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
    /// `active` or `disabled`; a revoked one is not there.
    #[schemars(extend("x-open-enum" = true))]
    pub state: String,
    /// What it may do where; `null` for everything its owner may.
    pub limits: Option<Vec<TokenLimit>>,
    /// Refused from this moment on; `null` never ends.
    pub expires: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// Its last use; `null` if it was never used.
    pub last_used: Option<LastUsed>,
    /// The whole text, in the answer that made the token and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A use of a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LastUsed {
    /// When, to the minute, some minutes late.
    pub at: Moment,
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
            expires: self.expires.map(|expires| expires.0),
        }
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
            expires: row.expires.map(Moment),
            created_at: Moment(row.created_at),
            last_used: row.last_used_at.map(|at| LastUsed { at: Moment(at) }),
            secret: None,
        }
    }
}
