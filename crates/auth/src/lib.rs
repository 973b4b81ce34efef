//! Who is calling: credentials to [`Caller`](domain::Caller), and nothing about what the caller may do.
//!
//! Tokens, bearers and what was verified lately are decided at once, without lock, await or I/O; only a password waits, for argon2, and an
//! identity token that is shown for the first time, for whoever knows its issuer. The table follows the order of access changes ([`PolicyFeed`](domain::PolicyFeed)): a revoke is one atomic store.
#![warn(missing_docs)]

mod authenticator;
mod bearer;
mod client_id;
mod client_secret;
mod direct;
mod error;
mod header;
mod identity;
mod identity_token;
mod issuer_keys;
mod keys;
mod limits;
mod new_password;
mod password;
mod pending_log_in;
mod principal;
mod redeeming;
mod rules;
mod secret;
mod signing;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod throttle;
mod token;
mod verified;

pub use authenticator::Authenticator;
pub use bearer::{Audience, Bearer};
pub use client_id::new_client_id;
pub use client_secret::{ClientSecret, InvalidClientSecret};
pub use direct::{Direct, DirectFault, DirectUse, ShownIdentityToken, Untaken};
pub use error::{AuthError, AuthSetupError, InvalidKeys, Malformed, PasswordError};
pub use header::{Credentials, HEADER_BYTES_MAX, credentials, from_form};
pub use identity::{Claimed, Identity, Peer, Presented};
pub use identity_token::{
    Claims, IDENTITY_TOKEN_BYTES_MAX, IdentityToken, ProvedToken, ShownFor, TokenFault,
};
pub use issuer_keys::{
    InvalidKeySet, IssuerKeys, IssuerSource, KeySet, KeysUnavailable, LogInEndpoints, SourceId,
};
pub use keys::{KeyRing, SEALED_TEXT_BYTES_MAX};
pub use limits::AuthLimits;
pub use new_password::{WeakPassword, check_new_password};
pub use password::{PASSWORD_BYTES_MAX, hash_password, is_password_hash, verify_password};
pub use pending_log_in::{LOG_IN_SECS, PendingLogIn};
pub use redeeming::{Redeems, Redemption};
pub use secret::Secret;
pub use signing::{InvalidSigningSecret, SigningSecret};
pub use token::{NewSecret, TokenKind, describe, generate, id_text, parse, parse_id};
