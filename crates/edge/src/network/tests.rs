use super::*;

fn inside(network: &str, address: &str) -> bool {
    network.parse::<Network>().unwrap().contains(address.parse().unwrap())
}

#[test]
fn membership() {
    assert!(inside("10.0.0.0/8", "10.255.0.1"));
    assert!(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
    assert!(!inside("10.0.0.0/8", "11.0.0.1"));
    assert!(!inside("10.0.0.0/8", "::1"));
    assert!(inside("192.0.2.7", "192.0.2.7"));
    assert!(!inside("192.0.2.7", "192.0.2.8"));
    assert!(inside("0.0.0.0/0", "203.0.113.9"));
    assert!(inside("2001:db8::/32", "2001:db8:1::1"));
    assert!(!inside("2001:db8::/32", "2001:db9::1"));
    assert!(inside("::/0", "2001:db9::1"));
}

#[test]
fn what_is_no_network_is_refused() {
    for text in
        ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "ten", "10.0.0.0/8/8"]
    {
        assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
    }
}
