//! Questions that are made to be slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;

use super::town::Town;
use super::{ATTACKER, count};
use crate::support::nuget::Packed;
use crate::support::{Ask, Http};

/// Queries in flight.
const QUERIES: usize = 40;
const WORDS: u8 = 6;
/// Each word is almost found at every place of the text, and is nowhere in it.
const WORD_LETTERS: usize = 30;
/// Of a text, as many as nuget.org takes.
const LETTERS: usize = 4_000;

/// Six words over a text where each is almost found everywhere: lists and administration go on beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_queries_keep_nobody_waiting() {
    let town = Town::start(|launch| launch).await;
    let packages = count(150, 1_000);
    // As much text as is taken.
    let text = "a".repeat(LETTERS);
    let text = format!("<description>{text}</description><summary>{text}</summary><tags>{text}</tags>");
    let hostile = (0..packages).map(|number| Packed::with(&format!("Evil.A{number}"), "1.0.0", &text, &[]));
    let (taken, refusal) = town.fill("mallory", "evil/feed", hostile).await;
    assert_eq!(taken, packages, "refused: {refusal:?}");
    let siege = town.besieged("5: hostile queries").await;
    let words = (0..WORDS).map(|word| "a".repeat(WORD_LETTERS) + &char::from(b'b' + word).to_string());
    let words = words.collect::<Vec<_>>().join("%20");
    let target = format!("/nuget/p/evil/feed/v3/query?q={words}&take=1000");
    let (answered, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut asking = JoinSet::new();
    for _ in 0..QUERIES {
        let http = Http::new(siege.town.process.address).bound_to(Some(ATTACKER));
        let (target, answered, refused) = (target.clone(), Arc::clone(&answered), Arc::clone(&refused));
        asking.spawn(async move {
            while let Ok(answer) = http.try_send(Ask::get(&target)).await {
                let counter = if answer.status == 200 { &answered } else { &refused };
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    siege.others_go_on().await;
    asking.shutdown().await;
    let [answered, refused] = [answered, refused].map(|counter| counter.load(Ordering::SeqCst));
    siege.relieved(&format!("{answered} queries answered, {refused} refused")).await;
}
