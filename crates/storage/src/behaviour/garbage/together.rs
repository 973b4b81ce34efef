//! Everything at once: who pushes, names, mounts, moves tags and deletes, and who collects, in an order drawn by chance. What a tag
//! names is readable whatever happens, and in the end nothing is left but what is named.

use domain::{Digest, Read};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tokio::sync::RwLock;

use super::super::{sha256, two_projects};
use super::{DAY, HOUR, bring, collect, collect_all, delete, name, stored, told};
use crate::ContentError as Error;
use crate::testing::{Bench, Place, drawn};

/// Who acts beside each other, and how often each does.
const ACTORS: usize = 4;
const DEEDS: u32 = 40;
/// Contents that all of them share.
const LAYERS: u64 = 10;
const REPOSITORIES: [&str; 2] = ["alpha/images", "beta/images"];

/// A number out of a row that one number begins (Marsaglia's xorshift).
struct Chance(u64);

/// An image that has a tag.
#[derive(Clone)]
struct Tagged {
    place: &'static str,
    image: Digest,
    layers: Vec<u8>,
}

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn layer(number: u8) -> Vec<u8> {
    super::pattern(2000 + usize::from(number))
}

/// As a client pushes: asks whether the layer is there, and brings it only if not, or takes it over from elsewhere.
async fn provide(bench: &Bench, place: &str, number: u8, mounts: bool) {
    let digest = sha256(&layer(number));
    let storage = &bench.opened.storage;
    if storage.leases().hold_blob(&bench.on(place), &digest).await.is_ok() {
        return;
    }
    if mounts {
        for from in REPOSITORIES {
            if storage.link_blob(&bench.on(place), &bench.on::<Read>(from), &digest).await.is_ok() {
                return;
            }
        }
    }
    bring(bench, place, &layer(number)).await;
}

async fn publish(bench: &Bench, chance: &mut Chance, own: &str) -> Tagged {
    let place = if chance.below(2) == 0 { REPOSITORIES[0] } else { REPOSITORIES[1] };
    let count = 1 + chance.below(3);
    let layers: Vec<u8> =
        (0..count).map(|_| chance.below(LAYERS)).map(|number| u8::try_from(number).expect("a few")).collect();
    let bytes: &'static [u8] = format!("{own} {layers:?}").into_bytes().leak();
    loop {
        for number in &layers {
            provide(bench, place, *number, chance.below(2) == 0).await;
        }
        let digests: Vec<Digest> = layers.iter().map(|number| sha256(&layer(*number))).collect();
        match name(bench, place, bytes, &digests, own).await {
            Ok(image) => return Tagged { place, image, layers },
            // It is said which ones are missing, and the client brings them.
            Err(Error::Unlinked { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn is_whole(bench: &Bench, tagged: &Tagged) {
    let may = bench.on::<Read>(tagged.place);
    for (digest, length) in tagged
        .layers
        .iter()
        .map(|number| (sha256(&layer(*number)), layer(*number).len()))
        .chain([(tagged.image, 0)])
    {
        let blob = bench.opened.storage.open_blob(&may, &digest).await.expect("what a tag names is there");
        let mut stream = blob.stream(0..u64::MAX).await.expect("and begins");
        let mut read = 0;
        while let Some(piece) = stream.next().await {
            read += piece.expect("and is read").len();
        }
        assert!(length == 0 || read == length, "all of it");
    }
}

async fn act(bench: &Bench, seed: u64, number: usize, now: &RwLock<()>) {
    let (mut chance, own) = (Chance(seed + number as u64), format!("of-{number}"));
    let mut tagged: Option<Tagged> = None;
    for _ in 0..DEEDS {
        let during = now.read().await;
        match (chance.below(4), tagged.take()) {
            (0, Some(gone)) => delete(bench, gone.place, &gone.image).await,
            (1, Some(still)) => {
                is_whole(bench, &still).await;
                tagged = Some(still);
            }
            (_, before) => {
                let made = publish(bench, &mut chance, &own).await;
                let is_other = |before: &Tagged| (before.place, before.image) != (made.place, made.image);
                if let Some(before) = before.filter(is_other) {
                    delete(bench, before.place, &before.image).await;
                }
                is_whole(bench, &made).await;
                tagged = Some(made);
            }
        }
        drop(during);
        tokio::task::yield_now().await;
    }
    if let Some(last) = tagged {
        is_whole(bench, &last).await;
        delete(bench, last.place, &last.image).await;
    }
}

pub(super) async fn nothing_that_a_tag_names_is_ever_missing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let seed = drawn();
    let (now, done) = (RwLock::new(()), tokio::sync::watch::channel(false));
    let acting = async {
        join_all((0..ACTORS).map(|number| act(&bench, seed, number, &now))).await;
        done.0.send(true).expect("somebody collects");
    };
    let collecting = async {
        let mut chance = Chance(seed ^ 0x9E37_79B9_7F4A_7C15);
        while !*done.1.borrow() {
            collect(&bench).await;
            let time = now.write().await;
            bench.clock.advance_secs(i64::try_from(chance.below(9)).expect("a few") * HOUR);
            drop(time);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(acting, collecting);
    bench.clock.advance_secs(DAY);
    collect_all(&bench).await;
    assert_eq!((stored(&bench).await, told(&bench).await.0), (0, 0), "seed {seed}");
}
