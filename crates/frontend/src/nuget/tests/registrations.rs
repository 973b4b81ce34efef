//! Registrations in three hives, and their paging.

use serde_json::json;

use super::*;

const BASE: &str = "https://hub.example/nuget/p/alpha/packages/v3";

#[tokio::test]
async fn a_version_is_shown_with_everything_its_nuspec_says() {
    let hub = Hub::new().await;
    let extra = "<title>T</title><description>D</description><summary>S</summary><tags>x, y</tags><language>en</language>\
        <projectUrl>https://p.example</projectUrl><license type='expression'>MIT OR ISC</license>\
        <requireLicenseAcceptance>true</requireLicenseAcceptance>\
        <dependencies><group targetFramework='net8.0'><dependency id='Dep.A' version='[1.0,2.0)'/></group>\
        <group targetFramework='net6.0'/></dependencies>";
    hub.person("alice").push(&packed("Some.Id", "1.2", extra, &[])).await.is(201);
    let document = hub.person("bob").get(&at("reg/some.id/index.json")).await.is(200).json();
    let leaf = format!("{BASE}/reg/some.id/1.2.0.json");
    let content = format!("{BASE}/flat/some.id/1.2.0/some.id.1.2.0.nupkg");
    let registration = format!("{BASE}/reg/some.id/index.json");
    let groups = json!([
        {
            "@type": "PackageDependencyGroup",
            "targetFramework": "net8.0",
            "dependencies": [{ "@type": "PackageDependency", "id": "Dep.A", "range": "[1.0.0, 2.0.0)" }],
        },
        { "@type": "PackageDependencyGroup", "targetFramework": "net6.0" },
    ]);
    let mut entry = json!({
        "@id": leaf,
        "@type": "PackageDetails",
        "id": "Some.Id",
        "version": "1.2.0",
        "authors": "An Author",
        "title": "T",
        "description": "D",
        "summary": "S",
        "tags": ["x", "y"],
        "language": "en",
        "projectUrl": "https://p.example",
        "iconUrl": "",
        "listed": true,
        "published": "2027-01-15T08:00:00Z",
        "minClientVersion": "",
        "packageContent": content,
    });
    entry["licenseExpression"] = "MIT OR ISC".into();
    entry["licenseUrl"] = "https://licenses.nuget.org/MIT%20OR%20ISC".into();
    entry["requireLicenseAcceptance"] = true.into();
    entry["dependencyGroups"] = groups.clone();
    let item = json!({
        "@id": leaf,
        "@type": "Package",
        "packageContent": content,
        "registration": registration,
        "catalogEntry": entry,
    });
    let page = json!({
        "@id": format!("{BASE}/reg/some.id/page/1.2.0/1.2.0.json"),
        "@type": "catalog:CatalogPage",
        "count": 1,
        "lower": "1.2.0",
        "upper": "1.2.0",
        "parent": registration,
        "items": [item],
    });
    let expected = json!({
        "@id": registration,
        "@type": ["catalog:CatalogRoot", "PackageRegistration"],
        "count": 1,
        "items": [page],
    });
    assert_eq!(document, expected);
    let single = hub.person("bob").get(&at("reg/some.id/1.2.0.json")).await.is(200).json();
    assert_eq!((&single["@id"], &single["catalogEntry"]), (&json!(leaf), &json!(leaf)));
    assert_eq!((&single["registration"], &single["packageContent"]), (&json!(registration), &json!(content)));
    assert_eq!(single["dependencyGroups"], groups);
}

#[tokio::test]
async fn old_clients_do_not_see_what_they_cannot_read() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let new_bound = "<dependencies><dependency id='B' version='1.0-a.b'/></dependencies>";
    for package in [
        package("A", "1.0.0"),
        package("A", "2.0.0-rc"),
        package("A", "2.0.0-rc.1"),
        package("A", "3.0.0+build"),
        packed("A", "4.0.0", new_bound, &[]),
    ] {
        alice.push(&package).await.is(201);
    }
    let all = ["1.0.0", "2.0.0-rc", "2.0.0-rc.1", "3.0.0+build", "4.0.0"];
    for (hive, gzipped, expected) in
        [("reg", false, &all[..2]), ("reg-gz", true, &all[..2]), ("reg-gz-semver2", true, &all[..])]
    {
        let answer = bob.get(&at(&format!("{hive}/a/index.json"))).await;
        assert_eq!(answer.is(200).headers.contains_key("content-encoding"), gzipped, "{hive}");
        let document = answer.json();
        let shown: Vec<String> = document["items"][0]["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leaf| leaf["catalogEntry"]["version"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(shown, expected, "{hive}");
        let status = if expected.len() == 5 { 200 } else { 404 };
        bob.get(&at(&format!("{hive}/a/4.0.0.json"))).await.is(status);
    }
    // Bounds and addresses have no metadata, and those without metadata are the same version.
    let document = bob.get(&at("reg-gz-semver2/a/3.0.0.json")).await.is(200).json();
    assert_eq!(document["@id"], format!("{BASE}/reg-gz-semver2/a/3.0.0.json"));
    let flat = bob.get(&at("flat/a/index.json")).await.is(200).json();
    assert_eq!(texts(&flat["versions"], ""), ["1.0.0", "2.0.0-rc", "2.0.0-rc.1", "3.0.0", "4.0.0"]);
    // A package of which old clients can read nothing is absent to them.
    alice.push(&package("New", "1.0.0-a.b")).await.is(201);
    bob.get(&at("reg/new/index.json")).await.is(404);
    bob.get(&at("reg-gz-semver2/new/index.json")).await.is(200);
}

