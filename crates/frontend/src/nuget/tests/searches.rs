//! What is found by which words, in which order, and what becomes of searches that are too many.

use std::task::Poll;

use super::*;

async fn filled(hub: &Hub) {
    let alice = hub.person("alice");
    let described = |text: &str| format!("<description>{text}</description>");
    for (id, extra) in [
        ("Contoso.JsonPatch", described("Patches documents")),
        ("JsonPatch", described("Patches")),
        ("Json", described("Reads")),
        ("Json.More", described("Reads more")),
        ("Fast", described("Reads") + "<tags>json quick-read</tags>"),
        ("Titled", described("Reads") + "<title>All of JSON</title>"),
        ("Worded", described("Looks into json, xml and C#") + "<summary>Summed up</summary>"),
        ("EF.Core", described("Objects and rows")),
        ("Contoso.UI", described("Windows")),
        ("Go-Tools", described("For gophers")),
        ("log4net", described("Logs")),
    ] {
        alice.push(&packed(id, "1.0.0", &extra, &[])).await.is(201);
    }
}

async fn found(client: &Client<'_>, query: &str) -> String {
    let document = client.get(&at(&format!("query?q={query}"))).await.is(200).json();
    let ids = texts(&document["data"], "id");
    assert_eq!(document["totalHits"], ids.len(), "{query}");
    ids.join(" ")
}

#[tokio::test]
async fn the_best_of_what_is_found_comes_first() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let ranked = "Json Json.More JsonPatch Contoso.JsonPatch Fast Titled Worded";
    assert_eq!(found(&bob, "json").await, ranked);
    assert_eq!(found(&bob, "JSON").await, ranked);
    assert_eq!(found(&bob, "jsonpatch").await, "JsonPatch Contoso.JsonPatch");
    assert_eq!(found(&bob, "JsonPatch").await, "JsonPatch Contoso.JsonPatch");
    assert_eq!(found(&bob, "json.").await, "Json.More Contoso.JsonPatch Json JsonPatch Fast Titled Worded");
    assert_eq!(found(&bob, "reads+json").await, "Fast Json Json.More Titled", "the worst word decides");
    let ids = async |query: &str| {
        texts(&bob.get(&at(&format!("autocomplete?q={query}"))).await.is(200).json()["data"], "").join(" ")
    };
    assert_eq!(ids("json").await, "Json Json.More JsonPatch Contoso.JsonPatch");
    assert_eq!(ids("pat").await, "Contoso.JsonPatch JsonPatch");
    assert_eq!(ids("u").await, "Contoso.UI");
}

#[tokio::test]
async fn words_are_found_by_their_beginning_however_short() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let cases = [
        ("ui", "Contoso.UI"),
        ("EF", "EF.Core"),
        ("go", "Go-Tools"),
        ("patch", "Contoso.JsonPatch JsonPatch"),
        ("atch", ""),
        ("4net", "log4net"),
        ("log4", "log4net"),
        ("C%23", "Contoso.JsonPatch Contoso.UI EF.Core Worded"),
        ("x", "Worded"),
        ("contoso+-+ui", "Contoso.UI"),
        ("gophers", "Go-Tools"),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&bob, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn fields_are_those_of_the_gallery() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let cases = [
        ("packageid:json", "Json"),
        ("PackageId:JSON+packageid:titled", "Json Titled"),
        ("id:json", "Json Json.More JsonPatch Contoso.JsonPatch"),
        ("id:patch+id:ui", "Contoso.JsonPatch Contoso.UI JsonPatch"),
        ("title:json", "Titled"),
        ("tags:json", "Fast"),
        ("tag:quick-read", "Fast"),
        ("tags:quick", ""),
        ("tags:%22none,json%22", "Fast"),
        ("description:json", "Worded"),
        ("summary:summed", "Worded"),
        ("author:%22an+author%22+id:ef", "EF.Core"),
        ("owners:nobody", ""),
        ("version:1.0+id:ef", "EF.Core"),
        ("version:2.0", ""),
        ("unknown:json", ""),
        ("looks:json", "Worded"),
        ("id:", ""),
        (":", ""),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&bob, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn hostile_queries_are_answered() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let bob = hub.person("bob");
    let many = "a".repeat(16_000);
    for query in [
        "a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p",
        "%22%27)+OR+1%3D1+--",
        "%22+OR+%22json%22+*",
        "NEAR(json+x)",
        "json*",
        "%5c%27%3a*+%26+%7c+!",
        "id:%22",
        "tags:,,,;;;|||",
        "%00",
        "%ff%fe",
        "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmNoPqRsTuVwXyZ",
        &many,
    ] {
        bob.get(&at(&format!("query?q={query}"))).await.is(200);
        bob.get(&at(&format!("autocomplete?q={query}&prerelease=true&packageType={query}"))).await.is(200);
    }
}

#[tokio::test]
async fn a_crowd_of_searches_waits_for_itself_alone() {
    let hub = Hub::new().await;
    filled(&hub).await;
    let (alice, bob) = (hub.person("alice"), hub.person("bob"));
    let searches = hub.storage.budgets().into_iter().find(|(name, _)| *name == "searches").unwrap().1;
    let held = searches.take(alice.gate().client(), 1).unwrap();
    let target = at("query?q=json");
    let mut crowd: Vec<_> =
        (0..searches.bounds().waiting_per_client).map(|_| Box::pin(alice.get(&target))).collect();
    for waiting in &mut crowd {
        let once = std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await;
        assert!(once.is_pending());
    }
    alice.get(&target).await.tells(429, "you do as much at once as one may").has("retry-after", "1");
    alice.get(&at("autocomplete?q=json")).await.tells(429, "you do as much at once as one may");
    alice.get(&at("flat/json/index.json")).await.is(200);
    bob.get(&target).await.is(200);
    drop(held);
    for waiting in crowd {
        waiting.await.is(200);
    }
}
