//! Search, autocomplete, and what deleting does to them.

use super::*;

async fn filled(hub: &Hub) {
    let alice = hub.person("alice");
    let tool =
        "<description>A tool</description><packageTypes><packageType name='DotnetTool'/></packageTypes>";
    let tagged = "<description>Reads JSON</description><tags>json fast</tags>";
    for package in [
        packed("Contoso.Json", "1.0.0", tagged, &[]),
        packed("Contoso.Json", "1.1.0-beta", tagged, &[]),
        packed("Contoso.Json", "1.2.0-beta.1", tagged, &[]),
        packed("Contoso.Json.Extras", "1.0.0", "<description>More for Contoso.Json</description>", &[]),
        packed("Fabrikam.Tool", "2.0.0", tool, &[]),
        packed("Only.Pre", "0.1.0-alpha", "<description>early</description>", &[]),
    ] {
        alice.push(&package).await.is(201);
    }
}

async fn search(client: &Client<'_>, query: &str) -> (u64, Vec<String>) {
    let document = client.get(&at(&format!("query?{query}"))).await.is(200).json();
    let found = texts(&document["data"], "id").into_iter().zip(texts(&document["data"], "version"));
    (document["totalHits"].as_u64().unwrap(), found.map(|(id, version)| format!("{id} {version}")).collect())
}

