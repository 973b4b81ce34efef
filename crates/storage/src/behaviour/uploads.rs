use bytes::Bytes;
use domain::{Algorithm, Publish, Read};
use futures_util::{StreamExt as _, poll};

use super::{sha256, stories, two_projects};
use crate::testing::{Bench, Place, eventually};
use crate::{
    Batch, ContentError, Fault, SweepCursor, Upload, UploadError as Error, Verified, Worked, hashing,
};

stories! {
    bytes_come_back_whole_and_in_ranges
    wrong_bytes_are_discarded
    sha512_is_computed_from_what_is_there
    a_saved_upload_goes_on_after_a_restart
    a_lost_connection_keeps_what_arrived
    one_writer_at_a_time
    a_session_belongs_to_its_repository_and_principal
    a_cancelled_upload_is_gone
    an_empty_blob_is_a_blob
    the_same_bytes_are_stored_once
    too_much_is_refused
    many_verified_ones_wait_for_one_commit
    abandoned_uploads_are_swept
    a_refused_batch_leaves_no_bytes
    a_resting_upload_holds_nothing_and_goes_on
    a_resting_upload_gives_way_to_another_request
    a_resting_upload_keeps_its_other_digests
    the_oldest_of_too_many_sessions_are_given_up
    a_withdrawn_right_ends_uploads_and_keeps_names
}

/// Some bytes that repeat at no power of two.
pub(super) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).expect("below 251")).collect()
}

pub(super) async fn link(bench: &Bench, upload: Upload<Verified>) {
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    bench
        .opened
        .storage
        .commit(bench.on::<Publish>("alpha/images"), None, batch)
        .await
        .expect("a plain upload commits");
}

pub(super) async fn read(
    bench: &Bench,
    repository: &str,
    digest: &domain::Digest,
    range: std::ops::Range<u64>,
) -> Vec<u8> {
    let blob =
        bench.opened.storage.open_blob(&bench.on::<Read>(repository), digest).await.expect("it is linked");
    let mut stream = blob.stream(range).await.expect("its first bytes are here");
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.expect("it is readable");
        assert!(!piece.is_empty() && piece.len() <= 256 * 1024, "a piece of {} bytes", piece.len());
        all.extend_from_slice(&piece);
    }
    all
}

/// How many files the place has below `blobs`; 0 where there is no directory.
pub(super) fn files(bench: &Bench) -> usize {
    let Some(root) = bench.place.directory() else { return 0 };
    let Ok(shards) = std::fs::read_dir(root.join("blobs")) else { return 0 };
    shards.flatten().filter_map(|shard| std::fs::read_dir(shard.path()).ok()).map(Iterator::count).sum()
}

async fn bytes_come_back_whole_and_in_ranges(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for length in [1usize, 100, 70_000, 600_000] {
        let bytes = pattern(length);
        let digest = sha256(&bytes);
        let may = bench.on::<Publish>("alpha/images");
        let mut upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
        for chunk in bytes.chunks(9_973) {
            upload.append(Bytes::copy_from_slice(chunk)).await.expect("appends");
        }
        assert_eq!(upload.offset_bytes(), length as u64);
        let upload = upload.verify(&digest).await.expect("has its digest");
        assert_eq!((upload.digest(), upload.size_bytes()), (&digest, length as u64));
        let early = bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &digest).await;
        assert!(matches!(early, Err(ContentError::Absent)), "visible before its row: {early:?}");
        link(&bench, upload).await;
        let info = bench
            .opened
            .storage
            .stat_blob(&bench.on::<Publish>("alpha/images"), &digest)
            .await
            .expect("linked");
        assert_eq!((info.size_bytes, info.digest), (length as u64, digest));
        let end = length as u64;
        for range in [0..end, 0..1, end - 1..end, end / 3..end / 2, end..end, 5..end + 100] {
            let from = usize::try_from(range.start).expect("small").min(length);
            let to = usize::try_from(range.end).expect("small").min(length).max(from);
            assert_eq!(
                read(&bench, "alpha/images", &digest, range.clone()).await,
                &bytes[from..to],
                "{range:?}"
            );
        }
    }
}

async fn wrong_bytes_are_discarded(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    let mut upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let id = upload.id();
    upload.append(Bytes::from_static(b"these")).await.expect("appends");
    let refused = upload.verify(&sha256(b"those")).await.err();
    assert!(matches!(refused, Some(Error::DigestMismatch)), "{refused:?}");
    let gone = bench.opened.storage.upload_offset(&may, id).await;
    assert!(matches!(gone, Err(Error::UnknownUpload)), "{gone:?}");
    assert_eq!(files(&bench), 0);
}

