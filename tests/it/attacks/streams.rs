//! Streams that are opened and left: answers that nobody reads, at window 0 or before a full socket.

use std::sync::Arc;

use bytes::Bytes;

use super::siege::{Siege, settled};
use super::town::Town;
use super::{ATTACKER, count, is_long};
use crate::support::http2::{END_HEADERS, END_STREAM, HEADERS, frame, greeting_with_open_windows, head};
use crate::support::process::Launch;
use crate::support::raw::Raw;
use crate::support::streams::{Streams, Tally};
use crate::support::{Ask, until};

/// What one connection may have in flight by default.
pub(super) const STREAMS: usize = 128;
/// A common bound of one process, which an attack by a few connections would use up.
pub(super) const DESCRIPTORS: u64 = 1_024;
/// Larger than what is served from memory: each answer holds an open file.
const FILE_BYTES: usize = 256 << 10;

/// With few descriptors, but for the long form, which uses up those of a whole machine.
pub(super) fn scarce(launch: Launch) -> Launch {
    if is_long() { launch } else { launch.descriptors(DESCRIPTORS) }
}

/// Connections with streams at window 0, each asking the same.
pub(super) async fn hoard(
    siege: &Siege,
    connections: usize,
    streams: usize,
    ask: &Ask,
) -> (Vec<Streams>, Arc<Tally>) {
    let tally = Arc::new(Tally::default());
    let mut all = Vec::new();
    for _ in 0..connections {
        let Ok(mut one) = Streams::connect(siege.town.process.address, ATTACKER, 0).await else { continue };
        for _ in 0..streams {
            if one.hold(ask, &tally).await.is_err() {
                break;
            }
        }
        all.push(one);
    }
    settled(|| tally.is_settled()).await;
    (all, tally)
}

/// 128 answers a connection that the client takes no byte of, while it answers every PING.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_at_window_zero_use_up_no_descriptors() {
    let town = Town::start(scarce).await;
    let blob = Ask::get(town.public_blob(vec![7; FILE_BYTES].into()).await);
    let siege = town.besieged("1: answers at window 0").await;
    let (held, tally) = hoard(&siege, count(12, 60), STREAMS, &blob).await;
    siege.others_go_on().await;
    let open = held.iter().filter(|one| one.is_open()).count();
    let shown = format!("{tally}; {open} connections open");
    drop(held);
    let peak = siege.relieved(&shown).await;
    assert!(is_long() || peak.descriptors < DESCRIPTORS, "{} descriptors", peak.descriptors);
    assert!(tally.refused() + tally.ended() > 0, "one address had all it asked for: {shown}");
}

/// They end by the write time-out although the connection is alive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_at_window_zero_end() {
    let tune = |launch: Launch| launch.set("TIMEOUTS__WRITE_IDLE_SECS_MAX", "2");
    let town = Town::start(tune).await;
    let blob = Ask::get(town.public_blob(vec![7; FILE_BYTES].into()).await);
    let siege = town.besieged("1: answers at window 0, time-out 2 s").await;
    let (held, tally) = hoard(&siege, 1, 16, &blob).await;
    assert!(tally.asked() == 16, "{tally}");
    until("answers that nobody takes end", async || tally.open() == 0).await;
    let shown = tally.to_string();
    drop(held);
    siege.relieved(&shown).await;
}

/// All the window there is, and not one byte read: what is sent stays in the buffers of both ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_before_a_full_socket_hold_little() {
    const CONNECTIONS: usize = 16;
    let town = Town::start(|launch| launch).await;
    let blob = town.public_blob(vec![7; 2 << 20].into()).await;
    let siege = town.besieged("3: windows granted, nothing read").await;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let Ok(mut raw) = Raw::connect_from(ATTACKER, siege.town.process.address).await else { continue };
        raw.write(&greeting_with_open_windows()).await;
        for number in 0..STREAMS {
            let stream = u32::try_from(2 * number + 1).expect("few streams");
            raw.write(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &head(&blob))).await;
        }
        held.push(raw);
    }
    siege.others_go_on().await;
    let shown = format!("{} connections", held.len());
    drop(held);
    siege.relieved(&shown).await;
}

/// Forms of 64 KiB without their last byte, from nobody in particular.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_forms_hold_little() {
    const FORM_BYTES: usize = 64 << 10;
    let town = Town::start(|launch| launch).await;
    let siege = town.besieged("10: unfinished forms").await;
    let form = Ask::post("/v2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", &FORM_BYTES.to_string());
    let part = Bytes::from(vec![b'x'; FORM_BYTES - 1]);
    let tally = Arc::new(Tally::default());
    let mut held = Vec::new();
    for _ in 0..count(24, 64) {
        let Ok(mut one) = Streams::connect(siege.town.process.address, ATTACKER, 65_535).await else {
            continue;
        };
        for _ in 0..STREAMS {
            if one.begin(&form, part.clone(), &tally).await.is_err() {
                break;
            }
        }
        held.push(one);
    }
    siege.others_go_on().await;
    let open = held.iter().filter(|one| one.is_open()).count();
    let shown = format!("{tally}; {open} connections open");
    drop(held);
    siege.relieved(&shown).await;
}
