//! What a hostile publisher cannot make the gateway hold.

use std::sync::Arc;

use budget::Bounds;
use domain::{EntryKind, Granted, Probe, Publish, RepositoryPath, Standing};
use storage::{Batch, NewEntry, Rule};
use tokio::sync::oneshot;

use super::*;
use crate::fit::PAGE_BYTES_MAX;
use crate::nuget::id::PackageId;
use crate::nuget::version::Version;

fn packages() -> RepositoryPath {
    RepositoryPath::parse("alpha/packages").unwrap()
}

/// Puts versions of `A` into storage whose rows are as an earlier program, with other bounds, would have left them.
async fn plant(hub: &Hub, count: usize, rest: &str) {
    let id = PackageId::parse("A").unwrap();
    let named = |number: usize| {
        let version = Version::parse(&format!("1.{number}.0")).unwrap();
        NewEntry {
            key: domain::EntryKey {
                kind: EntryKind::Version,
                package: id.name().clone(),
                name: version.name().unwrap(),
            },
            content: None,
            rule: Rule::ByPolicy,
            media_type: Arc::from(""),
            attributes: format!("{{\"id\":\"A\",\"version\":\"1.{number}.0\",{rest},\"enclosed\":{{}}}}")
                .into(),
            words: Arc::from(""),
            edges: Vec::new(),
        }
    };
    let may: Granted<Publish> = hub.person("alice").gate().check(&packages()).unwrap();
    let batch = Batch { entries: (0..count).map(named).collect(), ..Batch::default() };
    hub.storage.commit(may, None, batch).await.unwrap();
}

/// Walks through a registration by its index; gives the versions, and how many pages had to be fetched.
async fn walk(hub: &Hub) -> (Vec<String>, usize) {
    let bob = hub.person("bob");
    let answer = bob.get(&at("reg/a/index.json")).await;
    assert!(answer.is(200).body.len() <= PAGE_BYTES_MAX, "{}", answer.body.len());
    let (mut versions, mut fetched) = (Vec::new(), 0);
    for page in answer.json()["items"].as_array().unwrap() {
        let target = page["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap();
        let items = match page.get("items") {
            Some(items) => items.clone(),
            None => {
                fetched += 1;
                let answer = bob.get(target).await;
                assert!(answer.is(200).body.len() <= PAGE_BYTES_MAX, "{}", answer.body.len());
                let single = answer.json();
                for member in ["@id", "count", "lower", "upper"] {
                    assert_eq!(single[member], page[member], "{member}");
                }
                single["items"].clone()
            }
        };
        let items = items.as_array().unwrap();
        versions
            .extend(items.iter().map(|leaf| leaf["catalogEntry"]["version"].as_str().unwrap().to_owned()));
    }
    (versions, fetched)
}

#[tokio::test]
async fn a_small_package_of_very_many_groups_is_refused_in_words() {
    let hub = Hub::new().await;
    let groups = format!("<dependencies>{}</dependencies>", "<group/>".repeat(19_900));
    let package = packed("A", "1.0.0", &groups, &[]);
    assert!(package.len() < 2048, "{}", package.len());
    let answer = hub.person("alice").push(&package).await;
    answer.tells(400, "the nuspec has more than 256 dependency groups");
    hub.person("bob").get(&at("flat/a/index.json")).await.is(404);
}

#[tokio::test]
async fn rows_beyond_the_bounds_are_served_in_pages_within_them() {
    let hub = Hub::new().await;
    let groups = vec!["{}"; 19_900].join(",");
    plant(&hub, 12, &format!("\"groups\":[{groups}]")).await;
    let (versions, fetched) = walk(&hub).await;
    let expected: Vec<String> = (0..12).map(|number| format!("1.{number}.0")).collect();
    assert_eq!(versions, expected);
    assert_eq!(fetched, 12, "each is more than half of what a page may hold");
    let leaf = hub.person("bob").get(&at("reg/a/1.3.0.json")).await;
    assert!(leaf.is(200).body.len() <= PAGE_BYTES_MAX);
}

#[tokio::test]
async fn a_thousand_versions_go_into_pages_of_so_many_bytes() {
    let hub = Hub::new().await;
    plant(&hub, 1000, &format!("\"description\":\"{}\"", "x".repeat(16_000))).await;
    let (versions, fetched) = walk(&hub).await;
    let expected: Vec<String> = (0..1000).map(|number| format!("1.{number}.0")).collect();
    assert_eq!(versions, expected);
    assert!(fetched > 1000 / 64, "{fetched}: these are larger than 64 usual ones");
    // All that lies between any two bounds is not given at once.
    let all = hub.person("bob").get(&at("reg/a/page/0.0.0/9.0.0.json")).await;
    assert!(all.is(200).body.len() <= PAGE_BYTES_MAX);
    let document = all.json();
    let items = document["items"].as_array().unwrap();
    assert_eq!(document["count"], items.len());
    assert_eq!(document["upper"], items.last().unwrap()["catalogEntry"]["version"]);
}

#[tokio::test]
async fn who_asks_for_too_many_documents_is_told_to_wait_and_others_are_served() {
    let renders = Bounds::new(2, 1, 1);
    let hub = Hub::limited(StorageLimits { renders, ..StorageLimits::default() }).await;
    hub.person("alice").push(&package("A", "1.0.0")).await.is(201);
    let gate = hub.person("alice").gate();
    let of: Standing<Probe> = gate.stand(gate.check(&packages()).unwrap());
    let (begun, has_begun) = oneshot::channel();
    let (go, may_go) = oneshot::channel::<()>();
    let storage = hub.storage.clone();
    let slow = tokio::spawn(async move {
        let render = async || {
            begun.send(()).unwrap();
            may_go.await.unwrap();
            Ok::<_, ContentError>(Bytes::new())
        };
        storage.derived(&of, "slow", render).await
    });
    has_begun.await.unwrap();
    let refused = hub.person("alice").get(&at("reg/a/index.json")).await;
    refused.tells(429, "you do as much at once as one may").has("retry-after", "1");
    hub.person("bob").get(&at("reg/a/index.json")).await.is(200);
    hub.person("alice").get(&at("reg/a/index.json")).await.is(200);
    go.send(()).unwrap();
    slow.await.unwrap().unwrap();
}
