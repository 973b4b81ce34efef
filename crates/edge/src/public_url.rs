use std::borrow::Cow;

/// How clients reach this server.
#[derive(Debug, Clone, Copy)]
pub enum PublicUrl<'a> {
    /// Configured.
    Fixed(&'a str),
    /// As this very request reached us: scheme and authority.
    Asked {
        /// `http` or `https`.
        scheme: &'a str,
        /// Host and port.
        authority: &'a str,
    },
    /// As nothing but the `Host` of a request says, and that names another machine: whoever made it up would be given the
    /// credentials that clients send where we send them. No address is built from it; the request is refused.
    Unbelieved {
        /// `http` or `https`.
        scheme: &'a str,
        /// Host and port of this end of the connection.
        authority: &'a str,
        /// What the request says.
        host: &'a str,
    },
}

/// The request asks for a host that is not known to be this server: 421.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this server does not know that it is reached as {host}; if it is, set in its configuration, below [server], \
     public_url = \"https://{host}\", or trusted_proxies if a proxy stands before it"
)]
pub struct Misdirected {
    /// What it asks for: host and port, at most 255 bytes of letters, digits and `.-_:[]`.
    pub host: Box<str>,
}

impl<'a> PublicUrl<'a> {
    /// `https://HOST`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> Cow<'a, str> {
        match self {
            Self::Fixed(origin) => Cow::Borrowed(origin),
            Self::Asked { scheme, authority } | Self::Unbelieved { scheme, authority, .. } => {
                Cow::Owned(format!("{scheme}://{authority}"))
            }
        }
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        match self {
            Self::Fixed(origin) => origin.split_once("://").map_or("https", |(scheme, _)| scheme),
            Self::Asked { scheme, .. } | Self::Unbelieved { scheme, .. } => scheme,
        }
    }

    /// Host and port alone: the `service` of a Bearer challenge.
    #[must_use]
    pub fn authority(&self) -> &'a str {
        match self {
            Self::Fixed(origin) => origin.split_once("://").map_or(*origin, |(_, authority)| authority),
            Self::Asked { authority, .. } | Self::Unbelieved { authority, .. } => authority,
        }
    }

    /// Whether the request came to an address that is known to be ours.
    ///
    /// # Errors
    /// `Misdirected` if it did not: no answer may name an address, and none may be given that needs one.
    pub fn believed(&self) -> Result<(), Misdirected> {
        match self {
            Self::Fixed(_) | Self::Asked { .. } => Ok(()),
            Self::Unbelieved { host, .. } => Err(Misdirected { host: (*host).into() }),
        }
    }
}
