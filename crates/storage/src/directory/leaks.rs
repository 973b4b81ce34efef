//! Tokens that somebody found where they should not be: whoever has the text may end it (docs/api.md 2.5).

use domain::{Origin, Timestamp, TokenId, TokenState};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::tokens::{self, state_word};
use super::{Directory, InForce};
use crate::error::{DirectoryError, Error};
use crate::sql::Tx;
use crate::sql::credentials::{self, TokenListed};

/// A token whose whole text somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaked {
    /// Public id.
    pub id: TokenId,
    /// SHA-256 of the whole text.
    pub sha256: [u8; 32],
}

impl Directory {
    /// Disables those of them that live, in force even if the disk is full; which these were.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn report_leaks(
        &self,
        leaked: Vec<Leaked>,
        found_at: Option<Box<str>>,
        origin: &Origin,
    ) -> Result<(Vec<TokenId>, InForce), DirectoryError> {
        let now = self.clock.now();
        let read = move |tx: &mut dyn Tx| {
            let mut live = Vec::new();
            for one in &leaked {
                live.extend(living(tx, one, now)?.map(|token| token.id));
            }
            live.sort_unstable();
            live.dedup();
            Ok((live, leaked))
        };
        let (live, leaked) = self.database.read(read).await?;
        let disable = move |change: &mut Change<'_>| {
            leaked.iter().try_for_each(|one| disable(change, one, found_at.as_deref()))
        };
        let force = self.narrow(Author::stranger(origin), disable).await?;
        Ok((live, force))
    }
}

/// The token of this text, if it is good now or later.
fn living(tx: &mut dyn Tx, leaked: &Leaked, now: Timestamp) -> Result<Option<TokenListed>, Error> {
    let fact = credentials::token(tx, leaked.id)?.filter(|fact| {
        fact.sha256 == leaked.sha256
            && fact.state == TokenState::Active
            && fact.expires.is_none_or(|expires| now < expires)
    });
    if fact.is_some() { credentials::token_listed(tx, leaked.id) } else { Ok(None) }
}

fn disable(change: &mut Change<'_>, leaked: &Leaked, found_at: Option<&str>) -> Result<(), Error> {
    let Some(token) = living(change.tx, leaked, change.now)? else { return Ok(()) };
    credentials::lower_token(change.tx, token.id, TokenState::Disabled)?;
    let before = Document::default().with("state", state_word(token.state));
    let after = Document::default().with("state", state_word(TokenState::Disabled));
    let after = after.with("reason", "leaked").with("found_at", found_at);
    tokens::token_happened(change, "token.leaked", &token, Turn::Changed { before, after })
}
