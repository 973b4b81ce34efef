//! Webhooks of a document. Their secrets are sealed on the way to storage, and opened only where the document is on its way to a server.

use auth::{KeyRing, SigningSecret};
use storage::WebhookSpec;

use super::convert::text;
use super::document::WebhookDocument;
use crate::hooks::Hooks;
use crate::webhooks::{Events, SecretText, Wrong, asked};

impl WebhookDocument {
    /// What storage applies.
    ///
    /// # Errors
    /// Why no message can go where it says, or why its secret is none, in words.
    pub fn spec(&self, hooks: &Hooks) -> Result<WebhookSpec, String> {
        let wanted = asked(hooks, (&self.url, &self.events, self.active), self.secret.as_ref());
        let wanted = wanted.map_err(|wrong| match wrong {
            Wrong::Address(why) => why,
            Wrong::Secret(why) => format!("its secret: {why}"),
        })?;
        Ok(WebhookSpec { name: self.name.as_str().into(), wanted })
    }

    /// With its secret, if there are the keys that it was sealed by.
    pub(super) fn of(spec: &WebhookSpec, keys: Option<&KeyRing>) -> Option<Self> {
        let wanted = &spec.wanted;
        let secret = match (&wanted.secret, keys) {
            (Some(secret), Some(keys)) => {
                Some(SecretText::new(SigningSecret::open(keys, &secret.sealed)?.to_text()))
            }
            _ => None,
        };
        Some(Self {
            name: text(&spec.name)?,
            url: text(&wanted.url)?,
            events: Events(wanted.events.clone()),
            active: wanted.active,
            secret,
        })
    }
}
