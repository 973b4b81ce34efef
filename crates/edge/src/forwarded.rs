//! Where a request really came from: what trusted proxies say about it, and nothing anybody else says (docs/design.md 3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ::http::header::{FORWARDED, HOST};
use ::http::{HeaderMap, HeaderName, request};

use crate::public_url::PublicUrl;
use domain::Network;

/// Most proxies in a row that are looked at.
const HOPS_MAX: usize = 16;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The rules of this server and the connection a request came on.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The configured address.
    pub(crate) public_url: Option<&'a str>,
    /// Who may say where a request came from.
    pub(crate) trusted: &'a [Network],
    /// The other end of the connection.
    pub(crate) peer: Option<IpAddr>,
    /// This end, `HOST:PORT`.
    pub(crate) local: &'a str,
    /// Whether the listener is on loopback. Only this machine connects, but what its browser or its proxy sends as `Host`
    /// others may have chosen.
    pub(crate) loopback: bool,
    /// Whether the connection is TLS.
    pub(crate) tls: bool,
}

impl<'a> Arrival<'a> {
    fn is_proxied(&self) -> bool {
        self.peer.is_some_and(|peer| trusts(self.trusted, peer))
    }

    /// The client: the last address in the chain that no trusted proxy has.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.is_proxied() {
            return self.peer;
        }
        let mut client = self.peer;
        for hop in hops(headers).take(HOPS_MAX) {
            // What stands left of something unreadable was not said by a proxy we trust.
            let Some(address) = address(hop) else { break };
            client = Some(address);
            if !trusts(self.trusted, address) {
                break;
            }
        }
        client
    }

    /// The host this request asks for: as the trusted proxy says, else as the client says. Anybody may have made it up.
    #[must_use]
    pub fn asked_host(&self, parts: &'a request::Parts) -> Option<&'a str> {
        let proxied = if self.is_proxied() { said(&parts.headers).1 } else { None };
        proxied.filter(|host| is_authority(host)).or_else(|| asked(parts))
    }

    /// How the client reaches this server: configuration, else the trusted proxy, else on loopback a `Host` that names loopback,
    /// else this end's address.
    #[must_use]
    pub fn public_url(&self, parts: &'a request::Parts) -> PublicUrl<'a> {
        self.public_url_for(parts, self.asked_host(parts))
    }

    /// As [`Self::public_url`], by the host that this request is known to ask for.
    #[must_use]
    pub fn public_url_for(&self, parts: &'a request::Parts, asked: Option<&'a str>) -> PublicUrl<'a> {
        if let Some(url) = self.public_url {
            return PublicUrl::Fixed(url);
        }
        let scheme = if self.tls { "https" } else { "http" };
        if self.is_proxied() {
            let (proto, _) = said(&parts.headers);
            let scheme = match proto {
                Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
                Some(proto) if proto.eq_ignore_ascii_case("http") => "http",
                _ => scheme,
            };
            return PublicUrl::Asked { scheme, authority: asked.unwrap_or(self.local) };
        }
        match asked.filter(|_| self.loopback) {
            None => PublicUrl::Asked { scheme, authority: self.local },
            Some(host) if is_loopback(host) => PublicUrl::Asked { scheme, authority: host },
            Some(host) => PublicUrl::Unbelieved { scheme, authority: self.local, host },
        }
    }
}

/// The authority of the request's target, else its `Host`.
fn asked(parts: &request::Parts) -> Option<&str> {
    let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    let authority = parts.uri.authority().map(::http::uri::Authority::as_str);
    authority.or(host).filter(|host| is_authority(host))
}

fn trusts(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// The addresses of the chain, nearest first.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let plain = headers.contains_key(FORWARDED_FOR);
    let name = if plain { FORWARDED_FOR } else { FORWARDED };
    let lines = headers.get_all(name).iter().rev();
    let hops = lines.map(|line| line.to_str().unwrap_or("?")).flat_map(|line| line.rsplit(','));
    hops.map(move |hop| if plain { hop.trim() } else { parameter(hop, "for").unwrap_or("?") })
}

/// Scheme and authority as the nearest proxy says: the last of each list, because what stands before it the client may have sent.
fn said(headers: &HeaderMap) -> (Option<&str>, Option<&str>) {
    let last = |name: &HeaderName| {
        let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        line.rsplit(',').next().map(str::trim)
    };
    let proto = last(&FORWARDED_PROTO).or_else(|| parameter(last(&FORWARDED)?, "proto"));
    let host = last(&FORWARDED_HOST).or_else(|| parameter(last(&FORWARDED)?, "host"));
    (proto, host)
}

/// One parameter of an element of `Forwarded` (RFC 7239).
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split(';').filter_map(|pair| pair.split_once('=')).find_map(|(found, value)| {
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// An address, with or without a port and brackets.
fn address(hop: &str) -> Option<IpAddr> {
    if let Some(bracketed) = hop.strip_prefix('[') {
        return bracketed.split_once(']')?.0.parse().ok();
    }
    let alone = hop.parse().ok();
    alone.or_else(|| hop.rsplit_once(':')?.0.parse().ok())
}

/// Host and port alone, fit to stand inside quotes.
fn is_authority(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(plain)
}

/// Whether an authority names this machine to itself: `localhost` and what lies below (RFC 6761 §6.3), 127.0.0.0/8, `[::1]`.
fn is_loopback(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

#[cfg(test)]
mod tests;
