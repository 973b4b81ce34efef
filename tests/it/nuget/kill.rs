//! Pushes ended by `kill -9`: after a restart every version is there or not, and all lists say the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::nuget::team;
use crate::support::nuget::Packed;
use crate::support::process::serve;
use crate::support::{Actor, Folder, until};

const ROUNDS: usize = 3;
const WRITERS: usize = 4;
const ACKNOWLEDGED: usize = 12;

fn packed(round: usize, writer: usize, number: usize) -> Packed {
    Packed::unlike(
        &format!("Lib{writer}"),
        &format!("{round}.{number}.0"),
        &format!("{round} {writer} {number}"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_killed_in_flight_lose_nothing_acknowledged() {
    let (organisation, folder) = (team(), Folder::new("nuget-kill"));
    let mut kept: Vec<(usize, usize, usize)> = Vec::new();
    for round in 0..ROUNDS {
        let process = serve(&folder, &organisation).await;
        let count = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (alice, count) = (process.actor(organisation.login("alice")), Arc::clone(&count));
                let key = organisation.login("alice").secret;
                tokio::spawn(push_until_gone(alice, key, count, (round, writer)))
            })
            .collect();
        until("some pushes are acknowledged", async || count.load(Ordering::SeqCst) >= ACKNOWLEDGED).await;
        process.kill();
        for (writer, pushes) in writers.into_iter().enumerate() {
            kept.push((round, writer, pushes.await.expect("a writer")));
        }

        let process = serve(&folder, &organisation).await;
        let rita = process.actor(organisation.login("rita"));
        for writer in 0..WRITERS {
            agree(&rita, &kept, writer).await;
        }
        process.kill();
    }
}

/// Pushes version after version; gives how many were acknowledged.
async fn push_until_gone(
    alice: Actor,
    key: String,
    count: Arc<AtomicUsize>,
    (round, writer): (usize, usize),
) -> usize {
    let feed = alice.feed("team/feed").keyed(&key);
    for number in 0.. {
        match feed.try_push(&packed(round, writer, number)).await {
            Ok(answer) if answer.status == 201 => drop(count.fetch_add(1, Ordering::SeqCst)),
            _ => return number,
        }
    }
    0
}

/// Every acknowledged version is in every list and as it was pushed; of those nobody was told of there is one at most.
async fn agree(rita: &Actor, kept: &[(usize, usize, usize)], writer: usize) {
    let feed = rita.feed("team/feed");
    let seen = feed.seen(&format!("lib{writer}")).await;
    for (round, _, acknowledged) in kept.iter().filter(|(_, of, _)| *of == writer) {
        for number in 0..=*acknowledged {
            let packed = packed(*round, writer, number);
            let answer = feed.get(&packed.content()).await;
            let there = answer.status == 200;
            assert!(there || number == *acknowledged, "{} was acknowledged", packed.version);
            if there {
                assert_eq!(answer.body, packed.bytes);
            }
            let version = &packed.version;
            assert_eq!(seen.flat.contains(version), there, "{version}");
            assert_eq!(seen.found.contains(version), there, "{version}");
            assert_eq!(seen.registration.contains(&(version.clone(), true)), there, "{version}");
        }
        let beyond = packed(*round, writer, acknowledged + 1).version;
        assert!(!seen.flat.contains(&beyond), "{beyond}");
    }
}
