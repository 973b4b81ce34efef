//! Deploys ended by `kill -9`: after a restart every file is there or not, and metadata lists exactly what is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::maven::team;
use crate::support::maven::Built;
use crate::support::process::serve;
use crate::support::{Actor, Folder, until};

const ROUNDS: usize = 3;
const WRITERS: usize = 4;
const ACKNOWLEDGED: usize = 12;

fn built(round: usize, writer: usize, number: usize) -> Built {
    Built::new(&format!("org.example:lib{writer}:{round}.{number}"), &format!("{round} {writer} {number}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deploys_killed_in_flight_lose_nothing_acknowledged() {
    let (organisation, folder) = (team(), Folder::new("maven-kill"));
    let mut kept: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let process = serve(&folder, &organisation).await;
        let count = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (alice, count) = (process.actor(organisation.login("alice")), Arc::clone(&count));
                tokio::spawn(deploy_until_gone(alice, count, round, writer))
            })
            .collect();
        until("some deploys are acknowledged", async || count.load(Ordering::SeqCst) >= ACKNOWLEDGED).await;
        process.kill();
        for (writer, deploys) in writers.into_iter().enumerate() {
            kept.insert((round, writer), deploys.await.expect("a writer"));
        }

        let process = serve(&folder, &organisation).await;
        let rita = process.actor(organisation.login("rita"));
        for ((round, writer), acknowledged) in &kept {
            for number in 0..*acknowledged {
                let built = built(*round, *writer, number);
                let found = rita.jars("team/jars").mvn_resolve(&built).await;
                let found = found.unwrap_or_else(|answer| panic!("{built:?}\n{answer}"));
                assert_eq!(found[0], built.files[0].1);
            }
        }
        for writer in 0..WRITERS {
            agree(&rita, &kept, writer).await;
        }
        process.kill();
    }
}

/// Deploys version after version; gives how many were acknowledged to the last request.
async fn deploy_until_gone(alice: Actor, count: Arc<AtomicUsize>, round: usize, writer: usize) -> usize {
    let mut acknowledged = 0;
    for number in 0.. {
        let built = built(round, writer, number);
        let mut whole = true;
        for (end, bytes) in &built.files {
            let target = alice.jars("team/jars").at(&built.path(&built.version, end));
            let put = crate::support::Ask::put(target).body(bytes.clone());
            whole &= matches!(alice.try_send(put).await, Ok(answer) if answer.status == 201);
        }
        if !whole {
            break;
        }
        acknowledged = number + 1;
        count.fetch_add(1, Ordering::SeqCst);
    }
    acknowledged
}

/// Every acknowledged version is listed, every listed one has a file, and of those nobody was told of there is one at most.
async fn agree(rita: &Actor, kept: &BTreeMap<(usize, usize), usize>, writer: usize) {
    let jars = rita.jars("team/jars");
    let listed = jars.versions(&format!("org/example/lib{writer}")).await;
    for ((round, _), acknowledged) in kept.iter().filter(|((_, of), _)| *of == writer) {
        for number in 0..=*acknowledged {
            let built = built(*round, writer, number);
            let files = [".jar", ".pom"].map(|end| built.path(&built.version, end));
            let mut there = false;
            for path in &files {
                there |= jars.get(path).await.status == 200;
            }
            assert_eq!(listed.contains(&built.version), there, "{built:?}");
            assert!(there || number == *acknowledged, "{built:?} was acknowledged");
        }
        let beyond = built(*round, writer, acknowledged + 1);
        assert!(!listed.contains(&beyond.version), "{beyond:?}");
    }
}
