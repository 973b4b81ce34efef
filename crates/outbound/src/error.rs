use std::io;
use std::path::PathBuf;

/// Why a text is no address that is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is longer than 2,048 bytes.
    #[error("it is longer than 2,048 bytes")]
    Long,
    /// It is no absolute address of the web.
    #[error("it must be an address such as https://ci.example.org/hooks")]
    Form,
    /// It holds a user name or password.
    #[error("it must hold no user name or password")]
    Credentials,
    /// It has a part behind `#`.
    #[error("it must have no part behind #")]
    Fragment,
    /// The host cannot be one.
    #[error("its host is neither a name nor an address")]
    Host,
}

/// Why nothing came back. The words name no address that a name led to: who may only set a URL learns nothing of the network here.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The host leads to what is not public, and the configuration does not name it.
    #[error("the host leads to an address that is not public")]
    NotPublic,
    /// It would cross the network in clear.
    #[error("requests go out over https only")]
    InClear,
    /// The name has no address.
    #[error("the name of the host cannot be resolved")]
    Unresolved,
    /// No connection came about.
    #[error("no connection could be made")]
    Unreachable(#[source] io::Error),
    /// The other side could not prove who it is, or speaks no TLS.
    #[error("TLS failed")]
    Tls(#[source] io::Error),
    /// What came is no answer of HTTP/1.1, or it ended too early.
    #[error("the answer was broken")]
    Broken(#[source] hyper::Error),
    /// It took too long.
    #[error("it took too long")]
    Slow,
    /// The answer is larger than what is read.
    #[error("the answer was too large")]
    TooLarge,
    /// No certificate authority is known.
    #[error("no certificate authority is known here")]
    Untrusting,
}

/// Why the authorities of a file cannot be believed.
#[derive(Debug, thiserror::Error)]
#[error("{path} holds no certificates in PEM")]
pub struct TrustError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: rustls_pki_types::pem::Error,
}
