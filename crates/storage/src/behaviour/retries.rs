//! What is all or nothing: a last request that may be sent again.

use bytes::Bytes;
use domain::{Algorithm, Publish};

use super::uploads::{files, link, pattern, read};
use super::{sha256, stories, two_projects};
use crate::testing::{Bench, Place, eventually};
use crate::{Receiving, Upload, UploadError as Error, digest_of};

stories! {
    all_or_nothing_leaves_the_session_as_it_was
    another_failure_than_a_wrong_digest_leaves_it_so_too
    all_or_nothing_rests_beside_its_session
    a_resting_one_gives_way_and_is_mixed_with_nothing
    a_resting_one_that_is_cut_leaves_the_session_as_it_was
    a_cancelled_session_takes_what_rested_beside_it_along
}

/// How much a session has, and how much it is to have.
const SAVED: [usize; 3] = [0, 10, 100_000];
const WHOLE: usize = 500_000;

/// A saved session with so many bytes of the pattern.
async fn session(bench: &Bench, saved: usize) -> domain::UploadId {
    let may = bench.on::<Publish>("alpha/images");
    let mut upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let id = upload.id();
    upload.append(Bytes::from(pattern(saved))).await.expect("appends");
    assert_eq!(upload.save().await.expect("saves"), saved as u64);
    id
}

/// Goes on with it, all or nothing, where it has so many bytes.
async fn again(bench: &Bench, id: domain::UploadId, saved: usize) -> Upload<Receiving> {
    let may = bench.on::<Publish>("alpha/images");
    let upload = eventually(|| bench.opened.storage.resume_upload(&may, id)).await.all_or_nothing();
    assert_eq!(upload.offset_bytes(), saved as u64);
    upload
}

/// Bytes of the pattern.
fn piece(range: std::ops::Range<usize>) -> Bytes {
    Bytes::from(pattern(range.end)).slice(range)
}

/// Sends the rest in one go: the session was good for that.
async fn completes(bench: &Bench, id: domain::UploadId, saved: usize) {
    let mut whole = again(bench, id, saved).await;
    whole.append(piece(saved..WHOLE)).await.expect("appends");
    let bytes = pattern(WHOLE);
    link(bench, whole.verify(&sha256(&bytes)).await.expect("has its digest")).await;
    assert_eq!(read(bench, "alpha/images", &sha256(&bytes), 0..WHOLE as u64).await, bytes);
}

async fn all_or_nothing_leaves_the_session_as_it_was(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on("alpha/images");
    for saved in [0, 10, 100_000] {
        let bytes = pattern(400_000 + saved);
        let mut upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
        let id = upload.id();
        upload.append(Bytes::copy_from_slice(&bytes[..saved])).await.expect("appends");
        assert_eq!(upload.save().await.expect("saves"), saved as u64);
        let again = async || {
            let upload = eventually(|| bench.opened.storage.resume_upload(&may, id)).await.all_or_nothing();
            assert_eq!(upload.offset_bytes(), saved as u64);
            upload
        };
        let rest = |end: usize| Bytes::copy_from_slice(&bytes[saved..end]);
        let mut cut = again().await;
        cut.append(rest(300_000)).await.expect("appends");
        drop(cut);
        let mut given_up = again().await;
        given_up.append(rest(300_000)).await.expect("appends");
        assert_eq!(given_up.save().await.expect("is as it was"), saved as u64);
        let mut wrong = again().await;
        wrong.append(rest(300_001)).await.expect("appends");
        let refused = wrong.verify(&sha256(&bytes)).await.err();
        assert!(matches!(refused, Some(Error::DigestMismatch)), "{refused:?}");
        let mut whole = again().await;
        whole.append(rest(bytes.len())).await.expect("appends");
        link(&bench, whole.verify(&sha256(&bytes)).await.expect("has its digest")).await;
        assert_eq!(read(&bench, "alpha/images", &sha256(&bytes), 0..bytes.len() as u64).await, bytes);
    }
}

