//! The service index, and addresses in documents.

use super::*;

#[tokio::test]
async fn the_index_lists_what_is_there_below_its_own_directory() {
    let hub = Hub::new().await;
    let index = hub.person("bob").get(&at("index.json")).await;
    let document = index.is(200).has("content-type", "application/json").json();
    assert_eq!(document["version"], "3.0.0");
    let base = "https://hub.example/nuget/p/alpha/packages/v3/";
    let of = |kind: &str| -> String {
        let mut found = document["resources"].as_array().unwrap().iter().filter(|one| one["@type"] == kind);
        let address = found.next().unwrap_or_else(|| panic!("no {kind}"))["@id"].as_str().unwrap().to_owned();
        assert!(found.next().is_none(), "{kind} twice");
        address.strip_prefix(base).unwrap_or_else(|| panic!("{address}")).to_owned()
    };
    assert_eq!(of("PackageBaseAddress/3.0.0"), "flat/");
    assert_eq!(of("PackagePublish/2.0.0"), "package");
    assert_eq!(of("RegistrationsBaseUrl"), "reg/");
    assert_eq!(of("RegistrationsBaseUrl/3.4.0"), "reg-gz/");
    assert_eq!(of("RegistrationsBaseUrl/3.6.0"), "reg-gz-semver2/");
    assert_eq!(of("RegistrationsBaseUrl/Versioned"), "reg-gz-semver2/");
    assert_eq!(of("SearchQueryService/3.5.0"), "query");
    assert_eq!(of("SearchAutocompleteService"), "autocomplete");
    let kinds = texts(&document["resources"], "@type");
    assert_eq!(of("SymbolPackagePublish/4.9.0"), "symbolpackage");
    assert_eq!(of("VulnerabilityInfo/6.7.0"), "vulnerabilities/index.json");
    assert_eq!(of("Catalog/3.0.0"), "catalog/index.json");
    for absent in ["RepositorySignatures", "LegacyGallery"] {
        assert!(!kinds.iter().any(|kind| kind.starts_with(absent)), "{absent}");
    }
    let versioned =
        document["resources"].as_array().unwrap().iter().find(|one| one["clientVersion"].is_string());
    assert_eq!(versioned.unwrap()["@type"], "RegistrationsBaseUrl/Versioned");
}

/// The address of the feed, or of the directory of its index, is what people paste as the source.
#[tokio::test]
async fn the_feed_itself_answers_with_its_index() {
    let hub = Hub::new().await;
    let bob = hub.person("bob");
    let index = bob.get(&at("index.json")).await.is(200).json();
    for path in ["", "/", "/v3", "/v3/"] {
        let feed = format!("/nuget/p/alpha/packages{path}");
        assert_eq!(bob.get(&feed).await.is(200).json(), index, "{path}");
    }
    let words = "this feed speaks NuGet V3 alone, use https://hub.example/nuget/p/alpha/packages/v3/index.json as the source";
    for path in ["FindPackagesById()?id='A'", "v3/index.json/$metadata", "Packages(Id='A',Version='1.0')"] {
        let gone = bob.get(&format!("/nuget/p/alpha/packages/{path}")).await;
        gone.tells(410, words).has("x-nuget-warning", words);
    }
    hub.anonymous().get("/nuget/p/alpha/packages/$metadata").await.is(401);
}

#[tokio::test]
async fn names_are_accepted_in_any_case_and_shown_in_one() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.push(&package("Some.Id", "1.0.0-Beta")).await.is(201);
    for spelt in ["/nuget/P/Alpha/PACKAGES/V3/Index.json", "/nuget/p/alpha/packages/v3/index.json/"] {
        let document = alice.get(spelt).await.is(200).json();
        assert!(
            document["resources"][0]["@id"]
                .as_str()
                .unwrap()
                .starts_with("https://hub.example/nuget/p/alpha/packages/v3/")
        );
    }
    for spelt in ["flat/some.id/index.json", "FLAT/Some.Id/INDEX.json?semVerLevel=2.0.0"] {
        assert_eq!(
            alice.get(&at(spelt)).await.is(200).json(),
            serde_json::json!({ "versions": ["1.0.0-beta"] })
        );
    }
    for spelt in
        ["1.0.0-beta/some.id.1.0.0-beta", "1.0-BETA/Some.Id.1.0.0.0-beta", "01.00.0-beta/some.id.1.0-Beta"]
    {
        alice.get(&at(&format!("flat/some.id/{spelt}.nupkg"))).await.is(200);
    }
    let document = alice.get(&at("reg-gz-semver2/SOME.ID/index.json")).await.is(200).json();
    let leaf = &document["items"][0]["items"][0];
    assert_eq!(leaf["catalogEntry"]["id"], "Some.Id");
    assert_eq!(leaf["catalogEntry"]["version"], "1.0.0-Beta");
    let content =
        "https://hub.example/nuget/p/alpha/packages/v3/flat/some.id/1.0.0-beta/some.id.1.0.0-beta.nupkg";
    assert_eq!(leaf["packageContent"], content);
}

/// Where a host name stands for the organisation, everything begins with that.
#[tokio::test]
async fn addresses_begin_where_the_request_did() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.push(&package("A", "1.0.0")).await.is(201);
    for (mount, target) in [("/acme", "reg/a/index.json"), ("/nuget", "reg/a/index.json"), ("/acme", "query")]
    {
        let target = format!("{mount}/p/alpha/packages/v3/{target}");
        let answer = alice.send_below(mount, "GET", &target, &[], "").await;
        let text = String::from_utf8(answer.is(200).body.to_vec()).unwrap();
        let addresses: Vec<&str> = text.split('"').filter(|word| word.starts_with("http")).collect();
        assert!(!addresses.is_empty());
        let base = format!("https://hub.example{mount}/p/alpha/packages/v3/");
        assert!(addresses.iter().all(|address| address.starts_with(&base)), "{addresses:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let hub = Hub::new().await;
    let bob = hub.person("bob");
    hub.person("alice").push(&package("A", "1.0.0")).await.is(201);
    let absent = [
        ("flat/b/index.json", "no package of this id"),
        ("flat/a..b/index.json", "no package of this id"),
        ("flat/a/2.0.0/a.2.0.0.nupkg", "no such version"),
        ("flat/a/x/a.x.nupkg", "no such version"),
        ("flat/a/1.0.0/readme", "no such file"),
        ("flat/a/1.0.0/icon", "no such file"),
        ("flat/a/1.0.0/license", "no such file"),
        ("flat/a/1.0.0/b.1.0.0.nupkg", "no such address"),
        ("flat/a/1.0.0/a.2.0.0.nupkg", "no such address"),
        ("flat/a/1.0.0/a.nupkg", "no such address"),
        ("flat/a", "no such address"),
        ("reg/b/index.json", "no package of this id"),
        ("reg/a/2.0.0.json", "no such version"),
        ("reg/a/page/2.0.0/3.0.0.json", "no such version"),
        ("reg/a/1.0.0", "no such address"),
        ("vulnerabilities/updates.json", "no such address"),
    ];
    for (path, words) in absent {
        bob.get(&at(path)).await.tells(404, words);
    }
    bob.get(&at("package")).await.tells(405, "this address takes PUT");
    bob.get("/nuget/p/alpha/packages/v2/x").await.tells(404, "no such address");
    hub.anonymous().get("/nuget/x").await.tells(404, "no such address");
    for path in ["flat/a%2Fb/index.json", "flat/%2e%2e/x", "flat/a\\b/index.json", "flat//index.json"] {
        hub.anonymous().get(&at(path)).await.tells(400, "malformed");
    }
}
