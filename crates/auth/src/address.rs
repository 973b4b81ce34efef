use std::net::IpAddr;

/// What stands for one client in queues and failure counts: an IPv4 address, or the /64 an IPv6 client can pick addresses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Prefix {
    V4(u32),
    V6(u64),
    /// No address is known; all such requests are one client.
    Unknown,
}

impl Prefix {
    pub(crate) fn of(peer: Option<IpAddr>) -> Self {
        // An IPv4 client on a dual-stack listener is the same client.
        match peer.map(|address| address.to_canonical()) {
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
