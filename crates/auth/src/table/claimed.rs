//! What is told of callers in the log and the audit: how they are called, and whom credentials that failed named. Nobody is let in
//! by it, and no client is told.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{PrincipalId, Timestamp, TokenId};

use super::Table;
use crate::header::Credentials;
use crate::identity::Claimed;
use crate::{identity_token, token};

impl Table {
    /// A principal as people write it, by the first of its log-in names: `member:alice`; `None` for nobody.
    pub(crate) fn label(&self, id: PrincipalId) -> Option<String> {
        let principals = self.principals.pin();
        let principal = principals.get(&id.get())?;
        let (kind, _) = principal.known()?;
        let details = principal.details();
        let login = details.logins().next()?;
        Some(format!("{}:{}", kind.as_str(), String::from_utf8_lossy(login)))
    }

    /// The publisher that made a token, as `PROJECT/NAME`; `None` if a person did, or it is gone.
    pub(crate) fn rule(&self, token: TokenId) -> Option<Arc<str>> {
        self.tokens.pin().get(&token.get())?.rule.clone()
    }

    /// Whom credentials name that are shown from there, if that is somebody: people paste passwords and tokens where a name belongs, so what nobody is called
    /// is told to nobody.
    pub(crate) fn claimed(&self, credentials: &Credentials, from: Option<IpAddr>, now: Timestamp) -> Claimed {
        match credentials {
            Credentials::Basic { secret, .. } | Credentials::Token { secret, .. }
                if token::looks_like(secret.expose()) =>
            {
                self.claimed_by(token::parse(secret.expose()).map(|(_, id)| id), from, now)
            }
            Credentials::Bearer(text) if token::looks_like(text.expose()) => {
                self.claimed_by(token::parse(text.expose()).map(|(_, id)| id), from, now)
            }
            // Beside an identity token any name may stand.
            Credentials::Basic { name, secret } if !identity_token::looks_like(secret.expose()) => {
                let Some(principal) = self.by_name(name.expose()) else { return Claimed::default() };
                let would_be = self.would_be(principal.id(), None, from, now);
                let refused = would_be.and_then(|would_be| would_be.refused);
                Claimed { principal: Some(principal.id()), token: None, refused }
            }
            Credentials::None
            | Credentials::Session(_)
            | Credentials::Basic { .. }
            | Credentials::Token { .. }
            | Credentials::Bearer(_)
            | Credentials::Unreadable { .. } => Claimed::default(),
        }
    }

    pub(crate) fn claimed_by(&self, id: Option<TokenId>, from: Option<IpAddr>, now: Timestamp) -> Claimed {
        let Some(id) = id else { return Claimed::default() };
        let tokens = self.tokens.pin();
        let Some(record) = tokens.get(&id.get()) else { return Claimed::default() };
        let owner = record.owner.id();
        let refused = self.would_be(owner, Some(id), from, now).and_then(|would_be| would_be.refused);
        Claimed { principal: Some(owner), token: Some(id), refused }
    }
}
