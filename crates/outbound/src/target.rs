use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;
use rustls_pki_types::ServerName;

use crate::error::InvalidUrl;

/// Longest address, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// Where a request goes: an absolute address over HTTP, without user name or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
    place: Place,
    pub(crate) tls: bool,
    pub(crate) name: ServerName<'static>,
}

/// A host and a port, as the configuration names a place that is not public: `hooks.internal:8443`, `[fd00::1]:80`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In small letters; an address without brackets.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// `InvalidUrl` for anything else than an absolute `http` or `https` address without user name, password and fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        if text.len() > URL_BYTES_MAX {
            return Err(InvalidUrl::Long);
        }
        // The reader drops what is behind it.
        if text.contains('#') {
            return Err(InvalidUrl::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl::Form)?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(InvalidUrl::Form),
        };
        let authority = uri.authority().ok_or(InvalidUrl::Form)?.as_str();
        if authority.contains('@') {
            return Err(InvalidUrl::Credentials);
        }
        let place = match authority.parse::<Place>() {
            Ok(place) => place,
            Err(_) => format!("{authority}:{}", if tls { 443 } else { 80 }).parse()?,
        };
        let name = ServerName::try_from(place.host.to_string()).map_err(|_| InvalidUrl::Host)?;
        Ok(Self { uri, place, tls, name })
    }

    /// Host and port.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The host as it stands in `Host`, with the port if it was given.
    pub(crate) fn authority(&self) -> &str {
        self.uri.authority().map_or("", http::uri::Authority::as_str)
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
    }
}

impl Place {
    /// The host, if it is an address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl FromStr for Place {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidUrl::Host)?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if bare.is_none() && host.contains(':') {
            return Err(InvalidUrl::Host);
        }
        // A dot at the end says that the name is complete, and makes it another text.
        let host = bare.unwrap_or(host).trim_end_matches('.').to_ascii_lowercase();
        ServerName::try_from(host.clone()).map_err(|_| InvalidUrl::Host)?;
        match port.parse() {
            Ok(port) if port > 0 && !host.is_empty() => Ok(Self { host: host.into(), port }),
            _ => Err(InvalidUrl::Host),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(to, "[{}]:{}", self.host, self.port)
        } else {
            write!(to, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(to)
    }
}

#[cfg(test)]
mod tests;
