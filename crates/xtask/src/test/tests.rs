use super::parse;
use crate::error::Error;

#[test]
fn filter_and_option_come_in_any_order() {
    for words in [["docker", "--all-clients"], ["--all-clients", "docker"]] {
        let wanted = parse(&words).unwrap();
        assert_eq!(wanted.filter, Some("docker"));
        assert!(wanted.all_clients);
    }
    assert!(!parse(&[]).unwrap().all_clients);
}

#[test]
fn what_is_not_understood_is_refused() {
    assert!(matches!(parse(&["--all-client"]), Err(Error::Usage(_))));
    assert!(matches!(parse(&["docker", "podman"]), Err(Error::Usage(_))));
}
