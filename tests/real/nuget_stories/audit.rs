//! What a feed says of versions after they were published, as the client tells it to its user.

use super::super::{clients::Dotnet, hub::Hub, wanted::wanted};
use super::BERTH;

const WEAK: &str = r#"{"id":"ACME-1","affected":[{"package":{"ecosystem":"NuGet","name":"Harbour.Berth"},"ranges":[{"type":
    "ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.1.0"}]}]}],"references":[{"type":"ADVISORY","url":
    "https://acme.example/ACME-1"}],"database_specific":{"severity":"HIGH"}}"#;
const OLD: &str = r#"{"reasons":["Legacy"],"message":"moved","alternate":{"id":"Harbour.Quay"}}"#;

#[test]
fn audits_and_lists_tell_what_the_feed_says() {
    if wanted(&["dotnet"])
        && let Some(hub) = Hub::start_on_postgres()
    {
        told(&Dotnet::new(), &hub);
    }
}

fn told(dotnet: &Dotnet, hub: &Hub) {
    let feed = hub.nuget("private-packages");
    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
    for version in ["1.0.0", "1.1.0"] {
        dotnet.push(&dotnet.pack(BERTH, version), "wharfinger", None, &[]).succeeds();
    }
    let program = dotnet.program(&[(BERTH, "1.0.0")]);
    let list = |kind: &str| {
        dotnet.forget();
        dotnet.run_in(&program, &["restore"]).succeeds();
        dotnet.run_in(&program, &["list", "package", kind]).succeeds()
    };
    let restored = dotnet.restore(&program).succeeds();
    assert!(!restored.text.contains("NU19"), "{restored}");
    list("--vulnerable").says("no vulnerable packages");
    list("--deprecated").says("no deprecated packages");

    hub.change_rows(&format!(
        "INSERT INTO advisory (repository, id, document, changed_by, changed_at) \
         SELECT node, 'ACME-1', '{WEAK}', 1, 1800000000000 FROM repository WHERE name = 'private-packages'; \
         INSERT INTO advisory_package (repository, package_key, advisory) \
         SELECT repository, 'harbour.berth', id FROM advisory; \
         INSERT INTO deprecation (entry, document, changed_by, changed_at) SELECT id, '{OLD}', 1, 1800000000000 \
         FROM entry WHERE package_key = 'harbour.berth' AND kind = 'version' AND name_key = '1.0.0'; \
         UPDATE repository SET revision = revision + 1, advisories_changed_at = 1800000000000;"
    ));
    dotnet.restore(&program).succeeds().says("NU1903").says("https://acme.example/ACME-1");
    list("--vulnerable").says("High").says("https://acme.example/ACME-1");
    list("--deprecated").says("Legacy").says("Harbour.Quay");
    let program = dotnet.program(&[(BERTH, "1.1.0")]);
    let restored = dotnet.restore(&program).succeeds();
    assert!(!restored.text.contains("NU19"), "{restored}");
}
