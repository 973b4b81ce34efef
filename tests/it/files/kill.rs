//! Uploads that do not come to their end: broken off by the client, or with the gateway by `kill -9`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::files::team;
use crate::support::process::serve;
use crate::support::raw::cut_put;
use crate::support::{Actor, Ask, Folder, Server, on_both_databases, until};

on_both_databases!(in crate::files::team; an_upload_that_is_broken_off_leaves_nothing);

async fn an_upload_that_is_broken_off_leaves_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    files.put("old.bin", "bytes").await.is(201);
    let body = vec![7; 3 << 20];
    for after in [0, 1, 1 << 20, body.len() - 1] {
        for name in ["new.bin", "old.bin"] {
            cut_put(&alice, &files.at(name), &body, after).await;
        }
    }
    files.get("new.bin").await.is(404);
    assert_eq!(files.get("old.bin").await.is(200).body, "bytes");
    assert_eq!(files.list("").await, ["old.bin"]);
    // Whoever starts again is not in the way of what was broken off.
    files.put("new.bin", body.clone()).await.is(201);
    assert_eq!(files.get("new.bin").await.is(200).body, body);
}

const ROUNDS: usize = 2;
const WRITERS: usize = 3;
const ACKNOWLEDGED: usize = 12;

fn path(round: usize, writer: usize, number: usize) -> String {
    format!("kill/{round}/{writer}/{number}.txt")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_put_before_a_kill_are_there_after_it() {
    let (organisation, folder) = (team(), Folder::new("files-kill"));
    let mut kept = Vec::new();
    for round in 0..ROUNDS {
        let process = serve(&folder, &organisation).await;
        let count = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (alice, count) = (process.actor(organisation.login("alice")), Arc::clone(&count));
                tokio::spawn(put_until_gone(alice, count, round, writer))
            })
            .collect();
        until("some files are acknowledged", async || count.load(Ordering::SeqCst) >= ACKNOWLEDGED).await;
        process.kill();
        for (writer, acknowledged) in writers.into_iter().enumerate() {
            kept.push((round, writer, acknowledged.await.expect("a writer")));
        }

        let process = serve(&folder, &organisation).await;
        let rita = process.actor(organisation.login("rita"));
        let files = rita.files("team/files");
        for (round, writer, acknowledged) in &kept {
            for number in 0..*acknowledged {
                let path = path(*round, *writer, number);
                assert_eq!(files.get(&path).await.is(200).body, path);
            }
            // One more may have been stored whose answer never came; no other.
            let listed = files.list(&format!("kill/{round}/{writer}/")).await.len();
            assert!(listed == *acknowledged || listed == acknowledged + 1, "{listed} of {acknowledged}");
        }
        process.kill();
    }
}

/// Puts file after file; gives how many were acknowledged.
async fn put_until_gone(alice: Actor, count: Arc<AtomicUsize>, round: usize, writer: usize) -> usize {
    for number in 0.. {
        let path = path(round, writer, number);
        let put = Ask::put(alice.files("team/files").at(&path)).body(path);
        if !matches!(alice.try_send(put).await, Ok(answer) if answer.status == 201) {
            return number;
        }
        count.fetch_add(1, Ordering::SeqCst);
    }
    usize::MAX
}