async fn numbered(hub: &Hub, count: usize) {
    for number in 0..count {
        hub.person("alice").push(&package("A", &format!("1.{number}.0"))).await.is(201);
    }
}

/// Every version that the index leads to, in order, with the number of pages and whether they were fetched.
async fn walked(hub: &Hub) -> (Vec<String>, usize, bool) {
    let bob = hub.person("bob");
    let index = bob.get(&at("reg-gz-semver2/a/index.json")).await.is(200).json();
    let pages = index["items"].as_array().unwrap();
    assert_eq!(index["count"], pages.len());
    let (mut versions, mut fetched) = (Vec::new(), false);
    for page in pages {
        let mut page = page.clone();
        if page.get("items").is_none() {
            assert!(page.get("parent").is_none());
            fetched = true;
            let target =
                page["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
            let single = bob.get(&target).await.is(200).json();
            for member in ["@id", "count", "lower", "upper"] {
                assert_eq!(single[member], page[member], "{member}");
            }
            page = single;
        }
        let items: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leaf| leaf["catalogEntry"]["version"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(page["count"], items.len());
        assert_eq!(
            (page["lower"].as_str(), page["upper"].as_str()),
            (items.first().map(|text| &**text), items.last().map(|text| &**text))
        );
        versions.extend(items);
    }
    (versions, pages.len(), fetched)
}

#[tokio::test]
async fn pages_are_as_the_gallery_makes_them() {
    let hub = Hub::new().await;
    let mut so_far = 0;
    for (count, pages, fetched) in
        [(1, 1, false), (64, 1, false), (65, 2, false), (127, 2, false), (128, 2, true), (129, 3, true)]
    {
        for number in so_far..count {
            hub.person("alice").push(&package("A", &format!("1.{number}.0"))).await.is(201);
        }
        so_far = count;
        let (versions, found, was_fetched) = walked(&hub).await;
        assert_eq!((versions.len(), found, was_fetched), (count, pages, fetched), "{count} versions");
        let expected: Vec<String> = (0..count).map(|number| format!("1.{number}.0")).collect();
        assert_eq!(versions, expected);
    }
}

#[tokio::test]
async fn a_page_named_before_others_came_between_still_resolves() {
    let hub = Hub::new().await;
    numbered(&hub, 130).await;
    let bob = hub.person("bob");
    let index = bob.get(&at("reg/a/index.json")).await.is(200).json();
    let first =
        index["items"][0]["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
    hub.person("alice").push(&package("A", "1.5.1")).await.is(201);
    let page = bob.get(&first).await.is(200).json();
    assert_eq!((page["count"].as_u64(), page["upper"].as_str()), (Some(65), Some("1.63.0")));
}

#[tokio::test]
async fn unlisted_versions_stay_as_the_oldest() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    alice.push(&package("A", "1.0.0")).await.is(201);
    alice.remove("A", "1.0").await.is(204);
    let entry = async || {
        let document = bob.get(&at("reg/a/index.json")).await.is(200).json();
        document["items"][0]["items"][0]["catalogEntry"].clone()
    };
    let unlisted = entry().await;
    assert_eq!(
        (&unlisted["listed"], &unlisted["published"]),
        (&json!(false), &json!("1900-01-01T00:00:00Z"))
    );
    alice.send("POST", &at("package/A/1.0.0"), &[], "").await.is(200);
    let listed = entry().await;
    assert_eq!((&listed["listed"], &listed["published"]), (&json!(true), &json!("2027-01-15T08:00:00Z")));
}
