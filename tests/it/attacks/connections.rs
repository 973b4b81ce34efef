//! Connections that are opened and left.

use std::net::IpAddr;

use super::siege::Siege;
use super::streams::{DESCRIPTORS, scarce};
use super::told::connections_ended;
use super::town::Town;
use super::{ATTACKER, count, is_long};
use crate::support::dial::local;
use crate::support::raw::Raw;

/// Addresses that attack together.
const ADDRESSES: u8 = 16;

/// Connections that have asked once, or nothing at all, and now say nothing.
async fn idle(siege: &Siege, source: IpAddr, connections: usize) -> Vec<Raw> {
    let address = siege.town.process.address;
    let request = format!("GET /livez HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut held = Vec::new();
    for number in 0..connections {
        // Where none is to be had any more, the attack has what it wanted.
        let Ok(mut raw) = Raw::connect_from(source, address).await else { break };
        if number % 2 == 0 {
            raw.write(request.as_bytes()).await;
        }
        held.push(raw);
    }
    held
}

/// Sixteen addresses hold as many as each may, and more than there are descriptors: the oldest of them give way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_give_way() {
    let town = Town::start(scarce).await;
    let siege = town.besieged("11: idle connections from 16 addresses").await;
    let mut held = Vec::new();
    for last in 0..ADDRESSES {
        held.push(idle(&siege, local(100 + last), count(80, 512)).await);
    }
    siege.others_go_on().await;
    let shown = format!("{} connections", held.iter().map(Vec::len).sum::<usize>());
    drop(held);
    let peak = siege.relieved(&shown).await;
    assert!(is_long() || peak.descriptors < DESCRIPTORS, "{} descriptors", peak.descriptors);
}

/// One more than one address may have: it is served in the place of an idle one, or told why not; and somebody counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_too_many_is_answered_and_counted() {
    const MOST: usize = 512;
    let town = Town::start(|launch| launch).await;
    let siege = town.besieged("11: idle connections from one address").await;
    let held = idle(&siege, ATTACKER, MOST).await;
    siege.others_go_on().await;
    let address = siege.town.process.address;
    let mut extra = Raw::connect_from(ATTACKER, address).await.expect("a listener");
    extra
        .write(format!("GET /livez HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
        .await;
    let answer = extra.read_to_end().await.expect("answered");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let counted = connections_ended(&siege.town.process.metrics().await);
    drop(held);
    siege.relieved(&format!("{counted} connections counted as refused or closed")).await;
    assert!(answer.starts_with("HTTP/1.1 "), "dropped without a word");
    assert!(counted > 0, "nobody counted");
}
