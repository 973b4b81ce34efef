//! Who may do what with which credential (docs/nuget.md 1 and 5).

use crate::support::nuget::Packed;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    every_credential_pushes_and_restores,
    good_basic_wins_over_a_junk_key,
    nobody_with_a_key_is_whoever_the_key_says,
    a_publisher_without_read_pushes_and_fetches_nothing,
    wrong_is_wrong_on_public_feeds_too,
    absent_and_unreadable_feeds_are_alike,
);

async fn every_credential_pushes_and_restores(hub: Server) {
    let mut number = 0;
    let mut next = || {
        number += 1;
        Packed::new("Lib", &format!("{number}.0.0"))
    };
    // User and token, user and password, client ID and token of an application.
    for who in ["alice", "pat/password", "robot"] {
        let (actor, packed) = (hub.actor(who), next());
        actor.feed("team/feed").push(&packed).await.is(201);
        let restored = actor.feed("team/feed").restore("Lib", &packed.version).await.is(200);
        assert_eq!(restored.body, packed.bytes, "{who}");
    }
    // A token as key, alone or behind a name, where nobody is logged in.
    for who in ["alice", "robot"] {
        let login = hub.login(who);
        for key in [login.secret.clone(), format!("{}:{}", login.name, login.secret)] {
            let (stranger, packed) = (hub.stranger(), next());
            stranger.feed("team/feed").keyed(&key).push(&packed).await.is(201);
            let get = || Ask::get(stranger.feed("team/feed").at(&packed.content()));
            stranger.send(get()).await.is(401);
            // Not by any client, but by scripts (bagetter/BaGetter#220).
            stranger.send(get().header("x-nuget-apikey", &key)).await.is(200);
            stranger.send(get().authorization(&format!("Bearer {}", login.secret))).await.is(200);
            // By whoever has a field for a token only (dotnet/diagnostics#1320).
            let unnamed = hub.claiming("", &login.secret);
            unnamed.send(Ask::get(unnamed.feed("team/feed").at(&packed.content()))).await.is(200);
        }
    }
}

/// microsoft/azure-pipelines-tasks#7870: a pipeline sends a key that is none next to good Basic.
async fn good_basic_wins_over_a_junk_key(hub: Server) {
    let alice = hub.actor("alice");
    alice.feed("team/feed").keyed("AzureDevOps").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    // And wrong Basic is wrong, whatever the key.
    let claiming = hub.claiming("alice", "wrong");
    let key = hub.login("alice").secret;
    let put = claiming.feed("team/feed").put(&Packed::new("Lib", "2.0.0")).header("x-nuget-apikey", &key);
    claiming.send(put).await.is(401);
    // A name that is not the token's is a wrong credential.
    let claiming = hub.claiming("rita", &key);
    claiming.send(Ask::get(claiming.feed("team/feed").at("index.json"))).await.is(401);
}

/// `Basic Og==` is what `dotnet` 10 sends without credentials after a 401: no credential, and never a failed log-in.
async fn nobody_with_a_key_is_whoever_the_key_says(hub: Server) {
    let (stranger, key) = (hub.stranger(), hub.login("alice").secret);
    let nobody = |ask: Ask| ask.authorization("Basic Og==");
    let packed = Packed::new("Lib", "1.0.0");
    let feed = stranger.feed("team/feed");
    stranger.send(nobody(feed.put(&packed)).header("x-nuget-apikey", &key)).await.is(201);
    stranger.send(nobody(feed.put(&packed)).header("x-nuget-apikey", "wrong")).await.is(401);
    for _ in 0..200 {
        stranger.send(nobody(Ask::get(feed.at("index.json")))).await.is(401);
    }
    stranger.send(nobody(Ask::get(stranger.feed("team/open-feed").at("index.json")))).await.is(200);
}

async fn a_publisher_without_read_pushes_and_fetches_nothing(hub: Server) {
    let feeder = hub.actor("alice/feeder");
    let packed = Packed::new("Lib", "1.0.0");
    let feed = feeder.feed("team/feed");
    feed.get("index.json").await.is(200);
    feed.push(&packed).await.is(201);
    feeder.send(Ask::head(feed.at(&packed.content()))).await.is(200);
    for path in [&*packed.content(), "flat/lib/index.json", "reg/lib/index.json", "query", "autocomplete"] {
        feed.get(path).await.is(403);
    }
    feed.delete("Lib", "1.0.0").await.is(403);
    // On a public feed it reads what everybody reads.
    feeder.feed("team/open-feed").push(&packed).await.is(201);
    feeder.feed("team/open-feed").get(&packed.content()).await.is(200);
}

async fn wrong_is_wrong_on_public_feeds_too(hub: Server) {
    hub.actor("alice").feed("team/open-feed").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let stranger = hub.stranger();
    let index = || Ask::get(stranger.feed("team/open-feed").at("index.json"));
    stranger.send(index()).await.is(200);
    let wrong = stranger.send(index().authorization("Basic YWxpY2U6d3Jvbmc=")).await.is(401);
    assert_eq!(wrong.must_have("www-authenticate"), "Basic realm=\"wharfinger\", charset=\"UTF-8\"");
    stranger.send(index().header("x-nuget-apikey", "wrong")).await.is(401);
    stranger.send(index().authorization("Bearer wrong")).await.is(401);
}

async fn absent_and_unreadable_feeds_are_alike(hub: Server) {
    hub.actor("alice").feed("other/feed").push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let requests = |feed: &str| {
        let at = |path: &str| format!("/nuget/p/{feed}/v3/{path}");
        let put = |path: &str| {
            let body = Packed::new("Lib", "2.0.0").bytes;
            Ask::put(at(path)).header("content-type", "application/octet-stream").body(body)
        };
        vec![
            Ask::get(at("index.json")),
            Ask::get(at("flat/lib/index.json")),
            Ask::get(at("flat/lib/1.0.0/lib.1.0.0.nupkg")),
            Ask::get(at("reg-gz-semver2/lib/index.json")),
            Ask::get(at("query?q=lib")),
            Ask::get(at("autocomplete?q=lib")),
            Ask::get(at("nothing")),
            put("package/"),
            put("index.json"),
            Ask::delete(at("package/Lib/1.0.0")),
            Ask::post(at("package/Lib/1.0.0")),
        ]
    };
    for (who, status) in [(hub.stranger(), 401), (hub.actor("rita"), 403)] {
        for (hidden, absent) in requests("other/feed").into_iter().zip(requests("other/food")) {
            let what = format!("{} {}", hidden.method, hidden.target);
            let (hidden, absent) = (who.send(hidden).await, who.send(absent).await);
            assert_eq!(hidden.status, status, "{what}");
            assert_eq!(hidden.bytes_but(&["feed"]), absent.bytes_but(&["food"]), "{what}");
        }
    }
    // Nothing was let in on the way.
    let seen = hub.actor("alice").feed("other/feed").seen("lib").await;
    assert_eq!(seen.flat, ["1.0.0"]);
}