async fn sha512_is_computed_from_what_is_there(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = Bytes::from(pattern(300_000));
    let sha512 = hashing::digest_of(Algorithm::Sha512, &bytes).expect("known");
    let may = bench.on::<Publish>("alpha/images");
    let upload =
        bench.opened.storage.verified_bytes(&may, bytes.clone(), Some(&sha512)).await.expect("has it");
    assert_eq!(upload.digest(), &sha512);
    link(&bench, upload).await;
    assert_eq!(read(&bench, "alpha/images", &sha512, 0..400_000).await, bytes);
    assert_eq!(read(&bench, "alpha/images", &sha256(&bytes), 0..400_000).await, bytes);
    let wrong = hashing::digest_of(Algorithm::Sha512, &Bytes::from_static(b"other")).expect("known");
    let refused = bench.opened.storage.verified_bytes(&may, bytes, Some(&wrong)).await.err();
    assert!(matches!(refused, Some(Error::DigestMismatch)), "{refused:?}");
}

async fn a_saved_upload_goes_on_after_a_restart(place: Place) {
    let mut bench = Bench::with(place, two_projects()).await;
    let bytes = pattern(523_456);
    let digest = sha256(&bytes);
    let upload = bench.opened.storage.begin_upload(&bench.on("alpha/images")).await.expect("begins");
    let id = upload.id();
    assert_eq!(upload.save().await.expect("an empty session is stored"), 0);
    let mut sent = 0;
    for next in [0, 1, 12, 300_001, 300_001, 523_455] {
        if bench.place.survives() {
            bench = bench.reopened().await;
        }
        let may = bench.on("alpha/images");
        let mut upload = bench.opened.storage.resume_upload(&may, id).await.expect("goes on");
        assert_eq!(upload.offset_bytes(), sent as u64);
        upload.append(Bytes::copy_from_slice(&bytes[sent..next])).await.expect("appends");
        sent = next;
        assert_eq!(upload.save().await.expect("saves"), sent as u64);
        assert_eq!(bench.opened.storage.upload_offset(&may, id).await.expect("is known"), sent as u64);
    }
    let mut upload =
        bench.opened.storage.resume_upload(&bench.on("alpha/images"), id).await.expect("goes on");
    upload.append(Bytes::copy_from_slice(&bytes[sent..])).await.expect("appends");
    link(&bench, upload.verify(&digest).await.expect("is whole")).await;
    assert_eq!(read(&bench, "alpha/images", &digest, 0..600_000).await, bytes);
    if bench.place.survives() {
        bench = bench.reopened().await;
        assert_eq!(read(&bench, "alpha/images", &digest, 0..600_000).await, bytes, "after one more restart");
    }
    let gone = bench.opened.storage.upload_offset(&bench.on("alpha/images"), id).await;
    assert!(matches!(gone, Err(Error::UnknownUpload)), "{gone:?}");
}

async fn a_lost_connection_keeps_what_arrived(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = pattern(400_000);
    let may = bench.on("alpha/images");
    let upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let id = upload.id();
    upload.save().await.expect("saves");
    let mut upload = bench.opened.storage.resume_upload(&may, id).await.expect("goes on");
    upload.append(Bytes::copy_from_slice(&bytes[..300_000])).await.expect("appends");
    drop(upload);
    let mut upload = eventually(|| bench.opened.storage.resume_upload(&may, id)).await;
    assert_eq!(upload.offset_bytes(), 300_000);
    upload.append(Bytes::copy_from_slice(&bytes[300_000..])).await.expect("appends");
    assert!(upload.verify(&sha256(&bytes)).await.is_ok());
}

async fn one_writer_at_a_time(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on("alpha/images");
    let upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let id = upload.id();
    upload.save().await.expect("saves");
    let first = bench.opened.storage.resume_upload(&may, id).await.expect("goes on");
    let second = bench.opened.storage.resume_upload(&may, id).await.err();
    assert!(matches!(second, Some(Error::Busy)), "{second:?}");
    assert!(matches!(bench.opened.storage.cancel_upload(&may, id).await, Err(Error::Busy)));
    drop(first);
    assert!(bench.opened.storage.resume_upload(&may, id).await.is_ok());
}

