//! Many at the same time: every version is in every list, one of many wins, nobody sees a failure that is not theirs.

use futures_util::future::join_all;

use crate::support::nuget::{Packed, Seen};
use crate::support::{Server, on_both_databases};

on_both_databases!(
    in crate::nuget::team;
    every_one_of_many_versions_is_listed,
    of_many_who_push_one_version_one_wins,
    many_push_the_same_bytes,
    spellings_of_one_version_race_as_one,
    what_is_deleted_while_it_is_pushed_is_there_or_not,
);

const WRITERS: usize = 8;
const EACH: usize = 5;

async fn every_one_of_many_versions_is_listed(hub: Server) {
    let watcher = hub.actor("rita");
    let pushes = join_all((0..WRITERS).map(|writer| {
        let actor = hub.actor("alice");
        async move {
            for number in 0..EACH {
                actor
                    .feed("team/feed")
                    .push(&Packed::new("Lib", &format!("{writer}.{number}.0")))
                    .await
                    .is(201);
            }
        }
    }));
    let watch = async {
        let mut seen = 0;
        while seen < WRITERS * EACH {
            let now = watcher.feed("team/feed").seen("lib").await;
            assert!(now.flat.len() >= seen, "{} after {seen}", now.flat.len());
            seen = now.flat.len();
        }
    };
    tokio::join!(pushes, watch);
    let versions: Vec<String> =
        (0..WRITERS).flat_map(|writer| (0..EACH).map(move |number| format!("{writer}.{number}.0"))).collect();
    let names: Vec<&str> = versions.iter().map(String::as_str).collect();
    assert_eq!(watcher.feed("team/feed").seen("lib").await, Seen::of(&names, &[]));
}

/// go-gitea/gitea#30171, and BaGetter: two creators of one version, a 500 or two winners.
async fn of_many_who_push_one_version_one_wins(hub: Server) {
    for (who, feed) in [("alice", "team/feed"), ("pat", "team/free-feed")] {
        let candidates: Vec<Packed> =
            (0..WRITERS).map(|number| Packed::unlike("Lib", "1.0.0", &number.to_string())).collect();
        let pushes = candidates.iter().map(|packed| {
            let actor = hub.actor(who);
            async move { actor.feed(feed).push(packed).await.status.as_u16() }
        });
        let statuses = join_all(pushes).await;
        let won: Vec<usize> = (0..WRITERS).filter(|index| statuses[*index] == 201).collect();
        assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
        let [won] = won[..] else { panic!("{statuses:?}") };
        let alice = hub.actor("alice");
        let found = alice.feed(feed).get("flat/lib/1.0.0/lib.1.0.0.nupkg").await.is(200);
        assert_eq!(found.body, candidates[won].bytes);
        assert_eq!(alice.feed(feed).seen("lib").await, Seen::of(&["1.0.0"], &[]));
    }
}

async fn many_push_the_same_bytes(hub: Server) {
    let packed = Packed::new("Lib", "1.0.0");
    let pushes = (0..WRITERS).map(|_| {
        let (actor, packed) = (hub.actor("pat"), packed.clone());
        async move { actor.feed("team/feed").push(&packed).await.status.as_u16() }
    });
    let statuses = join_all(pushes).await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    let rita = hub.actor("rita");
    assert_eq!(rita.feed("team/feed").restore("Lib", "1.0.0").await.is(200).body, packed.bytes);
}

/// GHSA-g4vj-cjjj-v7hg: `1.0`, `1.0.0` and other letters are one package, also at the same moment.
async fn spellings_of_one_version_race_as_one(hub: Server) {
    let spellings =
        [("Lib", "1.0"), ("LIB", "1.0.0"), ("lib", "1.0.0.0"), ("lIb", "01.0.0"), ("Lib", "1.0.0+a")];
    let pushes = spellings.iter().map(|(id, version)| {
        let actor = hub.actor("alice");
        async move { actor.feed("team/feed").push(&Packed::new(id, version)).await.status.as_u16() }
    });
    let statuses = join_all(pushes).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(hub.actor("rita").feed("team/feed").seen("lib").await.flat, ["1.0.0"]);
}

async fn what_is_deleted_while_it_is_pushed_is_there_or_not(hub: Server) {
    for round in 0..8 {
        let version = format!("{round}.0.0");
        let packed = Packed::new("Lib", &version);
        let (pusher, deleter) = (hub.actor("alice"), hub.actor("alice"));
        pusher.feed("team/hard-feed").push(&packed).await.is(201);
        let (feed, other) = (pusher.feed("team/hard-feed"), deleter.feed("team/hard-feed"));
        let (pushed, deleted) = tokio::join!(feed.push(&packed), other.delete("Lib", &version));
        assert_eq!((pushed.status.as_u16(), deleted.status.as_u16()), (201, 204), "{pushed}\n{deleted}");
        let there = feed.get(&packed.content()).await.status == 200;
        let seen = feed.seen("lib").await;
        assert_eq!(seen.flat.contains(&version), there, "round {round}");
        assert_eq!(seen.found.contains(&version), there, "round {round}");
        assert_eq!(seen.registration.contains(&(version, true)), there, "round {round}");
    }
}
