//! An SDK of years ago.

use super::super::{clients::Dotnet, hub::Hub, wanted::wanted_of_all};
use super::{BERTH, a_version_is_pushed_once, pushed_with_a_key_and_restored, pushed_with_a_login, runs};

#[test]
fn packages_are_pushed_and_restored() {
    tell(pushed_with_a_key_and_restored);
    tell(pushed_with_a_login);
}

#[test]
fn duplicates_are_told_or_skipped() {
    tell(a_version_is_pushed_once);
}

#[test]
fn newer_versions_are_found_and_deleted_ones_are_not() {
    tell(|dotnet, hub| {
        let feed = hub.nuget("private-packages");
        dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            dotnet.push(&dotnet.pack(BERTH, version), "wharfinger", None, &[]).succeeds();
        }
        dotnet.run_in(&dotnet.program(&[]), &["add", "package", BERTH]).succeeds().says("1.2.0");
        let key = hub.member.secret.as_str();
        let delete = ["nuget", "delete", BERTH, "1.2.0", "-s", "wharfinger", "-k", key, "--non-interactive"];
        dotnet.run(&delete).succeeds();
        let program = dotnet.program(&[(BERTH, "1.0.0")]);
        dotnet.restore(&program).succeeds();
        let outdated = dotnet.run_in(&program, &["list", "package", "--outdated"]).succeeds().says("1.1.0");
        assert!(!outdated.text.contains("1.2.0"), "{outdated}");
        runs(dotnet, "1.2.0");
    });
}

fn tell(told: impl FnOnce(&Dotnet, &Hub)) {
    if wanted_of_all(&["dotnet-3.1"]) {
        told(&Dotnet::new_3_1(), &Hub::start());
    }
}
