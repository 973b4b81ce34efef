//! Those who look like an attack and are none: each is served in full, with default settings.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::streams::{STREAMS, hoard};
use super::town::Town;
use super::{ATTACKER, count};
use crate::support::client::basic;
use crate::support::dial::{dial, local};
use crate::support::http::Version;
use crate::support::image::{DOCKER_MANIFEST, Image, sha256};
use crate::support::nuget::{Packed, document};
use crate::support::raw::Raw;
use crate::support::{Ask, Http, image};

const MEBIBYTE: usize = 1 << 20;

/// Bytes that differ by a number.
fn bytes(number: usize, length: usize) -> Bytes {
    let pattern = number.to_be_bytes();
    pattern.into_iter().cycle().take(length).collect::<Vec<u8>>().into()
}

/// A build server with twelve jobs, each of which pushes an image of five layers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_docker_pushes_at_once() {
    let siege = Town::start(|launch| launch).await.besieged("honest: 12 docker pushes").await;
    let images: Vec<Image> = (0..12)
        .map(|job| {
            let layers: Vec<Bytes> = (0..5).map(|layer| bytes(100 * job + layer, MEBIBYTE)).collect();
            Image::of(DOCKER_MANIFEST, &layers.iter().map(|layer| &**layer).collect::<Vec<_>>())
        })
        .collect();
    let alice = || siege.town.actor_at("alice", local(8));
    let jobs = images.iter().enumerate().map(|(job, image)| async move {
        alice().docker().push(&format!("team/app/job-{job}:1.0"), image).await.done();
    });
    join_all(jobs).await;
    for (job, image) in images.iter().enumerate() {
        alice().docker().pull(&format!("team/app/job-{job}:1.0")).await.gives(image);
    }
    siege.relieved("nobody").await;
}

/// A client that stops reading in the middle of a layer, while others work, and then goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_pauses_gets_everything() {
    let town = Town::start(|launch| launch).await;
    let layer = bytes(1, 32 * MEBIBYTE);
    let target = town.public_blob(layer.clone()).await;
    let siege = town.besieged("honest: a reader pauses").await;
    for version in [Version::Http1, Version::Http2] {
        let http = Http::new(siege.town.process.address).bound_to(Some(ATTACKER)).speaking(version);
        let (answer, mut body) = http.open(Ask::get(&target)).await.expect("an answer");
        assert_eq!(answer.status, 200);
        let first = body.frame().await.expect("a frame").expect("bytes").into_data().expect("data");
        siege.others_go_on().await;
        let rest = body.collect().await.expect("a whole layer").to_bytes();
        assert!(first == layer[..first.len()] && rest == layer[first.len()..], "{version:?}");
    }
    siege.relieved("nobody").await;
}

/// Two build farms that keep their connections: each answers again after all others were used.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_are_kept() {
    let siege = Town::start(|launch| launch).await.besieged("honest: 1,000 connections kept").await;
    let address = siege.town.process.address;
    let request = format!("GET /livez HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut kept = Vec::new();
    for number in 0..1_000_u32 {
        let farm = local(if number % 2 == 0 { 20 } else { 21 });
        kept.push(Raw::connect_from(farm, address).await.expect("a listener"));
    }
    for round in 0..3 {
        for (number, raw) in kept.iter_mut().enumerate() {
            assert!(raw.write(request.as_bytes()).await, "connection {number} in round {round}");
        }
        for (number, raw) in kept.iter_mut().enumerate() {
            let answer = raw.read_some(4096).await;
            assert!(answer.starts_with(b"HTTP/1.1 200"), "connection {number} in round {round}");
        }
        siege.others_go_on().await;
    }
    drop(kept);
    siege.relieved("nobody").await;
}

/// An office of two hundred behind one address, and somebody in it who attacks without a log-in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_behind_the_address_of_an_attacker_works() {
    const PEOPLE: usize = 200;
    let people = (0..PEOPLE).fold(Town::people(), |people, number| {
        let name = format!("person-{number}");
        people.member(&name).may(&format!("member:{name}"), "read publish", "team/app")
    });
    let town = Town::with(people, |launch| launch).await;
    let blob = Ask::get(town.public_blob(bytes(1, MEBIBYTE)).await);
    let siege = town.besieged("honest: 200 principals beside an attacker").await;
    let (held, tally) = hoard(&siege, 9, STREAMS, &blob).await;
    let work = (0..PEOPLE).map(|number| {
        let person = siege.town.actor_at(&format!("person-{number}"), ATTACKER);
        async move {
            person.send(Ask::get("/v2/p/team/app/web/manifests/1.0")).await.is(200);
            if number % 20 == 0 {
                let pushed = image(&format!("by {number}"));
                person.docker().push(&format!("team/app/by-{number}:1.0"), &pushed).await.done();
            }
        }
    });
    join_all(work).await;
    siege.others_go_on().await;
    let shown = tally.to_string();
    drop(held);
    siege.relieved(&shown).await;
}

/// A hundred layers at once on one connection, with a log-in and without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_layers_come_over_one_connection() {
    const LAYERS: usize = 100;
    let town = Town::start(|launch| launch).await;
    let mut targets = Vec::new();
    for number in 0..LAYERS {
        targets.push(town.public_blob(bytes(number, MEBIBYTE)).await);
    }
    let siege = town.besieged("honest: 100 layers over one connection").await;
    let address = siege.town.process.address;
    for authorization in [Some(basic(&siege.town.organisation.login("alice"))), None] {
        let stream = dial(address, Some(ATTACKER)).await.expect("a listener");
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
        tokio::spawn(connection);
        let layers = targets.iter().map(|target| {
            let mut request = Request::get(format!("http://{address}{target}"));
            if let Some(authorization) = &authorization {
                request = request.header("authorization", authorization);
            }
            let request = request.body(Empty::<Bytes>::new()).expect("a request");
            let mut sender = sender.clone();
            async move {
                let response = sender.send_request(request).await.expect("an answer");
                assert_eq!(response.status(), 200, "{target}");
                let layer = response.into_body().collect().await.expect("a whole layer").to_bytes();
                assert!(target.ends_with(&sha256(&layer)), "{target}");
            }
        });
        join_all(layers).await;
    }
    siege.relieved("nobody").await;
}

/// A restore of everything right after a start, when nothing is in memory yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_feed_is_restored_cold() {
    const VERSIONS: usize = 5;
    const RESTORES_AT_ONCE: usize = 16;
    let packages = count(60, 2_000);
    let town = Town::start(|launch| launch).await;
    let version = |number: usize| format!("1.{number}.0");
    let all = (0..packages * VERSIONS)
        .map(|number| Packed::new(&format!("Open.Part{}", number / VERSIONS), &version(number % VERSIONS)));
    assert_eq!(town.fill("alice", "team/feed", all).await, (packages * VERSIONS, None));
    let siege = town.again().await.besieged("honest: a large feed restored cold").await;
    let restored = (0..packages).map(|number| {
        let actor = siege.town.actor_at("alice", local(8));
        async move {
            let feed = actor.feed("team/feed");
            let id = format!("open.part{number}");
            let registration = document(&feed.get(&format!("reg-gz-semver2/{id}/index.json")).await.is(200));
            assert_eq!(registration["items"][0]["count"], VERSIONS, "{id}");
            feed.restore(&id, &version(VERSIONS - 1)).await.is(200);
        }
    });
    stream::iter(restored).buffer_unordered(RESTORES_AT_ONCE).collect::<Vec<()>>().await;
    siege.others_go_on().await;
    siege.relieved("nobody").await;
}
