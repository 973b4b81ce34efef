use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address or a network, `ADDRESS[/BITS]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

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
}

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

#[cfg(test)]
mod tests;
