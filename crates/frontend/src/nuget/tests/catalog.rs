//! The catalogue, read as a mirror does: pages and leaves that are later than what it has seen.

use super::*;

/// What a mirror remembers.
#[derive(Default)]
struct Mirror {
    cursor: String,
}

impl Mirror {
    /// What is new since it last looked: id, version, and the leaf.
    async fn follow(&mut self, client: &Client<'_>) -> Vec<(String, Value)> {
        let document = async |address: &str| {
            let target = address.strip_prefix("https://hub.example").unwrap().to_owned();
            client.get(&target).await.is(200).json()
        };
        let index = client.get(&at("catalog/index.json")).await.is(200).json();
        let pages = index["items"].as_array().unwrap();
        assert_eq!(index["count"], pages.len());
        let later = |item: &Value, than: &str| item["commitTimeStamp"].as_str().unwrap() > than;
        let mut found = Vec::new();
        let before = self.cursor.clone();
        for page in pages.iter().filter(|page| later(page, &before)) {
            let page = document(page["@id"].as_str().unwrap()).await;
            let items = page["items"].as_array().unwrap();
            assert_eq!(page["count"], items.len());
            for item in items.iter().filter(|item| later(item, &before)) {
                let leaf = document(item["@id"].as_str().unwrap()).await;
                assert_eq!(leaf["catalog:commitTimeStamp"], item["commitTimeStamp"]);
                let name = format!(
                    "{} {}",
                    item["nuget:id"].as_str().unwrap(),
                    item["nuget:version"].as_str().unwrap()
                );
                found.push((name, leaf));
            }
            self.cursor = page["commitTimeStamp"].as_str().unwrap().to_owned();
        }
        found
    }

    async fn names(&mut self, client: &Client<'_>) -> Vec<String> {
        self.follow(client)
            .await
            .into_iter()
            .map(|(name, leaf)| {
                let kind = &leaf["@type"];
                let gone = kind.as_array().is_some_and(|kinds| kinds[0] == "PackageDelete");
                assert!(gone || kind == "PackageDetails", "{kind}");
                if gone { format!("-{name}") } else { name }
            })
            .collect()
    }
}

#[tokio::test]
async fn a_mirror_sees_each_change_once_and_misses_none() {
    let hub = Hub::new().await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let mut mirror = Mirror::default();
    assert!(mirror.names(&bob).await.is_empty());
    for version in ["1.0.0", "2.0.0-Beta"] {
        alice.push(&package("Some.Lib", version)).await.is(201);
    }
    assert_eq!(mirror.names(&bob).await, ["Some.Lib 1.0.0", "Some.Lib 2.0.0-Beta"]);
    assert!(mirror.names(&bob).await.is_empty());
    alice.remove("some.lib", "1.0.0").await.is(204);
    alice.push(&package("Other", "1.0.0")).await.is(201);
    let found = mirror.follow(&bob).await;
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0].1["listed"], &found[1].1["listed"]), (&false.into(), &true.into()));
    // The same bytes change nothing.
    alice.push(&package("Other", "1.0.0")).await.is(201);
    assert!(mirror.names(&bob).await.is_empty());
    let mut late = Mirror::default();
    let all = late.names(&bob).await;
    assert_eq!(all.len(), 3);
    hub.anonymous().get(&at("catalog/index.json")).await.is(401);
    bob.get(&at("catalog/page1.json")).await.is(404);
    bob.get(&at("catalog/data/1/none/1.0.0.json")).await.is(404);
}

#[tokio::test]
async fn a_leaf_says_what_a_mirror_needs() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let bytes = package("Some.Lib", "1.0-rc+build");
    alice.push(&bytes).await.is(201);
    let (_, leaf) = Mirror::default().follow(&alice).await.remove(0);
    assert_eq!(leaf["packageSize"], bytes.len());
    assert_eq!(leaf["packageHashAlgorithm"], "SHA512");
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha512::digest(&bytes));
    assert_eq!(leaf["packageHash"], hash);
    assert_eq!((&leaf["id"], &leaf["verbatimVersion"]), (&"Some.Lib".into(), &"1.0.0-rc+build".into()));
    assert_eq!((&leaf["isPrerelease"], &leaf["authors"]), (&true.into(), &"An Author".into()));
    let content =
        leaf["packageContent"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
    assert_eq!(alice.get(&content).await.is(200).body, bytes);
}

#[tokio::test]
async fn leaves_are_rendered_in_turns_and_kept() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    for id in ["A", "B"] {
        alice.push(&package(id, "1.0.0")).await.is(201);
    }
    let leaf = |id: &str| at(&format!("catalog/data/1/{id}/1.0.0.json"));
    alice.get(&leaf("a")).await.is(200);
    let renders = hub.storage.budgets().into_iter().find(|(name, _)| *name == "renders").unwrap().1;
    let own = renders.bounds().of(alice.gate().client());
    let held = renders.take(alice.gate().client(), own).unwrap();
    alice.get(&leaf("a")).await.is(200);
    let mut other = std::pin::pin!(async { alice.get(&leaf("b")).await });
    let waiting = async {
        while renders.waiting() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = &mut other => panic!("without a turn: {answer:?}"),
        () = waiting => drop(held),
    }
    other.await.is(200);
}

#[tokio::test]
async fn what_was_removed_is_told_to_who_had_it() {
    let hub = Hub::new().await;
    let alice = hub.person("alice");
    let feed = "/nuget/p/alpha/hard/v3";
    alice.push_to("hard", &package("A", "1.0")).await.is(201);
    alice.delete(&format!("{feed}/package/A/1.0.0")).await.is(204);
    let page = alice.get(&format!("{feed}/catalog/page0.json")).await.is(200).json();
    assert_eq!(page["items"][0]["@type"], "nuget:PackageDelete");
    let leaf =
        page["items"][0]["@id"].as_str().unwrap().strip_prefix("https://hub.example").unwrap().to_owned();
    let leaf = alice.get(&leaf).await.is(200).json();
    assert_eq!(
        (&leaf["@type"][0], &leaf["id"], &leaf["version"]),
        (&"PackageDelete".into(), &"a".into(), &"1.0.0".into())
    );
}
