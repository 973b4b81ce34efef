//! From a push to a restore, with each client.

use serde_json::json;

use crate::support::nuget::{Packed, texts};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    dotnet_10_pushes_restores_searches_and_deletes,
    dotnet_3_1_uploads_twice_and_publishes_once,
    paket_pushes_to_what_was_pasted,
    a_public_feed_needs_no_word,
    duplicates_are_skipped_because_they_are_a_conflict,
);

async fn dotnet_10_pushes_restores_searches_and_deletes(hub: Server) {
    let alice = hub.actor("alice");
    let packed =
        Packed::with("Some.Lib", "1.0.0", "<description>d</description>", &[("lib/net10.0/a.dll", b"MZ")]);
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    // With the key it is decided on its first trip, with Basic on its second.
    let first =
        hub.stranger().send(feed.put(&packed).header("x-nuget-apikey", &hub.login("alice").secret)).await;
    first.is(201);
    alice.feed("team/feed").push(&packed).await.is(201);
    let rita = hub.actor("rita");
    assert_eq!(rita.feed("team/feed").restore("Some.Lib", "1.0.0").await.is(200).body, packed.bytes);
    let query = "query?q=lib&skip=0&take=20&prerelease=false&semVerLevel=2.0.0";
    assert_eq!(texts(&rita.feed("team/feed").document(query).await["data"], "id"), ["Some.Lib"]);
    feed.delete("Some.Lib", "1.0.0").await.is(204);
    assert_eq!(rita.feed("team/feed").document(query).await["totalHits"], 0);
    // What is unlisted is still restored by who names it.
    assert_eq!(rita.feed("team/feed").restore("Some.Lib", "1.0.0").await.is(200).body, packed.bytes);
}

async fn dotnet_3_1_uploads_twice_and_publishes_once(hub: Server) {
    let alice = hub.actor("alice");
    let large = vec![7; 3 << 20];
    let packed = Packed::with("Large", "1.0.0", "", &[("a.bin", &large)]);
    alice.feed("team/feed").keyed("a key that is none").push_as_3_1(&packed).await.is(201);
    let versions = hub.actor("rita").feed("team/feed").document("flat/large/index.json").await;
    assert_eq!(versions, json!({ "versions": ["1.0.0"] }));
}

async fn paket_pushes_to_what_was_pasted(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    for (number, pasted) in ["/v3/index.json", "", "/", "/v3", "/v3/package"].into_iter().enumerate() {
        let packed = Packed::new("Pasted", &format!("{number}.0.0"));
        feed.push_as_paket(pasted, &packed).await.is(201);
        assert_eq!(feed.get(&packed.content()).await.is(200).body, packed.bytes);
    }
    let versions = alice.send(Ask::get(feed.at("flat/pasted/index.json?semVerLevel=2.0.0"))).await.is(200);
    assert_eq!(texts(&versions.json()["versions"], "").len(), 5);
    let index = feed.document("index.json").await;
    let registrations = feed.resource(&index, "RegistrationsBaseUrl/3.6.0");
    alice.send(Ask::get(format!("{registrations}pasted/index.json"))).await.is(200);
}

async fn a_public_feed_needs_no_word(hub: Server) {
    let packed = Packed::new("Open", "1.0.0");
    hub.actor("alice").feed("team/open-feed").push(&packed).await.is(201);
    let stranger = hub.stranger();
    let feed = stranger.feed("team/open-feed");
    assert_eq!(feed.restore("Open", "1.0.0").await.is(200).body, packed.bytes);
    assert_eq!(texts(&feed.document("query").await["data"], "id"), ["Open"]);
    feed.push(&Packed::new("Open", "2.0.0")).await.is(401);
    feed.delete("Open", "1.0.0").await.is(401);
}

/// sonatype/nexus-public#463: `--skip-duplicate` honours a 409 and nothing else.
async fn duplicates_are_skipped_because_they_are_a_conflict(hub: Server) {
    let first = Packed::new("Lib", "1.0");
    let [same_version, other_case] =
        [("Lib", "1.0.0.0"), ("lIB", "1.0+build")].map(|(id, version)| Packed::new(id, version));
    for (who, feed) in [("alice", "team/feed"), ("pat", "team/feed"), ("pat", "team/free-feed")] {
        let actor = hub.actor(who);
        actor.feed(feed).push(&first).await.is(201);
        actor.feed(feed).push(&same_version).await.is(409);
        actor.feed(feed).push(&other_case).await.is(409);
    }
    // Whose repository lets versions be replaced, by whom may overwrite.
    let alice = hub.actor("alice");
    alice.feed("team/free-feed").push(&other_case).await.is(201);
    let feed = alice.feed("team/free-feed");
    assert_eq!(feed.get("flat/lib/1.0.0/lib.1.0.0.nupkg").await.is(200).body, other_case.bytes);
    assert_eq!(feed.document("reg-gz-semver2/lib/1.0.0.json").await["version"], "1.0.0+build");
}
