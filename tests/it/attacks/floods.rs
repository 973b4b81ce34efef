//! Frames that cost the sender nothing.

use super::ATTACKER;
use super::town::Town;
use crate::support::http2::{PING, PREFACE, SETTINGS, frame};
use crate::support::raw::Raw;

/// Frames of one kind, many more than any client has a use for; whoever sends them is cut, also when it reads all answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_control_frames_are_cut() {
    const BATCH: usize = 1_000;
    const BATCHES: usize = 500;
    let town = Town::start(|launch| launch).await;
    let siege = town.besieged("12: PING and SETTINGS floods").await;
    let mut shown = String::new();
    let mut uncut = Vec::new();
    for (name, kind, payload) in [("PING", PING, &[0_u8; 8][..]), ("SETTINGS", SETTINGS, &[])] {
        let mut raw = Raw::connect_from(ATTACKER, siege.town.process.address).await.expect("a listener");
        raw.write(PREFACE).await;
        raw.write(&frame(SETTINGS, 0, 0, &[])).await;
        let flood: Vec<u8> = std::iter::repeat_n(frame(kind, 0, 0, payload), BATCH).flatten().collect();
        let mut sent = 0;
        while sent < BATCHES && raw.write(&flood).await && raw.drain().await {
            sent += 1;
        }
        if sent == BATCHES {
            uncut.push(name);
        }
        shown.push_str(&format!("{name} cut after {} frames; ", sent * BATCH));
    }
    siege.others_go_on().await;
    siege.relieved(&shown).await;
    assert!(uncut.is_empty(), "never cut: {uncut:?}");
}
