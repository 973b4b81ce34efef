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

fn networks(text: &str) -> Networks {
    Networks::parse(text).unwrap()
}

#[test]
fn several_are_written_in_one_way() {
    let shown = |text: &str| networks(text).to_string();
    assert_eq!(shown("10.1.2.3/8 192.0.2.7 10.9.9.9/8"), "10.0.0.0/8 192.0.2.7/32");
    assert_eq!(shown("2001:db8::1/32 ::ffff:10.1.2.3/104"), "10.0.0.0/8 2001:db8::/32");
    assert_eq!(shown("203.0.113.9/0 ::1/0"), "0.0.0.0/0 ::/0");
    assert_eq!(shown(""), "");
    assert!(Networks::parse("10.0.0.0/8 ten").is_err());
}

#[test]
fn none_named_is_everywhere_and_unknown_is_nowhere() {
    let from = |address: &str| Some(address.parse().unwrap());
    assert!(networks("").admit(None) && networks("").admit(from("192.0.2.7")));
    let office = networks("10.0.0.0/8 2001:db8::/32");
    assert!(office.admit(from("10.1.1.1")) && office.admit(from("::ffff:10.1.1.1")));
    assert!(office.admit(from("2001:db8::9")));
    assert!(!office.admit(from("192.0.2.7")) && !office.admit(None));
}

#[test]
fn one_set_within_another() {
    let within = |inner: &str, outer: &str| networks(inner).within(&networks(outer));
    assert!(within("", "") && within("10.0.0.0/8", ""));
    assert!(within("10.1.0.0/16 192.0.2.7", "10.0.0.0/8 192.0.2.0/24"));
    assert!(!within("", "10.0.0.0/8"), "everywhere is more");
    assert!(!within("10.0.0.0/8", "10.1.0.0/16") && !within("10.1.0.0/16 ::1", "10.0.0.0/8"));
}
