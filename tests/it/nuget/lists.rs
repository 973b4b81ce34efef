//! Unlisting, relisting, removing: all lists agree at once (docs/nuget.md 11).

use serde_json::json;

use crate::support::nuget::{Packed, Seen, texts};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    what_is_unlisted_leaves_searches_and_nothing_else,
    what_is_removed_leaves_nothing_behind,
    only_who_may_delete_does,
    autocomplete_and_search_count_what_they_show,
);

async fn what_is_unlisted_leaves_searches_and_nothing_else(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    let versions = ["1.0.0", "2.0.0-rc", "2.0.0"];
    for version in versions {
        feed.push(&Packed::new("Lib", version)).await.is(201);
    }
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &[]));
    // Twice is as once, in any case and form.
    feed.delete("Lib", "2.0.0").await.is(204);
    feed.delete("lib", "2.0").await.is(204);
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &["2.0.0"]));
    let leaf = feed.document("reg-gz-semver2/lib/2.0.0.json").await;
    assert_eq!((&leaf["listed"], &leaf["published"]), (&json!(false), &json!("1900-01-01T00:00:00Z")));
    // Pushed again with the same bytes it stays unlisted.
    feed.push(&Packed::new("Lib", "2.0.0")).await.is(201);
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &["2.0.0"]));
    feed.relist("Lib", "2.0.0.0").await.is(200);
    feed.relist("Lib", "2.0.0").await.is(200);
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &[]));
    for version in versions {
        feed.delete("Lib", version).await.is(204);
    }
    assert_eq!(feed.seen("lib").await, Seen::of(&versions, &versions));
    feed.restore("Lib", "1.0.0").await.is(200);
    feed.delete("Lib", "9.0.0").await.is(404);
    feed.relist("None", "1.0.0").await.is(404);
}

async fn what_is_removed_leaves_nothing_behind(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/hard-feed").keyed(&hub.login("alice").secret);
    for version in ["1.0.0", "2.0.0"] {
        feed.push(&Packed::new("Lib", version)).await.is(201);
    }
    feed.delete("Lib", "1.0.0").await.is(204);
    assert_eq!(feed.seen("lib").await, Seen::of(&["2.0.0"], &[]));
    for path in ["flat/lib/1.0.0/lib.1.0.0.nupkg", "flat/lib/1.0.0/lib.nuspec", "reg/lib/1.0.0.json"] {
        feed.get(path).await.is(404);
    }
    feed.delete("Lib", "1.0.0").await.is(404);
    feed.relist("Lib", "1.0.0").await.is(404);
    // What is written once is not given other bytes by way of a delete.
    let refused = feed.push(&Packed::unlike("Lib", "1.0.0", "other bytes")).await.is(409);
    assert!(String::from_utf8_lossy(&refused.body).contains("stays reserved"), "{refused}");
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    for version in ["1.0.0", "2.0.0"] {
        feed.delete("Lib", version).await.is(204);
    }
    assert_eq!(feed.seen("lib").await, Seen::of(&[], &[]));
    feed.get("flat/lib/index.json").await.is(404);
}

async fn only_who_may_delete_does(hub: Server) {
    let packed = Packed::new("Lib", "1.0.0");
    hub.actor("alice").feed("team/feed").push(&packed).await.is(201);
    for who in ["pat", "rita", "robot", "alice/feeder"] {
        let actor = hub.actor(who);
        actor.feed("team/feed").delete("Lib", "1.0.0").await.is(403);
        actor.feed("team/feed").relist("Lib", "1.0.0").await.is(403);
    }
    hub.stranger().feed("team/feed").delete("Lib", "1.0.0").await.is(401);
    assert_eq!(hub.actor("rita").feed("team/feed").seen("lib").await, Seen::of(&["1.0.0"], &[]));
}

async fn autocomplete_and_search_count_what_they_show(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    for number in 0..25 {
        feed.push(&Packed::new(&format!("Contoso.Part{number:02}"), "1.0.0")).await.is(201);
    }
    feed.push(&Packed::new("Contoso.Preview", "1.0.0-rc")).await.is(201);
    feed.delete("Contoso.Part07", "1.0.0").await.is(204);
    let page = async |query: &str| {
        let document = feed.document(query).await;
        (document["totalHits"].as_u64().expect("a number"), document["data"].clone())
    };
    let (total, data) = page("query?q=contoso").await;
    assert_eq!((total, texts(&data, "id").len()), (24, 20));
    let (total, rest) = page("query?q=contoso&skip=20&take=20").await;
    assert_eq!((total, texts(&rest, "id").len()), (24, 4));
    let mut all = [texts(&data, "id"), texts(&rest, "id")].concat();
    all.dedup();
    assert_eq!(all.len(), 24);
    assert!(!all.iter().any(|id| id == "Contoso.Part07"));
    let (total, ids) = page("autocomplete?q=part0&prerelease=true").await;
    assert_eq!((total, texts(&ids, "").len()), (9, 9));
    let (total, ids) = page("autocomplete?q=preview&prerelease=true").await;
    assert_eq!((total, texts(&ids, "")), (1, vec!["Contoso.Preview".to_owned()]));
    assert_eq!(page("autocomplete?q=preview").await.0, 0);
    // As long as the list, and no more: HEAD asks for the right to read as well.
    let head = alice.send(Ask::head(feed.at("query?q=contoso"))).await.is(200);
    assert!(head.header("content-length").is_some() && head.body.is_empty());
}