async fn another_failure_than_a_wrong_digest_leaves_it_so_too(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for saved in SAVED {
        let id = session(&bench, saved).await;
        let mut upload = again(&bench, id, saved).await;
        upload.append(piece(saved..WHOLE)).await.expect("appends");
        // Found out only when every byte is there.
        let md5 = digest_of(Algorithm::Md5, &piece(0..WHOLE)).expect("a digest");
        let refused = upload.verify(&md5).await.err();
        assert!(matches!(refused, Some(Error::Refused(_))), "{refused:?}");
        if files(&bench) > 0 {
            completes(&bench, id, saved).await;
        }
    }
}

async fn all_or_nothing_rests_beside_its_session(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on::<Publish>("alpha/images");
    for saved in SAVED {
        let id = session(&bench, saved).await;
        let mut upload = again(&bench, id, saved).await;
        upload.rest().await.expect("nothing is nothing to keep");
        let mut sent = saved;
        for next in [saved + 1, saved + 20, 300_000, WHOLE] {
            upload.append(piece(sent..next)).await.expect("goes on");
            sent = next;
            upload.rest().await.expect("rests");
            upload.rest().await.expect("is at rest");
            assert_eq!(storage.upload_offset(&may, id).await.expect("is there"), saved as u64);
        }
        let bytes = pattern(WHOLE);
        link(&bench, upload.verify(&sha256(&bytes)).await.expect("every byte once")).await;
        assert_eq!(read(&bench, "alpha/images", &sha256(&bytes), 0..WHOLE as u64).await, bytes);
    }
}

async fn a_resting_one_gives_way_and_is_mixed_with_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    for saved in SAVED {
        let id = session(&bench, saved).await;
        let mut silent = again(&bench, id, saved).await;
        silent.append(piece(saved..300_000)).await.expect("appends");
        silent.rest().await.expect("rests");
        let Ok(other) = bench.opened.storage.resume_upload(&may, id).await else {
            // Where objects are written whole it keeps its place.
            silent.append(piece(300_000..WHOLE)).await.expect("goes on");
            assert!(silent.verify(&sha256(&pattern(WHOLE))).await.is_ok());
            continue;
        };
        let mut other = other.all_or_nothing();
        assert_eq!(other.offset_bytes(), saved as u64);
        // Other bytes of the same length, which are then given up: the row says as little of them as before.
        other.append(Bytes::from(vec![7; 300_000 - saved])).await.expect("appends");
        let busy = silent.append(Bytes::from_static(b"late")).await;
        assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
        assert_eq!(other.save().await.expect("is as it was"), saved as u64);
        let late = silent.append(piece(300_000..WHOLE)).await;
        assert!(matches!(late, Err(Error::Busy)), "the session has gone on: {late:?}");
        drop(silent);
        completes(&bench, id, saved).await;
    }
}

async fn a_resting_one_that_is_cut_leaves_the_session_as_it_was(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for saved in SAVED {
        let id = session(&bench, saved).await;
        let mut cut = again(&bench, id, saved).await;
        cut.append(piece(saved..300_000)).await.expect("appends");
        cut.rest().await.expect("rests");
        drop(cut);
        let mut wrong = again(&bench, id, saved).await;
        wrong.append(piece(saved..200_000)).await.expect("appends");
        wrong.rest().await.expect("rests");
        wrong.append(Bytes::from_static(b"others")).await.expect("goes on");
        let refused = wrong.verify(&sha256(&pattern(WHOLE))).await.err();
        assert!(matches!(refused, Some(Error::DigestMismatch)), "{refused:?}");
        completes(&bench, id, saved).await;
    }
}

async fn a_cancelled_session_takes_what_rested_beside_it_along(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    let id = session(&bench, 10).await;
    let mut silent = again(&bench, id, 10).await;
    silent.append(piece(10..300_000)).await.expect("appends");
    silent.rest().await.expect("rests");
    drop(silent);
    eventually(|| bench.opened.storage.cancel_upload(&may, id)).await;
    assert_eq!(files(&bench), 0);
}