#[tokio::test]
async fn packages_are_found_by_words_and_conditions() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let cases: &[(&str, &[&str])] = &[
        ("", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0", "Fabrikam.Tool 2.0.0"]),
        ("q=JSON", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0"]),
        ("q=contoso.json", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0"]),
        ("q=contoso.json.extras", &["Contoso.Json.Extras 1.0.0"]),
        ("q=packageid:contoso.json", &["Contoso.Json 1.0.0"]),
        ("q=tags:fast", &["Contoso.Json 1.0.0"]),
        ("q=tags:fas", &[]),
        ("q=author:an", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0", "Fabrikam.Tool 2.0.0"]),
        ("q=json+extras", &["Contoso.Json.Extras 1.0.0"]),
        ("q=%25", &[]),
        ("q=_", &[]),
        ("q=json&prerelease=true", &["Contoso.Json 1.1.0-beta", "Contoso.Json.Extras 1.0.0"]),
        (
            "q=json&prerelease=true&semVerLevel=2.0.0",
            &["Contoso.Json 1.2.0-beta.1", "Contoso.Json.Extras 1.0.0"],
        ),
        ("q=json&semVerLevel=2.0.0", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0"]),
        ("q=early", &[]),
        ("q=early&prerelease=True", &["Only.Pre 0.1.0-alpha"]),
        ("packageType=dotnettool", &["Fabrikam.Tool 2.0.0"]),
        ("packageTypeFilter=DotnetTool", &["Fabrikam.Tool 2.0.0"]),
        ("packageType=Dependency&q=json", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0"]),
        ("packageType=a/b", &[]),
        ("q=nothing", &[]),
        ("q=json&unknown=parameter&skip=x&take=y", &["Contoso.Json 1.0.0", "Contoso.Json.Extras 1.0.0"]),
    ];
    for (query, expected) in cases {
        let (total, found) = search(&bob, query).await;
        assert_eq!(
            (total, &*found),
            (expected.len() as u64, &expected.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()[..]),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_found_package_is_its_latest_version_that_counts() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let document =
        bob.get(&at("query?q=packageid:contoso.json&prerelease=true&semVerLevel=2.0.0")).await.is(200).json();
    let item = &document["data"][0];
    assert_eq!(texts(&item["versions"], "version"), ["1.0.0", "1.1.0-beta", "1.2.0-beta.1"]);
    let base = "https://hub.example/nuget/p/alpha/packages/v3/reg-gz-semver2/contoso.json";
    assert_eq!(item["registration"], format!("{base}/index.json"));
    assert_eq!(item["versions"][2]["@id"], format!("{base}/1.2.0-beta.1.json"));
    assert_eq!(
        (&item["description"], texts(&item["tags"], ""), texts(&item["authors"], "")),
        (&"Reads JSON".into(), vec!["json".to_owned(), "fast".to_owned()], vec!["An Author".to_owned()])
    );
    assert_eq!(texts(&item["packageTypes"], "name"), ["Dependency"]);
    assert_eq!((item["totalDownloads"].as_u64(), item["verified"].as_bool()), (Some(0), Some(false)));
    let stable = bob.get(&at("query?q=packageid:contoso.json")).await.is(200).json();
    assert_eq!(texts(&stable["data"][0]["versions"], "version"), ["1.0.0"]);
}

#[tokio::test]
async fn pages_of_a_search_have_bounds() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    for (query, expected) in [
        ("skip=1&take=1", 1),
        ("skip=2", 1),
        ("skip=3", 0),
        ("take=0", 0),
        ("skip=3001", 0),
        ("take=99999", 3),
        ("take=-1", 3),
    ] {
        let (total, found) = search(&bob, query).await;
        assert_eq!((total, found.len()), (3, expected), "{query}");
    }
    let (_, second) = search(&bob, "skip=1&take=1").await;
    assert_eq!(second, ["Contoso.Json.Extras 1.0.0"]);
}

#[tokio::test]
async fn autocomplete_gives_ids_by_their_beginning_and_versions() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let ids = async |query: &str| {
        let document = bob.get(&at(&format!("autocomplete?{query}"))).await.is(200).json();
        (document["totalHits"].as_u64(), texts(&document["data"], ""))
    };
    let (both, tool) =
        (vec!["Contoso.Json".to_owned(), "Contoso.Json.Extras".to_owned()], vec!["Fabrikam.Tool".to_owned()]);
    assert_eq!(ids("q=CONT").await, (Some(2), both.clone()));
    assert_eq!(ids("q=json").await, (Some(2), both));
    assert_eq!(ids("q=tool").await, (Some(1), tool));
    assert_eq!(ids("q=so.json").await, (Some(0), Vec::new()));
    assert_eq!(ids("q=words").await, (Some(0), Vec::new()));
    assert_eq!(ids("").await.0, Some(3));
    assert_eq!(ids("prerelease=true&take=1&skip=3").await, (Some(4), vec!["Only.Pre".to_owned()]));
    let versions = async |query: &str| {
        texts(&bob.get(&at(&format!("autocomplete?{query}"))).await.is(200).json()["data"], "")
    };
    assert_eq!(versions("id=contoso.JSON").await, ["1.0.0"]);
    assert_eq!(versions("id=contoso.json&prerelease=true").await, ["1.0.0", "1.1.0-beta"]);
    assert_eq!(
        versions("id=contoso.json&prerelease=true&semVerLevel=2.0.0").await,
        ["1.0.0", "1.1.0-beta", "1.2.0-beta.1"]
    );
    assert_eq!(versions("id=nothing").await, Vec::<String>::new());
}

/// What the flat index, the registration and a search say of `A`.
async fn seen(hub: &Hub, repository: &str) -> (Vec<String>, Vec<(String, bool)>, Vec<String>) {
    let alice = hub.person("alice");
    let at = |path: &str| format!("/nuget/p/alpha/{repository}/v3/{path}");
    let flat = alice.get(&at("flat/a/index.json")).await;
    let flat = if flat.status == 404 { Vec::new() } else { texts(&flat.is(200).json()["versions"], "") };
    let registration = alice.get(&at("reg/a/index.json")).await;
    let registration = if registration.status == 404 {
        Vec::new()
    } else {
        let entry = |leaf: &Value| {
            let entry = &leaf["catalogEntry"];
            (entry["version"].as_str().unwrap().to_owned(), entry["listed"].as_bool().unwrap())
        };
        registration.json()["items"][0]["items"].as_array().unwrap().iter().map(entry).collect()
    };
    let found = alice.get(&at("query?q=a&prerelease=true")).await.is(200).json();
    let found = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|item| texts(&item["versions"], "version"))
        .collect();
    (flat, registration, found)
}

fn all(
    flat: &[&str],
    registration: &[(&str, bool)],
    found: &[&str],
) -> (Vec<String>, Vec<(String, bool)>, Vec<String>) {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    (own(flat), registration.iter().map(|(text, listed)| ((*text).to_owned(), *listed)).collect(), own(found))
}

#[tokio::test]
async fn lists_agree_at_once_about_what_is_unlisted() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for version in ["1.0.0", "2.0.0"] {
        alice.push(&package("A", version)).await.is(201);
    }
    let both = ["1.0.0", "2.0.0"];
    assert_eq!(seen(&hub, "packages").await, all(&both, &[("1.0.0", true), ("2.0.0", true)], &both));
    for _ in 0..2 {
        alice.remove("a", "2.0").await.is(204);
        assert_eq!(
            seen(&hub, "packages").await,
            all(&both, &[("1.0.0", true), ("2.0.0", false)], &["1.0.0"])
        );
    }
    alice.get(&at("flat/a/2.0.0/a.2.0.0.nupkg")).await.is(200);
    alice.push(&package("A", "2.0.0")).await.is(201);
    alice.remove("A", "1.0.0").await.is(204);
    assert_eq!(seen(&hub, "packages").await.2, Vec::<String>::new());
    for _ in 0..2 {
        alice.send("POST", &at("package/A/2.0.0"), &[], "").await.is(200);
        assert_eq!(
            seen(&hub, "packages").await,
            all(&both, &[("1.0.0", false), ("2.0.0", true)], &["2.0.0"])
        );
    }
    alice.remove("A", "3.0.0").await.tells(404, "no such version");
    alice.remove("B", "1.0.0").await.tells(404, "no such version");
    alice.send("POST", &at("package/A/3.0.0"), &[], "").await.tells(404, "no such version");
}

#[tokio::test]
async fn where_a_delete_removes_nothing_is_left() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let target = |path: &str| format!("/nuget/p/alpha/hard/v3/{path}");
    for version in ["1.0.0", "2.0.0"] {
        alice.push_to("hard", &package("A", version)).await.is(201);
    }
    alice.send("DELETE", &target("package/A/1.0.0"), &[], "").await.is(204);
    assert_eq!(seen(&hub, "hard").await, all(&["2.0.0"], &[("2.0.0", true)], &["2.0.0"]));
    alice.get(&target("flat/a/1.0.0/a.1.0.0.nupkg")).await.is(404);
    alice.get(&target("flat/a/1.0.0/a.nuspec")).await.is(404);
    alice.send("DELETE", &target("package/A/1.0.0"), &[], "").await.is(404);
    // The version stays reserved for the bytes it had.
    let other = packed("A", "1.0.0", "", &[("x", b"y")]);
    alice.push_to("hard", &other).await.tells(409, "stays reserved");
    alice.push_to("hard", &package("A", "1.0.0")).await.is(201);
    for version in ["1.0.0", "2.0.0"] {
        alice.send("DELETE", &target(&format!("package/a/{version}")), &[], "").await.is(204);
    }
    assert_eq!(seen(&hub, "hard").await, all(&[], &[], &[]));
}

/// Searches are bounded, and whoever asks for more is not refused: nothing is found.
#[tokio::test]
async fn words_that_are_too_long_find_nothing() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    alice.push(&package("A", "1.0.0")).await.is(201);
    for bytes in [100, 128, 129, 250, 5000] {
        let word = "a".repeat(bytes);
        for query in ["query?q=", "autocomplete?q=", "query?q=tag:", "query?packageType="] {
            let answer = alice.get(&at(&format!("{query}{word}"))).await;
            assert_eq!(answer.is(200).json()["totalHits"], 0, "{query} {bytes}");
        }
    }
}
