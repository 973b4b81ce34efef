//! What is asked with a key of the caller's own is done once.

use domain::{Limit, TokenLimits};

use super::stories;
use super::tokens::{alice, id_of, token};
use crate::testing::{Bench, Place};
use crate::{Directory, DirectoryError as Error, DirectoryRule, Once, TokenSort};

stories! {
    the_same_is_made_once
    a_key_is_its_callers
    what_came_to_nothing_is_asked_anew
    a_key_is_forgotten_after_a_day
}

fn once(directory: &Directory, key: &str, request: u8) -> Directory {
    directory.once(Once { key: key.into(), request: [request; 32] })
}

async fn the_same_is_made_once(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let directory = &bench.opened.directory;
    let keyed = once(directory, "build-7", 1);
    keyed.create_token(&own, token(7, "laptop")).await.expect("is new");
    // Whoever asks again brings another secret, and another name would be another request.
    let again = keyed.create_token(&own, token(8, "laptop")).await;
    assert!(matches!(&again, Err(Error::AlreadyMade { kind, id: 7 }) if &**kind == "token"), "{again:?}");
    let other = once(directory, "build-7", 2).create_token(&own, token(9, "other")).await;
    assert!(matches!(other, Err(Error::Forbidden(DirectoryRule::KeyReused, _))), "{other:?}");
    once(directory, "build-8", 2).create_token(&own, token(9, "other")).await.expect("is another");
    assert_eq!(directory.tokens(&own, TokenSort::Permanent, None, Limit::MAX).await.expect("lists").len(), 2);
}

async fn a_key_is_its_callers(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let keyed = once(&bench.opened.directory, "build-7", 1);
    for (id, who) in [(7, "alice"), (8, "bob")] {
        let own = bench.own(id_of(&bench, who).await, TokenLimits::Full);
        keyed.create_token(&own, token(id, "laptop")).await.expect("nobody else's key is this one");
    }
}

async fn what_came_to_nothing_is_asked_anew(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let directory = &bench.opened.directory;
    directory.create_token(&own, token(7, "laptop")).await.expect("is new");
    let keyed = once(directory, "build-7", 1);
    let taken = keyed.create_token(&own, token(8, "laptop")).await;
    assert!(matches!(taken, Err(Error::Exists)), "{taken:?}");
    keyed.rehearsing().create_token(&own, token(8, "tried")).await.expect("could be made");
    keyed.create_token(&own, token(8, "second")).await.expect("neither made anything");
}

async fn a_key_is_forgotten_after_a_day(place: Place) {
    let bench = Bench::with(place, alice(Vec::new(), None)).await;
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let keyed = once(&bench.opened.directory, "build-7", 1);
    keyed.create_token(&own, token(7, "laptop")).await.expect("is new");
    let forget = async || {
        let lease = bench.working("trim").await;
        while !bench.opened.storage.trim(&lease).await.expect("trims").is_nothing() {}
    };
    bench.clock.advance_secs(23 * 3600);
    forget().await;
    let again = keyed.create_token(&own, token(8, "second")).await;
    assert!(matches!(again, Err(Error::AlreadyMade { id: 7, .. })), "{again:?}");
    bench.clock.advance_secs(2 * 3600);
    forget().await;
    keyed.create_token(&own, token(8, "second")).await.expect("is forgotten");
}
