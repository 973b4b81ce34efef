use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// An address or a network, `ADDRESS[/BITS]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Where something may come from: any of some networks, or everywhere if none is named. In one order, each network once and written
/// by its first address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Arc<[Network]>);

/// The text is no address and no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 10.0.0.0/8")]
pub struct NotANetwork;

impl Network {
    /// Whether the address lies in it. An IPv4 address in IPv6 clothes counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                high(u128::from(own.to_bits()) << 96, self.prefix_bits)
                    == high(u128::from(other.to_bits()) << 96, self.prefix_bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                high(own.to_bits(), self.prefix_bits) == high(other.to_bits(), self.prefix_bits)
            }
            _ => false,
        }
    }

    /// The same network by its first address; one of IPv4 in IPv6 clothes as IPv4.
    fn canonical(self) -> Self {
        let Self { address, prefix_bits } = self;
        match address {
            IpAddr::V4(own) => {
                let bits = high(u128::from(own.to_bits()) << 96, prefix_bits) >> 96;
                let first = u32::try_from(bits).map_or(own, Ipv4Addr::from_bits);
                Self { address: first.into(), prefix_bits }
            }
            IpAddr::V6(own) => match (own.to_ipv4_mapped(), prefix_bits.checked_sub(MAPPED_BITS)) {
                (Some(own), Some(prefix_bits)) => Self { address: own.into(), prefix_bits }.canonical(),
                _ => {
                    let first = Ipv6Addr::from_bits(high(own.to_bits(), prefix_bits));
                    Self { address: first.into(), prefix_bits }
                }
            },
        }
    }
}

impl Networks {
    /// Most that one thing is limited to.
    pub const MAX: usize = 16;

    /// These; none is everywhere.
    #[must_use]
    pub fn new(networks: impl IntoIterator<Item = Network>) -> Self {
        let mut all: Vec<Network> = networks.into_iter().map(Network::canonical).collect();
        all.sort_unstable();
        all.dedup();
        Self(all.into())
    }

    /// As [`fmt::Display`] writes them.
    ///
    /// # Errors
    /// If one is no network.
    pub fn parse(text: &str) -> Result<Self, NotANetwork> {
        let networks: Result<Vec<Network>, NotANetwork> = text.split_whitespace().map(str::parse).collect();
        networks.map(Self::new)
    }

    /// Whether something may come from there. What comes from nobody knows where may come from everywhere only.
    #[must_use]
    pub fn admit(&self, from: Option<IpAddr>) -> bool {
        self.0.is_empty() || from.is_some_and(|from| self.0.iter().any(|network| network.contains(from)))
    }

    /// Each of them; none is everywhere.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Network> + '_ {
        self.0.iter().copied()
    }

    /// Whether everywhere is meant.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing may come from elsewhere than these allow.
    #[must_use]
    pub fn within(&self, wider: &Self) -> bool {
        let lies_in = |one: &Network| wider.0.iter().any(|other| one.lies_in(*other));
        wider.0.is_empty() || !self.0.is_empty() && self.0.iter().all(lies_in)
    }
}

impl Network {
    fn lies_in(self, other: Self) -> bool {
        self.prefix_bits >= other.prefix_bits && other.contains(self.address)
    }
}

/// How an IPv6 address begins that stands for an IPv4 address.
const MAPPED_BITS: u8 = 96;

const fn high(bits: u128, prefix_bits: u8) -> u128 {
    match u128::MAX.checked_shl(128_u32.saturating_sub(prefix_bits as u32)) {
        Some(mask) => bits & mask,
        None => 0,
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let bits_max = match address {
            IpAddr::V4(_) => Ipv4Addr::BITS,
            IpAddr::V6(_) => Ipv6Addr::BITS,
        };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse::<u32>().map_err(|_| NotANetwork)?
            }
            Some(_) => return Err(NotANetwork),
            None => bits_max,
        };
        match u8::try_from(bits) {
            Ok(prefix_bits) if bits <= bits_max => Ok(Self { address, prefix_bits }),
            _ => Err(NotANetwork),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
