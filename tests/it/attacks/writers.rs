//! Publishers who take all there is for writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::siege::settled;
use super::streams::STREAMS;
use super::town::Town;
use super::{ATTACKER, count, is_long};
use crate::support::apart::apart;
use crate::support::image::{OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::streams::{Streams, Tally};
use crate::support::{Actor, Ask, image};

/// Uploads that are written to at one time by default.
const SLOTS: usize = 4_096;
/// What 99 of 100 small pushes take beside large ones, with a core for the gateway alone.
const SMALL_PUSH_MAX: Duration = Duration::from_millis(100);

/// As many uploads as there are slots by default, a hundred bytes of each, and then silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_uploads_leave_slots_to_others() {
    let town = Town::start(|launch| launch).await;
    let mallory = town.actor_at("mallory", ATTACKER);
    let siege = town.besieged("7: silent uploads").await;
    let target = format!("/v2/p/evil/images/web/blobs/uploads/?digest={}", sha256(b"never"));
    let post = mallory.signed(Ask::post(target).header("content-length", "1000000"));
    let part = Bytes::from(vec![1; 100]);
    let tally = Arc::new(Tally::default());
    let mut held = Vec::new();
    for _ in 0..SLOTS / STREAMS + 1 {
        let Ok(mut one) = Streams::connect(siege.town.process.address, ATTACKER, 65_535).await else {
            continue;
        };
        for _ in 0..STREAMS {
            if one.begin(&post, part.clone(), &tally).await.is_err() {
                break;
            }
        }
        held.push(one);
    }
    // There is no slot for these, or none for more than a share of them.
    settled(|| tally.refused() + tally.ended() + SLOTS >= tally.asked()).await;
    siege.others_go_on().await;
    let shown = format!("{tally}; the rest waits");
    drop(held);
    siege.relieved(&shown).await;
}

/// Sixteen connections push indexes of thousands of members; a small push passes between them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_batches_let_small_ones_pass() {
    // Four are enough to keep the writer busy without a break; all that is asserted is who waits for whom.
    let connections = count(4, 16);
    let town = Town::start(|launch| launch).await;
    let alice = town.actor("alice");
    let siege = town.besieged("9: indexes of 4,096 members").await;
    let (done, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut pushing = JoinSet::new();
    for connection in 0..connections {
        let mallory = siege.town.actor_at("mallory", ATTACKER);
        let (done, over) = (Arc::clone(&done), Arc::clone(&over));
        pushing.spawn(async move {
            for number in 0_usize.. {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let put = Ask::put(format!("/v2/p/evil/images/web/manifests/tag-{connection}-{number}"));
                let put = put.header("content-type", OCI_INDEX).body(index(connection, number));
                if mallory.try_send(put).await.is_err() {
                    return;
                }
                done.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    settled(|| done.load(Ordering::SeqCst) > 0).await;
    siege.others_go_on().await;
    let rounds = if siege.others_are_served() { count(3, 200) } else { 0 };
    let (took, overtaken) = small_pushes(alice, rounds, &done).await;
    let slower_than_all_but = |count: usize| took.iter().rev().nth(count).copied();
    let [half, nearly_all] = [2, 100].map(|one_in| slower_than_all_but(took.len() / one_in));
    over.store(true, Ordering::SeqCst);
    while pushing.join_next().await.is_some() {}
    let shown = format!(
        "{} indexes pushed, at most {:?} of them beside a small push, which took {half:?} (p50) and {nearly_all:?} (p99)",
        done.load(Ordering::SeqCst),
        overtaken,
    );
    siege.relieved(&shown).await;
    if is_long() {
        assert!(nearly_all.is_some_and(|took| took <= SMALL_PUSH_MAX), "{shown}");
    }
}

/// How long small pushes take, in order, and how many of the large ones overtake one at most: whoever is fair lets each finish about
/// one while it waits.
async fn small_pushes(
    alice: Actor,
    rounds: usize,
    done: &Arc<AtomicUsize>,
) -> (Vec<Duration>, Option<usize>) {
    let done = Arc::clone(done);
    let pushing = apart(move || async move {
        let (mut took, mut overtaken) = (Vec::new(), None);
        for round in 0..rounds {
            let (before, began) = (done.load(Ordering::SeqCst), Instant::now());
            alice.docker().push("team/app/small:1.0", &image(&format!("small {round}"))).await.done();
            took.push(began.elapsed());
            overtaken = overtaken.max(Some(done.load(Ordering::SeqCst) - before));
        }
        took.sort_unstable();
        (took, overtaken)
    });
    pushing.done().await
}

/// An index of as many members as one may have, none of which is there; each differs from all others.
fn index(connection: usize, number: usize) -> Bytes {
    const MEMBERS: usize = 4_096;
    let member = |member: usize| {
        let digest = sha256(format!("{connection} {number} {member}").as_bytes());
        json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": 1000 })
    };
    let members: Vec<_> = (0..MEMBERS).map(member).collect();
    Bytes::from(json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members }).to_string())
}
