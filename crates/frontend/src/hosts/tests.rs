use proptest::prelude::*;

use super::*;

#[test]
fn packages_are_found_behind_the_organisation() {
    let form = |host, path| packages(host, "maven.pkg.", path);
    let found = form("maven.pkg.hub.example", "/acme/p/alpha/jars/org/a.pom").unwrap();
    assert_eq!(found.organisation, "acme");
    assert_eq!((found.mount, found.below), ("/acme", "/p/alpha/jars/org/a.pom"));
    assert_eq!(form("Maven.PKG.hub.example:8080", "/acme/p").unwrap().below, "/p");
    for (host, path) in [
        ("hub.example", "/acme/p/alpha/jars/a"),
        ("nuget.pkg.hub.example", "/acme/p/alpha/jars/a"),
        ("maven.pkg", "/acme/p/alpha/jars/a"),
        ("maven.pkg.hub.example", "/maven/alpha/jars/a"),
        ("maven.pkg.hub.example", "/acme/pp/alpha"),
        ("maven.pkg.hub.example", "//p/alpha/jars/a"),
        ("maven.pkg.hub.example", "/livez"),
        ("maven.pkg.hub.example", ""),
    ] {
        assert_eq!(form(host, path), None, "{host} {path}");
    }
}

#[test]
fn a_registry_host_is_ours_if_the_rest_is() {
    assert_eq!(registry("acme.registry.hub.example", "hub.example"), Some("acme"));
    assert_eq!(registry("acme.Registry.HUB.example:8443", "hub.example:8443"), Some("acme"));
    for host in
        ["my.registry.example", "registry.hub.example", ".registry.hub.example", "acme.registry.", "acme", ""]
    {
        assert_eq!(registry(host, "hub.example"), None, "{host}");
    }
    assert!(belongs("nuget.pkg.hub.example", "nuget.pkg.", "hub.example"));
    assert!(!belongs("nuget.pkg.evil.example", "nuget.pkg.", "hub.example"));
}

proptest! {
    #[test]
    fn nothing_panics(host in ".*", path in ".*", public in ".*") {
        let _ = packages(&host, "maven.pkg.", &path);
        let _ = registry(&host, &public);
        let _ = belongs(&host, "nuget.pkg.", &public);
    }
}