async fn a_session_belongs_to_its_repository_and_principal(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let upload = bench.opened.storage.begin_upload(&bench.on("alpha/images")).await.expect("begins");
    let id = upload.id();
    upload.save().await.expect("saves");
    for foreign in
        [bench.by::<Publish>(16, "beta/images"), bench.by(17, "alpha/images"), bench.by(17, "beta/images")]
    {
        let storage = &bench.opened.storage;
        assert!(matches!(storage.upload_offset(&foreign, id).await, Err(Error::UnknownUpload)));
        assert!(matches!(storage.resume_upload(&foreign, id).await.err(), Some(Error::UnknownUpload)));
        assert!(matches!(storage.cancel_upload(&foreign, id).await, Err(Error::UnknownUpload)));
    }
    assert_eq!(bench.opened.storage.upload_offset(&bench.on("alpha/images"), id).await.expect("its own"), 0);
}

async fn a_cancelled_upload_is_gone(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on("alpha/images");
    let mut upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let id = upload.id();
    upload.append(Bytes::from(pattern(300_000))).await.expect("appends");
    upload.save().await.expect("saves");
    bench.opened.storage.cancel_upload(&may, id).await.expect("is cancelled");
    assert!(matches!(bench.opened.storage.cancel_upload(&may, id).await, Err(Error::UnknownUpload)));
    assert_eq!(files(&bench), 0);
}

async fn an_empty_blob_is_a_blob(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let upload = bench.opened.storage.begin_upload(&bench.on("alpha/images")).await.expect("begins");
    let digest = sha256(b"");
    link(&bench, upload.verify(&digest).await.expect("nothing has a digest too")).await;
    assert_eq!(read(&bench, "alpha/images", &digest, 0..10).await, b"");
    let info =
        bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &digest).await.expect("linked");
    assert_eq!(info.size_bytes, 0);
}

async fn the_same_bytes_are_stored_once(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let bytes = Bytes::from(pattern(100_000));
    let digest = sha256(&bytes);
    let may = || bench.on::<Publish>("alpha/images");
    let uploads = futures_util::future::join_all((0..8).map(|_| async {
        let (may, bytes) = (may(), bytes.clone());
        bench.opened.storage.verified_bytes(&may, bytes, Some(&digest)).await.expect("verifies")
    }))
    .await;
    futures_util::future::join_all(uploads.into_iter().map(|upload| link(&bench, upload))).await;
    assert_eq!(read(&bench, "alpha/images", &digest, 0..100_000).await, bytes);
    if files(&bench) > 0 {
        assert_eq!(files(&bench), 1);
    }
    let elsewhere = bench.opened.storage.stat_blob(&bench.on::<Read>("beta/images"), &digest).await;
    assert!(
        matches!(elsewhere, Err(ContentError::Absent)),
        "stored once is not readable everywhere: {elsewhere:?}"
    );
}

