//! What forms send, and how we know that it was one of ours (docs/console.md 2).

use std::borrow::Cow;

use api::{Code, Fault};
use auth::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Largest form, in bytes.
pub const BYTES_MAX: u64 = 64 << 10;
/// Most fields that are read of one.
const FIELDS_MAX: usize = 1024;
/// The field that shows that the form is ours.
pub(crate) const TOKEN_FIELD: &str = "form";

/// The fields of a form, in their order.
#[derive(Debug)]
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// `Malformed` if there are more fields than any form of ours has.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let fields: Vec<_> = form_urlencoded::parse(bytes).take(FIELDS_MAX + 1).collect();
        if fields.len() > FIELDS_MAX {
            return Err(Fault::Told(Code::Malformed, "the form has too many fields".into()));
        }
        Ok(Self(fields))
    }

    /// A field as it was typed; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The same without spaces around it; `None` if nothing is left.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All values of a field that may be there several times.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_ref())
    }
}

/// What the forms of a session are sent with. It is made of the session's secret, so that nobody else has it, nothing is kept, and every node
/// knows it.
pub(crate) fn token(secret: &Secret<String>) -> String {
    bound("wharfinger form of a session", secret.expose())
}

/// The same for who is not logged in.
pub(crate) fn token_of_door(cookie: &str) -> String {
    bound("wharfinger form of a door", cookie)
}

fn bound(of: &str, secret: &str) -> String {
    let hash = Sha256::new().chain_update(of).chain_update([0]).chain_update(secret).finalize();
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a form came with this.
pub(crate) fn is_ours(form: &Form<'_>, token: &str) -> bool {
    form.text(TOKEN_FIELD).as_bytes().ct_eq(token.as_bytes()).into()
}
