use std::net::IpAddr;

use crate::caller::{Caller, Who};
use crate::id::PrincipalId;
use crate::origin::Origin;

/// Who is charged for what a request makes us hold: the principal of a verified credential, else the address. So an office behind
/// one address is as many clients as it has people, and a stranger there takes nothing from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Somebody who proved who they are.
    Principal(PrincipalId),
    /// Anybody else, by address.
    Address(Prefix),
}

/// What stands for one client among addresses: an IPv4 address, or the /64 an IPv6 client can pick addresses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// One address.
    V4(u32),
    /// The upper half of an address.
    V6(u64),
    /// No address is known; all such requests are one client.
    Unknown,
}

impl Client {
    /// Who is charged for a request of this caller from there.
    #[must_use]
    pub fn of(caller: &Caller, origin: &Origin) -> Self {
        match caller.who() {
            Who::Principal(id, _) => Self::Principal(id),
            Who::Anonymous => Self::at(origin.address),
        }
    }

    /// Whoever is at an address, before it is known who that is.
    #[must_use]
    pub fn at(address: Option<IpAddr>) -> Self {
        Self::Address(Prefix::of(address))
    }
}

impl Prefix {
    /// The prefix of an address; an IPv4 client on a dual-stack listener is the same client.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.to_bits()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                let upper = [a, b, c, d].iter().fold(0, |sum, part| sum << 16 | u64::from(*part));
                Self::V6(upper)
            }
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::of(Some(text.parse().unwrap()))
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_a_mapped_one_is_ipv4() {
        assert_eq!(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:2:ffff::9"));
        assert_ne!(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:3::1"));
        assert_eq!(prefix("::ffff:192.0.2.7"), prefix("192.0.2.7"));
        assert_ne!(prefix("192.0.2.8"), prefix("192.0.2.7"));
        assert_ne!(Prefix::of(None), prefix("0.0.0.0"));
    }
}
