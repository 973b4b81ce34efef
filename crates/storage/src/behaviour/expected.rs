//! Hashes that come before what they are of.

use bytes::Bytes;
use domain::{Algorithm, Digest, EntryKey, EntryKind, Publish};

use super::parts::{bare, named};
use super::two_projects;
use crate::sql::{Columns, Tx, one};
use crate::testing::{Bench, Place};
use crate::{Batch, Error, NewEntry, Outcome, Precondition, Rule, digest_of};

const JARS: &str = "alpha/images";
const FIRST: u32 = 16;
const SECOND: u32 = 17;

super::stories! {
    content_is_held_to_what_was_told_of_it
    what_was_told_is_forgotten_in_time_and_beyond_a_number
    what_waited_too_long_is_cleared_away_some_at_a_time
    what_is_there_already_is_told
}

fn file(name: &str) -> EntryKey {
    named(EntryKind::File, "g:a", name)
}

fn sha1(bytes: &'static [u8]) -> Digest {
    digest_of(Algorithm::Sha1, &Bytes::from_static(bytes)).expect("a digest")
}

async fn tell(bench: &Bench, who: u32, name: &str, digest: Digest) -> Result<Option<Vec<Digest>>, Error> {
    bench.opened.storage.expect(bench.by::<Publish>(who, JARS), &file(name), digest, None).await
}

async fn put(bench: &Bench, who: u32, name: &str, bytes: &'static [u8]) -> Result<Outcome, Error> {
    let (may, storage) = (bench.by::<Publish>(who, JARS), &bench.opened.storage);
    let mut upload = storage.begin_upload(&may).await?.hashed_also(&[Algorithm::Sha1]);
    upload.append(Bytes::from_static(bytes)).await?;
    let upload = upload.verify_any().await?;
    let entry = NewEntry { content: Some(*upload.digest()), ..bare(file(name), Rule::ByPolicy, Vec::new()) };
    let preconditions = vec![Precondition::AsExpected(file(name))];
    let batch = Batch { preconditions, uploads: vec![upload], entries: vec![entry], ..Batch::default() };
    Ok(storage.commit(may, None, batch).await?.entries[0])
}

async fn content_is_held_to_what_was_told_of_it(place: Place) {
    let survives = place.survives();
    let mut bench = Bench::with(place, two_projects()).await;
    assert_eq!(tell(&bench, FIRST, "1/a.jar", sha1(b"one")).await.expect("is noted"), None);
    if survives {
        bench = bench.reopened().await;
    }
    let other = put(&bench, FIRST, "1/a.jar", b"two").await;
    assert!(matches!(other, Err(Error::DigestMismatch)), "{other:?}");
    // A hash that was wrong, or left over from what was given up, is in the way once.
    put(&bench, FIRST, "1/a.jar", b"two").await.expect("was forgotten");
    tell(&bench, FIRST, "0/a.jar", sha1(b"one")).await.expect("is noted");
    // Others are not held to it, nor are other names.
    put(&bench, FIRST, "1/b.jar", b"two").await.expect("another name");
    put(&bench, FIRST, "0/a.jar", b"one").await.expect("as told");
    tell(&bench, FIRST, "2/a.jar", sha1(b"one")).await.expect("is noted");
    put(&bench, SECOND, "2/a.jar", b"two").await.expect("somebody else");
    tell(&bench, FIRST, "3/a.jar", sha1(b"one")).await.expect("is noted");
    tell(&bench, FIRST, "3/a.jar", sha1(b"two")).await.expect("is noted instead");
    put(&bench, FIRST, "3/a.jar", b"two").await.expect("as told last");
}

async fn what_was_told_is_forgotten_in_time_and_beyond_a_number(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    tell(&bench, FIRST, "1/a.jar", sha1(b"one")).await.expect("is noted");
    bench.clock.advance_secs(1799);
    let other = put(&bench, FIRST, "1/a.jar", b"two").await;
    assert!(matches!(other, Err(Error::DigestMismatch)), "{other:?}");
    tell(&bench, FIRST, "1/a.jar", sha1(b"one")).await.expect("is noted");
    bench.clock.advance_secs(1801);
    put(&bench, FIRST, "1/a.jar", b"two").await.expect("half an hour later");

    tell(&bench, FIRST, "old/a.jar", sha1(b"one")).await.expect("is noted");
    tell(&bench, SECOND, "old/b.jar", sha1(b"one")).await.expect("is noted");
    bench.clock.advance_secs(1);
    for number in 0..1024 {
        tell(&bench, FIRST, &format!("n{number}/a.jar"), sha1(b"one")).await.expect("is noted");
    }
    put(&bench, FIRST, "old/a.jar", b"two").await.expect("given up for newer ones");
    for (who, name) in [(FIRST, "n0/a.jar"), (FIRST, "n1023/a.jar"), (SECOND, "old/b.jar")] {
        let other = put(&bench, who, name, b"two").await;
        assert!(matches!(other, Err(Error::DigestMismatch)), "{name}: {other:?}");
    }
}

async fn what_waited_too_long_is_cleared_away_some_at_a_time(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for number in 0..10 {
        tell(&bench, FIRST, &format!("n{number}/a.jar"), sha1(b"one")).await.expect("is noted");
    }
    bench.clock.advance_secs(1801);
    for (number, left) in [10 - 4 + 1, 7 - 4 + 1, 4 - 2 + 1, 4].into_iter().enumerate() {
        tell(&bench, SECOND, &format!("n{number}/a.jar"), sha1(b"one")).await.expect("is noted");
        let count = |tx: &mut dyn Tx| {
            one(tx, "SELECT count(*) FROM expected_hash", &[], |row: &dyn Columns| row.count(0))
        };
        assert_eq!(bench.opened.storage.shared.database.read(count).await.expect("a count"), left);
    }
}

async fn what_is_there_already_is_told(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    put(&bench, FIRST, "1/a.jar", b"one").await.expect("is new");
    let here = tell(&bench, FIRST, "1/a.jar", sha1(b"two")).await.expect("an answer");
    assert!(here.expect("the hashes of what is there").contains(&sha1(b"one")));
    put(&bench, FIRST, "1/a.jar", b"one").await.expect("nothing was noted");
    // Whoever knows what is there means what comes next.
    let (may, storage) = (bench.by::<Publish>(FIRST, JARS), &bench.opened.storage);
    let entry = storage.entry(&may, &file("1/a.jar")).await.expect("is there");
    let noted = storage.expect(may, &file("1/a.jar"), sha1(b"two"), Some(&entry)).await;
    assert_eq!(noted.expect("is noted"), None);
    let same = put(&bench, FIRST, "1/a.jar", b"one").await;
    assert!(matches!(same, Err(Error::DigestMismatch)), "{same:?}");
}
