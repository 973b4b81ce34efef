use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::{Reach, reach};

fn of(text: &str) -> Reach {
    reach(text.parse().expect("an address"))
}

#[test]
fn what_only_this_machine_reaches_is_not_public() {
    let private = [
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "::1",
        "fd12::1",
        "fc00::1",
        "fec0::1",
    ];
    for text in private {
        assert_eq!(of(text), Reach::Private, "{text}");
    }
    let never = [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.0.1",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "192.0.2.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "2001:db8::1",
        "2001::1",
        "100::1",
        "64:ff9b:1::1",
        "5f00::1",
        "::127.0.0.1",
        "4000::1",
    ];
    for text in never {
        assert_eq!(of(text), Reach::Never, "{text}");
    }
    for text in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"] {
        assert_eq!(of(text), Reach::Public, "{text}");
    }
}

/// An address of IPv4 in each form of IPv6 that leads to it.
fn forms(address: Ipv4Addr) -> [Ipv6Addr; 4] {
    let [a, b, c, d] = address.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    [
        address.to_ipv6_mapped(),
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
    ]
}

proptest! {
    #[test]
    fn no_form_reaches_further_than_the_address_it_hides(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        for form in forms(address) {
            prop_assert_eq!(reach(IpAddr::V6(form)), reach(IpAddr::V4(address)), "{}", form);
        }
    }

    /// The standard library's own words, as far as they go.
    #[test]
    fn nothing_that_the_library_calls_special_is_public(bits in any::<u32>(), wide in any::<u128>()) {
        let address = Ipv4Addr::from(bits);
        let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
            || address.is_broadcast() || address.is_unspecified() || address.is_documentation();
        prop_assert!(!special || reach(IpAddr::V4(address)) != Reach::Public);
        let address = Ipv6Addr::from(wide);
        let special = address.is_loopback() || address.is_unspecified() || address.is_multicast()
            || address.is_unique_local() || address.is_unicast_link_local();
        prop_assert!(!special || reach(IpAddr::V6(address)) != Reach::Public);
    }

    /// Random bits seldom lie in the networks above: their edges are tried one by one.
    #[test]
    fn a_network_is_of_one_kind_up_to_its_edge(network in 0_usize..super::NETWORKS_V4.len(), inside in any::<u32>()) {
        let (first, prefix, kind) = super::NETWORKS_V4[network];
        let host = u32::MAX >> prefix;
        let address = Ipv4Addr::from(u32::from(first) | (inside & host));
        let found = reach(IpAddr::V4(address));
        prop_assert!(found == kind || (found == Reach::Never && super::METADATA_V4.contains(&address)));
    }
}
