//! Documents over the wire, and where their addresses begin.

use expect_test::expect;
use wharfinger::config::ServerUrl;

use crate::nuget::team;
use crate::support::nuget::{Packed, Seen, document};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(in crate::nuget::team; two_hundred_versions_are_in_every_list, old_clients_do_not_see_what_they_cannot_read);

async fn two_hundred_versions_are_in_every_list(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    let versions: Vec<String> = (0..200).map(|number| format!("1.{}.{}", number / 20, number % 20)).collect();
    for version in &versions {
        feed.push(&Packed::new("Many", version)).await.is(201);
    }
    let rita = hub.actor("rita");
    let names: Vec<&str> = versions.iter().map(String::as_str).collect();
    assert_eq!(rita.feed("team/feed").seen("many").await, Seen::of(&names, &[]));
    let index = rita.feed("team/feed").document("reg-gz-semver2/many/index.json").await;
    let pages = index["items"].as_array().expect("pages");
    let shapes: Vec<(u64, &str, &str, bool)> = pages
        .iter()
        .map(|page| {
            let text = |member: &str| page[member].as_str().expect("a version");
            (
                page["count"].as_u64().expect("a number"),
                text("lower"),
                text("upper"),
                page.get("items").is_some(),
            )
        })
        .collect();
    let expected = [
        (64, "1.0.0", "1.3.3", false),
        (64, "1.3.4", "1.6.7", false),
        (64, "1.6.8", "1.9.11", false),
        (8, "1.9.12", "1.9.19", false),
    ];
    assert_eq!(shapes, expected);
}

async fn old_clients_do_not_see_what_they_cannot_read(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed");
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    feed.push(&Packed::new("Lib", "2.0.0-rc.1")).await.is(201);
    for (hive, gzipped, versions) in [("reg", false, 1), ("reg-gz", true, 1), ("reg-gz-semver2", true, 2)] {
        // Whatever the client accepts: always, or never.
        for accepted in ["identity", "gzip, deflate"] {
            let ask =
                Ask::get(feed.at(&format!("{hive}/lib/index.json"))).header("accept-encoding", accepted);
            let answer = alice.send(ask).await.is(200);
            assert_eq!(answer.header("content-encoding").is_some(), gzipped, "{hive}");
            assert_eq!(document(&answer)["items"][0]["count"], versions, "{hive}");
        }
    }
    let total = async |query: &str| feed.document(query).await["data"][0]["version"].clone();
    assert_eq!(total("query?prerelease=true").await, "1.0.0");
    assert_eq!(total("query?prerelease=true&semVerLevel=2.0.0").await, "2.0.0-rc.1");
}

/// NU1302 and host-header poisoning: addresses begin with the public URL, or with Space's host where that is how it was
/// reached, never with a made-up host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_begin_with_the_public_url() {
    let hub = Server::tuned(team(), |config| {
        config.server.public_url = ServerUrl::parse("https://hub.example");
    })
    .await;
    let alice = hub.actor("alice");
    alice.feed("team/feed").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let base = async |host: Option<&str>, target: &str| {
        let ask = Ask::get(target);
        let ask = match host {
            Some(host) => ask.header("host", host),
            None => ask,
        };
        let text = String::from_utf8(alice.send(ask).await.is(200).body.to_vec()).expect("UTF-8");
        let addresses: Vec<&str> = text.split('"').filter(|word| word.starts_with("http")).collect();
        let (first, _) = addresses[0].split_once("/p/").expect("a feed");
        assert!(addresses.iter().all(|address| address.starts_with(first)), "{addresses:?}");
        first.to_owned()
    };
    let (usual, cloud) = ("/nuget/p/team/feed/v3", "/acme/p/team/feed/v3");
    for document in ["index.json", "reg/lib/index.json", "query"] {
        let expected = "https://hub.example/nuget";
        assert_eq!(base(None, &format!("{usual}/{document}")).await, expected);
        assert_eq!(base(Some("evil.example"), &format!("{usual}/{document}")).await, expected);
        let expected = "https://nuget.pkg.hub.example/acme";
        assert_eq!(base(Some("nuget.pkg.hub.example"), &format!("{cloud}/{document}")).await, expected);
    }
    let elsewhere = Ask::get("/umbrella/p/team/feed/v3/index.json").header("host", "nuget.pkg.hub.example");
    alice.send(elsewhere).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_index_as_it_is() {
    let hub = Server::with(team()).await;
    let index = hub.actor("rita").feed("team/feed").get("index.json").await.is(200);
    let text = index.to_string().replace("},{", "},\n{");
    expect![[r#"
        200
        content-length: 2430
        content-type: application/json

        {"version":"3.0.0","resources":[{"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService/3.0.0-beta"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService/3.0.0-rc"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService/3.4.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService/3.5.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/query","@type":"SearchQueryService/Versioned"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/autocomplete","@type":"SearchAutocompleteService"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/autocomplete","@type":"SearchAutocompleteService/3.0.0-beta"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/autocomplete","@type":"SearchAutocompleteService/3.0.0-rc"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/autocomplete","@type":"SearchAutocompleteService/3.5.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/autocomplete","@type":"SearchAutocompleteService/Versioned"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg/","@type":"RegistrationsBaseUrl"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg/","@type":"RegistrationsBaseUrl/3.0.0-beta"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg/","@type":"RegistrationsBaseUrl/3.0.0-rc"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg-gz/","@type":"RegistrationsBaseUrl/3.4.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg-gz-semver2/","@type":"RegistrationsBaseUrl/3.6.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/reg-gz-semver2/","@type":"RegistrationsBaseUrl/Versioned","clientVersion":"4.3.0-alpha"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/flat/","@type":"PackageBaseAddress/3.0.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/package","@type":"PackagePublish/2.0.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/catalog/index.json","@type":"Catalog/3.0.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/vulnerabilities/index.json","@type":"VulnerabilityInfo/6.7.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/symbolpackage","@type":"SymbolPackagePublish/4.9.0"},
        {"@id":"http://HOST/nuget/p/team/feed/v3/flat/{lower_id}/{lower_version}/readme","@type":"ReadmeUriTemplate/6.13.0"}]}
    "#]].assert_eq(&text);
}
