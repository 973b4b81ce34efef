//! What is said of versions after they were published: rows put in as the management interface will, and what clients read.

use std::sync::Arc;

use domain::{Delete, EntryKey, EntryKind, RepositoryPath, RepositorySettings};
use serde_json::json;
use storage::NewAdvisory;

use crate::nuget::id::PackageId;
use crate::nuget::version::Version;

use super::*;

const WEAK: &str = r#"{"id":"GHSA-1","affected":[{"package":{"ecosystem":"NuGet","name":"Some.Lib"},"ranges":[{"type":
    "ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.5.0"}]}]}],"references":[{"type":"ADVISORY","url":
    "https://a.example/1"}],"database_specific":{"severity":"HIGH"}}"#;
const WORSE: &str = r#"{"id":"GHSA-2","affected":[{"package":{"ecosystem":"NuGet","name":"some.lib"},"versions":["1.0"]}],
    "database_specific":{"severity":"CRITICAL"}}"#;

impl Client<'_> {
    fn granted<R: domain::Right>(&self) -> Granted<R> {
        self.gate().check(&RepositoryPath::parse("alpha/packages").unwrap()).unwrap()
    }

    async fn deprecate(&self, hub: &Hub, id: &str, version: &str, document: Option<&str>) {
        let name = Version::parse(version).unwrap().name().unwrap();
        let package = PackageId::parse(id).unwrap().name().clone();
        let key = EntryKey { kind: EntryKind::Version, package, name };
        hub.storage.deprecate(self.granted::<Delete>(), &key, document).await.unwrap();
    }

    async fn put_advisory(&self, hub: &Hub, id: &str, document: &str, packages: &[&str]) {
        let packages = packages.iter().map(|id| PackageId::parse(id).unwrap().name().clone()).collect();
        let advisory = NewAdvisory { id: id.into(), document: Arc::from(document), packages };
        hub.storage.put_advisory(self.granted::<RepositorySettings>(), advisory).await.unwrap();
    }
}