async fn too_much_is_refused(place: Place) {
    let limits = crate::StorageLimits { upload_bytes_max: 1000, uploads_max: 4, ..Default::default() };
    let bench = Bench::with(place.limited(limits), two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on("alpha/images");
    let mut first = storage.begin_upload(&may).await.expect("begins");
    first.append(Bytes::from(pattern(1000))).await.expect("just fits");
    let over = first.append(Bytes::from_static(b"x")).await;
    assert!(matches!(over, Err(Error::TooLarge { bytes_max: 1000 })), "{over:?}");
    // A quarter of the places is one, and one request may wait for it.
    let mut waiting = std::pin::pin!(storage.begin_upload(&may));
    assert!(poll!(waiting.as_mut()).is_pending());
    let refused = storage.begin_upload(&may).await.err();
    assert!(matches!(refused, Some(Error::Fault(Fault::Crowded))), "{refused:?}");
    let others = [17, 18, 19].map(|principal| bench.by::<Publish>(principal, "alpha/images"));
    let mut theirs = Vec::new();
    for other in &others {
        theirs.push(storage.begin_upload(other).await.expect("others have places of their own"));
    }
    drop(first);
    drop(waiting.await.expect("its turn"));
}

async fn many_verified_ones_wait_for_one_commit(place: Place) {
    let limits = crate::StorageLimits { uploads_max: 4, ..Default::default() };
    let bench = Bench::with(place.limited(limits), two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on::<Publish>("alpha/images");
    let mut uploads = Vec::new();
    for number in 0..3 {
        let mut upload = storage.begin_upload(&may).await.expect("the only place");
        let id = upload.id();
        upload.append(Bytes::from(pattern(1000 + number))).await.expect("appends");
        uploads.push(upload.verify_any().await.expect("is whole"));
        let other = storage.resume_upload(&may, id).await.err();
        assert!(matches!(other, Some(Error::Busy | Error::UnknownUpload)), "{other:?}");
    }
    let batch = Batch { uploads, ..Batch::default() };
    storage.commit(may, None, batch).await.expect("all at once");
    assert_eq!(read(&bench, "alpha/images", &sha256(&pattern(1002)), 0..1002).await, pattern(1002));
}

async fn abandoned_uploads_are_swept(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on("alpha/images");
    let mut old = storage.begin_upload(&may).await.expect("begins");
    let old_id = old.id();
    old.append(Bytes::from(pattern(300_000))).await.expect("appends");
    old.save().await.expect("saves");
    let kept = storage.verified_bytes(&may, Bytes::from_static(b"kept"), None).await.expect("verifies");
    let kept_digest = *kept.digest();
    link(&bench, kept).await;
    bench.clock.advance_secs(3600);
    let young = storage.begin_upload(&may).await.expect("begins");
    let young_id = young.id();
    young.save().await.expect("saves");
    let before = domain::Timestamp::from_millis(domain::Clock::now(&*bench.clock).millis() - 1);
    let held = storage.resume_upload(&may, old_id).await.expect("goes on");
    let lease = bench.working("uploads").await;
    let mut cursor = SweepCursor::default();
    let mut sweep = async || storage.sweep_uploads(&lease, before, &mut cursor).await.expect("sweeps");
    assert_eq!(sweep().await, Worked::default(), "somebody writes to it");
    drop(held);
    assert_eq!(sweep().await, Worked { items: 1, failed: 0 });
    assert_eq!(sweep().await, Worked::default());
    assert!(matches!(storage.upload_offset(&may, old_id).await, Err(Error::UnknownUpload)));
    assert_eq!(storage.upload_offset(&may, young_id).await.expect("is young"), 0);
    assert_eq!(read(&bench, "alpha/images", &kept_digest, 0..10).await, b"kept");
    assert!(files(&bench) <= 1, "{} files are left", files(&bench));
}

async fn a_refused_batch_leaves_no_bytes(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on::<Publish>("alpha/images");
    let upload = bench
        .opened
        .storage
        .verified_bytes(&may, Bytes::from_static(b"refused"), None)
        .await
        .expect("verifies");
    let batch = Batch {
        uploads: vec![upload],
        preconditions: vec![crate::Precondition::Linked(sha256(b"absent"))],
        ..Batch::default()
    };
    let refused = bench.opened.storage.commit(may, None, batch).await;
    assert!(
        matches!(&refused, Err(ContentError::Unlinked { digests }) if *digests == [sha256(b"absent")]),
        "{refused:?}"
    );
    let stat = bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &sha256(b"refused")).await;
    assert!(matches!(stat, Err(ContentError::Absent)), "{stat:?}");
    eventually(|| async { if files(&bench) == 0 { Ok(()) } else { Err(Error::Busy) } }).await;
}

async fn a_resting_upload_holds_nothing_and_goes_on(place: Place) {
    let limits = crate::StorageLimits { uploads_max: 1, ..Default::default() };
    let bench = Bench::with(place.limited(limits), two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on("alpha/images");
    let bytes = pattern(700_000);
    let mut upload = storage.begin_upload(&may).await.expect("begins");
    upload.rest().await.expect("nothing is nothing to save");
    let mut sent = 0;
    for next in [1, 100, 300_000, 300_001, 700_000] {
        upload.append(Bytes::copy_from_slice(&bytes[sent..next])).await.expect("goes on");
        sent = next;
        upload.rest().await.expect("rests");
        upload.rest().await.expect("is at rest");
        assert_eq!(storage.upload_offset(&may, upload.id()).await.expect("is saved"), sent as u64);
        // The only place is free.
        let other = storage.verified_bytes(&may, Bytes::from(vec![9; next]), None).await.expect("another");
        link(&bench, other).await;
    }
    let digest = sha256(&bytes);
    link(&bench, upload.verify(&digest).await.expect("every byte once")).await;
    assert_eq!(read(&bench, "alpha/images", &digest, 0..700_000).await, bytes);
}

async fn a_resting_upload_gives_way_to_another_request(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on("alpha/images");
    let mut silent = storage.begin_upload(&may).await.expect("begins");
    let id = silent.id();
    silent.append(Bytes::from_static(b"hello ")).await.expect("appends");
    silent.rest().await.expect("rests");
    let mut other = storage.resume_upload(&may, id).await.expect("goes on with it");
    assert_eq!(other.offset_bytes(), 6);
    let busy = silent.append(Bytes::from_static(b"late")).await;
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    other.append(Bytes::from_static(b"wor")).await.expect("appends");
    assert_eq!(other.save().await.expect("saves"), 9);
    let late = silent.append(Bytes::from_static(b"late")).await;
    assert!(matches!(late, Err(Error::Busy)), "the session has gone on: {late:?}");
    drop(silent);
    let mut last = storage.resume_upload(&may, id).await.expect("goes on");
    last.append(Bytes::from_static(b"ld")).await.expect("appends");
    assert!(last.verify(&sha256(b"hello world")).await.is_ok());
}

async fn a_resting_upload_keeps_its_other_digests(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let may = bench.on("alpha/images");
    let upload = bench.opened.storage.begin_upload(&may).await.expect("begins");
    let mut upload = upload.hashed_also(&[Algorithm::Md5]);
    upload.append(Bytes::from_static(b"hello ")).await.expect("appends");
    upload.rest().await.expect("rests");
    upload.append(Bytes::from_static(b"world")).await.expect("goes on");
    let upload = upload.verify_any().await.expect("is whole");
    let md5 = hashing::digest_of(Algorithm::Md5, &Bytes::from_static(b"hello world")).expect("known");
    assert_eq!(upload.digests(), [sha256(b"hello world"), md5]);
}

async fn the_oldest_of_too_many_sessions_are_given_up(place: Place) {
    let limits = crate::StorageLimits { uploads_saved_max: 3, ..Default::default() };
    let bench = Bench::with(place.limited(limits), two_projects()).await;
    let storage = &bench.opened.storage;
    let may = bench.on("alpha/images");
    let other = bench.by::<Publish>(17, "alpha/images");
    let saved = async |may| {
        let mut upload = storage.begin_upload(may).await.expect("begins");
        let id = upload.id();
        upload.append(Bytes::from_static(b"begun")).await.expect("appends");
        upload.save().await.expect("saves");
        bench.clock.advance_secs(1);
        id
    };
    let theirs = saved(&other).await;
    let oldest = saved(&may).await;
    let written = saved(&may).await;
    let held = storage.resume_upload(&may, written).await.expect("goes on");
    for _ in 0..3 {
        saved(&may).await;
    }
    let gone = storage.upload_offset(&may, oldest).await;
    assert!(matches!(gone, Err(Error::UnknownUpload)), "{gone:?}");
    assert_eq!(storage.upload_offset(&may, written).await.expect("somebody writes to it"), 5);
    assert_eq!(storage.upload_offset(&other, theirs).await.expect("another principal's"), 5);
    drop(held);
}

async fn a_withdrawn_right_ends_uploads_and_keeps_names(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let storage = &bench.opened.storage;
    let (may, delete) = (bench.on::<Publish>("alpha/images"), bench.on::<domain::Delete>("alpha/images"));
    let kept = storage.verified_bytes(&may, Bytes::from_static(b"kept"), None).await.expect("verifies");
    let kept_digest = *kept.digest();
    link(&bench, kept).await;
    let mut silent = storage.begin_upload(&may).await.expect("begins");
    silent.append(Bytes::from_static(b"begun")).await.expect("appends");
    let late = storage.verified_bytes(&may, Bytes::from_static(b"late"), None).await.expect("verifies");
    let reader = bench.on::<Read>("alpha/images");
    bench.withdraw();
    let ended = silent.rest().await;
    assert!(matches!(ended, Err(Error::Denied(_))), "{ended:?}");
    silent.cancel().await.expect("is given up");
    let batch = Batch { uploads: vec![late], ..Batch::default() };
    let refused = storage.commit(may, None, batch).await;
    assert!(matches!(refused, Err(ContentError::Denied(_))), "{refused:?}");
    let refused = storage.remove(delete, vec![crate::Removal::Link(kept_digest)]).await;
    assert!(matches!(refused, Err(ContentError::Denied(_))), "{refused:?}");
    bench.refresh().await;
    assert!(matches!(storage.stat_blob(&reader, &sha256(b"late")).await, Err(ContentError::Absent)));
    assert_eq!(read(&bench, "alpha/images", &kept_digest, 0..10).await, b"kept");
    eventually(|| async { if files(&bench) <= 1 { Ok(()) } else { Err(Error::Busy) } }).await;
}
