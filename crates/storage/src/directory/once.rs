use domain::PrincipalId;
use sha2::{Digest as _, Sha256};

use super::change::Change;
use crate::error::{DirectoryRule, Error};
use crate::sql::{Tx, once};

/// What a caller asks at most once: whoever asks it again, because the answer never came, makes nothing again
/// (docs/api.md 1, draft-ietf-httpapi-idempotency-key).
#[derive(Clone, PartialEq, Eq)]
pub struct Once {
    /// The caller's own key.
    pub key: String,
    /// SHA-256 of all that was asked: another request does not go by the same key.
    pub request: [u8; 32],
}

impl Once {
    /// Whether it was asked before; nobody else's key is the same one.
    ///
    /// # Errors
    /// `AlreadyMade` if it was, `KeyReused` if something else was asked with the key.
    pub(super) fn is_new(&self, tx: &mut dyn Tx, caller: PrincipalId) -> Result<(), Error> {
        once::find(tx, &self.digest(caller), |asked| {
            if asked.request != self.request {
                let why = "the `Idempotency-Key` was used for something else; take another one";
                return Err(Error::forbidden(DirectoryRule::KeyReused, why));
            }
            let id = u64::try_from(asked.object).map_err(|_| Error::corrupt("an id is negative"))?;
            Err::<(), _>(Error::AlreadyMade { kind: asked.object_kind.into(), id })
        })
        .map(drop)
    }

    /// Remembers what it made; nothing if it changed nothing.
    pub(super) fn made(&self, running: &mut Change<'_>, caller: PrincipalId) -> Result<(), Error> {
        let Some((kind, object)) = running.made() else { return Ok(()) };
        let asked = once::Asked { request: &self.request, object_kind: kind, object };
        let now = running.now;
        once::put(running.tx, &self.digest(caller), &asked, now)
    }

    fn digest(&self, caller: PrincipalId) -> [u8; 32] {
        Sha256::new().chain_update(caller.get().to_be_bytes()).chain_update(&self.key).finalize().into()
    }
}