#[tokio::test]
async fn registrations_say_what_should_no_longer_be_used() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    for version in ["1.0.0", "2.0.0-Beta"] {
        alice.push(&package("Some.Lib", version)).await.is(201);
    }
    let entry = async |version: &str| {
        bob.get(&at(&format!("reg-gz-semver2/some.lib/{version}.json"))).await.is(200).json()
    };
    assert!(entry("1.0.0").await.get("deprecation").is_none());
    let document = r#"{"reasons":["legacy","criticalbugs","odd"],"message":"use the other","alternate":{"id":"Other.Lib"}}"#;
    alice.deprecate(&hub, "some.lib", "2.0-beta", Some(document)).await;
    let said = json!({
        "reasons": ["Legacy", "CriticalBugs", "Other"],
        "message": "use the other",
        "alternatePackage": { "id": "Other.Lib", "range": "*" },
    });
    assert_eq!(entry("2.0.0-beta").await["deprecation"], said);
    assert!(entry("1.0.0").await.get("deprecation").is_none());
    let index = bob.get(&at("reg-gz-semver2/some.lib/index.json")).await.is(200).json();
    let versions = index["items"][0]["items"].as_array().unwrap();
    assert_eq!(versions[1]["catalogEntry"]["deprecation"], said);
    alice
        .deprecate(&hub, "Some.Lib", "2.0.0-beta", Some(r#"{"alternate":{"id":"O","range":"[1.0.0, )"}}"#))
        .await;
    let said = json!({ "reasons": ["Other"], "alternatePackage": { "id": "O", "range": "[1.0.0, )" } });
    assert_eq!(entry("2.0.0-beta").await["deprecation"], said);
    alice.deprecate(&hub, "Some.Lib", "2.0.0-beta", None).await;
    assert!(entry("2.0.0-beta").await.get("deprecation").is_none());
}

#[tokio::test]
async fn advisories_are_in_registrations_and_in_the_list_that_audits_read() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    for version in ["1.0.0", "1.2.0", "1.5.0"] {
        alice.push(&package("Some.Lib", version)).await.is(201);
    }
    let list = async || {
        let index = bob.get(&at("vulnerabilities/index.json")).await.is(200).json();
        assert_eq!((index[0]["@name"].as_str(), index.as_array().unwrap().len()), (Some("base"), 1));
        let page = index[0]["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
        (index[0]["@updated"].clone(), bob.get(&page).await.is(200).json())
    };
    assert_eq!(list().await, (json!("1970-01-01T00:00:00Z"), json!({})));
    alice.put_advisory(&hub, "GHSA-1", WEAK, &["some.lib"]).await;
    alice.put_advisory(&hub, "GHSA-2", WORSE, &["Some.Lib"]).await;
    alice.put_advisory(&hub, "odd", "no JSON", &["some.lib"]).await;
    let all = json!({ "some.lib": [
        { "url": "https://a.example/1", "severity": 2, "versions": "(, 1.5.0)" },
        { "url": "https://osv.dev/vulnerability/GHSA-2", "severity": 3, "versions": "[1.0.0, 1.0.0]" },
    ] });
    assert_eq!(list().await, (json!("2027-01-15T08:00:00Z"), all));

    let index = bob.get(&at("reg-gz-semver2/some.lib/index.json")).await.is(200).json();
    let shown: Vec<_> = index["items"][0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leaf| leaf["catalogEntry"].get("vulnerabilities").cloned())
        .collect();
    let weak = json!({ "advisoryUrl": "https://a.example/1", "severity": "2" });
    let worse = json!({ "advisoryUrl": "https://osv.dev/vulnerability/GHSA-2", "severity": "3" });
    assert_eq!(shown, [Some(json!([worse, weak])), Some(json!([weak])), None]);

    hub.storage.remove_advisory(alice.granted::<RepositorySettings>(), "GHSA-1").await.unwrap();
    let leaf = bob.get(&at("reg-gz-semver2/some.lib/1.2.0.json")).await.is(200).json();
    assert!(leaf.get("vulnerabilities").is_none());
    // As private as the packages, and as public.
    hub.anonymous().get(&at("vulnerabilities/base.json")).await.is(401);
    let public = "/nuget/p/alpha/public/v3/vulnerabilities/base.json";
    assert_eq!(hub.anonymous().get(public).await.is(200).json(), json!({}));
}

/// What is said may be longer than what was packed: pages are cut by both.
#[tokio::test]
async fn pages_count_what_is_said() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let message = "m".repeat(4000);
    let document = json!({ "message": message }).to_string();
    for number in 0..100 {
        let version = format!("1.0.{number}");
        alice.push(&package("A", &version)).await.is(201);
        alice.deprecate(&hub, "A", &version, Some(&document)).await;
    }
    for number in 0..200 {
        let osv = json!({
            "affected": [{ "package": { "ecosystem": "NuGet", "name": "A" }, "ranges": [{ "events": [{ "introduced": "0" }] }] }],
            "references": [{ "url": format!("https://a.example/{}", "x".repeat(400)) }],
        });
        alice.put_advisory(&hub, &format!("A-{number}"), &osv.to_string(), &["a"]).await;
    }
    let index = alice.get(&at("reg/a/index.json")).await.is(200).json();
    let pages = index["items"].as_array().unwrap().clone();
    assert!(pages.len() > 2, "{}", pages.len());
    let mut versions = 0;
    for page in pages {
        let target = page["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
        let answer = alice.get(&target).await;
        assert!(answer.is(200).body.len() <= 1 << 20, "{}", answer.body.len());
        let items = answer.json()["items"].as_array().unwrap().clone();
        assert_eq!(items[0]["catalogEntry"]["vulnerabilities"].as_array().unwrap().len(), 32);
        versions += items.len();
    }
    assert_eq!(versions, 100);
}

#[tokio::test]
async fn a_push_of_an_unlisted_version_says_that_it_stays_so() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let bytes = package("A", "1.0.0");
    alice.push(&bytes).await.is(201);
    alice.remove("A", "1.0.0").await.is(204);
    let told = alice.push(&bytes).await;
    let told: Vec<_> = told.is(201).headers.get_all("x-nuget-warning").iter().collect();
    assert_eq!(told.len(), 2);
    assert!(told[1].to_str().unwrap().contains("unlisted and stays so"), "{told:?}");
}
