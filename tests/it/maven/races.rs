//! Many at the same time: what one lists, all have; one of many wins; nobody sees a failure that is not theirs.

use futures_util::future::join_all;

use crate::support::maven::{Built, hash, texts};
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::maven::team;
    every_one_of_many_versions_is_listed,
    of_many_who_deploy_one_version_one_wins,
    many_deploy_the_same_bytes,
    every_build_of_a_snapshot_is_kept,
    what_is_deleted_while_it_is_deployed_is_there_or_not,
);

const CROWD: u32 = 50;

/// apache/maven#11634, go-gitea/gitea#30171, dzikoysk/reposilite#1940: a version lost, a 500, a hash of another document.
async fn every_one_of_many_versions_is_listed(hub: Server) {
    let watcher = hub.actor("rita");
    let deploys = join_all((0..CROWD).map(|number| {
        let actor = hub.actor("alice");
        async move {
            let built = Built::new(&format!("org.example:lib:1.{number}"), "text");
            actor.jars("team/jars").mvn_deploy(&built).await.map(drop)
        }
    }));
    let watch = async {
        let mut seen = 0;
        while seen < CROWD as usize {
            let answer = watcher.jars("team/jars").get("org/example/lib/maven-metadata.xml").await;
            if answer.status == 404 {
                continue;
            }
            let answer = answer.is(200);
            assert_eq!(answer.must_have("x-checksum-sha1"), hash("sha1", &answer.body));
            let listed = texts(std::str::from_utf8(&answer.body).expect("UTF-8"), "version").len();
            assert!(listed >= seen, "{listed} after {seen}");
            seen = listed;
        }
    };
    let (outcomes, ()) = tokio::join!(deploys, watch);
    for outcome in outcomes {
        outcome.unwrap_or_else(|answer| panic!("{answer}"));
    }
    let expected: Vec<String> = (0..CROWD).map(|number| format!("1.{number}")).collect();
    assert_eq!(watcher.jars("team/jars").versions("org/example/lib").await, expected);
}

async fn of_many_who_deploy_one_version_one_wins(hub: Server) {
    let outcomes = join_all((0..CROWD).map(|number| {
        let actor = hub.actor("pat");
        async move {
            let body = format!("jar of client {number:02}");
            actor.jars("team/jars").put("a/b/1/b-1.jar", body.clone()).await.status.as_u16()
        }
    }));
    let statuses = outcomes.await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    let won: Vec<usize> = (0..statuses.len()).filter(|index| statuses[*index] == 201).collect();
    let [won] = won[..] else { panic!("{statuses:?}") };
    let jars = hub.actor("rita");
    let found = jars.jars("team/jars").get("a/b/1/b-1.jar").await.is(200);
    assert_eq!(found.body, format!("jar of client {won:02}"));
    assert_eq!(jars.jars("team/jars").versions("a/b").await, ["1"]);
}

async fn many_deploy_the_same_bytes(hub: Server) {
    let built = Built::new("a:b:1", "text");
    let outcomes = join_all((0..CROWD).map(|_| {
        let (actor, built) = (hub.actor("pat"), built.clone());
        async move { actor.jars("team/jars").mvn_deploy(&built).await.map(drop) }
    }));
    for outcome in outcomes.await {
        outcome.unwrap_or_else(|answer| panic!("{answer}"));
    }
    let rita = hub.actor("rita");
    assert_eq!(rita.jars("team/jars").versions("a/b").await, ["1"]);
    let found = rita.jars("team/jars").mvn_resolve(&built).await.expect("resolved");
    assert_eq!(found[0], built.files[0].1);
}

/// The client counts builds: several may share a number, with different times.
async fn every_build_of_a_snapshot_is_kept(hub: Server) {
    let path = |number: u32| format!("a/b/1-SNAPSHOT/b-1-20260102.0304{:02}-1.jar", number);
    let outcomes =
        join_all((0..CROWD).map(|number| {
            let actor = hub.actor("alice");
            async move {
                actor.jars("team/jars").put(&path(number), format!("build {number}")).await.status.as_u16()
            }
        }));
    assert!(outcomes.await.iter().all(|status| *status == 201));
    let rita = hub.actor("rita");
    for number in 0..CROWD {
        rita.jars("team/jars").get(&path(number)).await.is(200);
    }
    let document = rita.jars("team/jars").get("a/b/1-SNAPSHOT/maven-metadata.xml").await.is(200);
    let document = std::str::from_utf8(&document.body).expect("UTF-8").to_owned();
    assert_eq!(texts(&document, "value"), ["1-20260102.030449-1"]);
}

async fn what_is_deleted_while_it_is_deployed_is_there_or_not(hub: Server) {
    for round in 0..8 {
        let (deployer, deleter) = (hub.actor("alice"), hub.actor("alice"));
        let built = Built::new(&format!("a:b:{round}"), "text");
        deployer.jars("team/jars").put(&built.path(&built.version, ".jar"), "bytes").await.is(201);
        let jars = deployer.jars("team/jars");
        let delete = Ask::delete(deleter.jars("team/jars").at(&format!("a/b/{round}/")));
        let pom = built.path(&built.version, ".pom");
        let (put, deleted) = tokio::join!(jars.put(&pom, built.files[1].1.clone()), deleter.send(delete));
        assert_eq!((put.status.as_u16(), deleted.status.as_u16()), (201, 204), "{put}\n{deleted}");
        // The POM came before the deletion or after it; the version is listed if and only if it has a file.
        let there = jars.get(&pom).await.status == 200;
        let listed = jars.versions("a/b").await.contains(&built.version);
        assert_eq!(there, listed, "round {round}");
        jars.get(&built.path(&built.version, ".jar")).await.is(404);
    }
}
