//! Which addresses a request may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address means from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody can reach it: so may we, for anybody.
    Public,
    /// Of this machine or a network around it: only if the configuration names the place.
    Private,
    /// Nothing that a request is ever sent to, whatever the configuration says: services of clouds that tell a machine's
    /// credentials, groups, networks without hosts, and forms that hide another address in a way nobody needs.
    Never,
}

/// Services that tell whoever asks from the machine what is secret, where their network alone does not say so.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// Networks of IPv4 that are not public: network, bits of its prefix, what they are (IANA's registry of special addresses).
const NETWORKS_V4: [(Ipv4Addr, u8, Reach); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, Reach::Never),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Reach::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Reach::Private),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Reach::Private),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Reach::Never),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Reach::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 31, 196, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 52, 193, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Reach::Private),
    (Ipv4Addr::new(192, 175, 48, 0), 24, Reach::Never),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reach::Private),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reach::Never),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reach::Never),
];

/// Networks of IPv6 outside 2000::/3, where everything else is refused, that a private network may use.
const PRIVATE_V6: [(Ipv6Addr, u8); 2] =
    [(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10)];

/// Networks inside 2000::/3 that are not public: protocols (Teredo among them, which hides an address of IPv4), examples.
const NEVER_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What an address means from here.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match hidden(address) {
            Some(address) => reach_v4(address),
            None => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    // From 224.0.0.0 on: groups, what is reserved, everybody.
    if METADATA_V4.contains(&address) || address.octets()[0] >= 224 {
        return Reach::Never;
    }
    let bits = u32::from(address);
    let within = |network: Ipv4Addr, prefix: u8| {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
        bits & mask == u32::from(network)
    };
    let found = NETWORKS_V4.iter().find(|(network, prefix, _)| within(*network, *prefix));
    found.map_or(Reach::Public, |(_, _, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Reach::Never;
    }
    let within = |(network, prefix): &(Ipv6Addr, u8)| is_within(address, *network, *prefix);
    if address.is_loopback() || PRIVATE_V6.iter().any(within) {
        return Reach::Private;
    }
    let global = is_within(address, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    if global && !NEVER_V6.iter().any(within) { Reach::Public } else { Reach::Never }
}

/// The address of IPv4 that one of IPv6 leads to: mapped, translated (RFC 2765), by NAT64 (RFC 6052) or by 6to4 (RFC 3056).
fn hidden(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let embedded = |network: Ipv6Addr| is_within(address, network, 96);
    let [.., a, b, c, d] = address.octets();
    let tail = Ipv4Addr::new(a, b, c, d);
    let forms = [
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0),
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
    ];
    if forms.into_iter().any(embedded) {
        return Some(tail);
    }
    if is_within(address, Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16) {
        let [_, high, low, ..] = address.segments();
        return Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    None
}

fn is_within(address: Ipv6Addr, network: Ipv6Addr, prefix: u8) -> bool {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
    u128::from(address) & mask == u128::from(network)
}

#[cfg(test)]
mod tests;
