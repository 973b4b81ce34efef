use bytes::Bytes;
use domain::{Algorithm, Publish, Read};
use futures_util::StreamExt as _;

use super::{sha256, stories, two_projects};
use crate::testing::{Bench, Place, eventually, system};
use crate::{Batch, Error, Upload, Verified, hashing};

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
    abandoned_uploads_are_swept
    a_refused_batch_leaves_no_bytes
}

/// Some bytes that repeat at no power of two.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).expect("below 251")).collect()
}

async fn link(bench: &Bench, upload: Upload<Verified>) {
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    bench
        .opened
        .storage
        .commit(bench.on::<Publish>("alpha/images"), None, batch)
        .await
        .expect("a plain upload commits");
}

async fn read(
    bench: &Bench,
    repository: &str,
    digest: &domain::Digest,
    range: std::ops::Range<u64>,
) -> Vec<u8> {
    let blob =
        bench.opened.storage.open_blob(&bench.on::<Read>(repository), digest).await.expect("it is linked");
    let mut stream = blob.stream(range);
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.expect("it is readable");
        assert!(!piece.is_empty() && piece.len() <= 256 * 1024, "a piece of {} bytes", piece.len());
        all.extend_from_slice(&piece);
    }
    all
}

/// How many files the place has below `blobs`; 0 where there is no directory.
fn files(bench: &Bench) -> usize {
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
        assert_eq!((upload.digest(), upload.size_bytes()), (Some(&digest), length as u64));
        let early = bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &digest).await;
        assert!(matches!(early, Err(Error::Absent)), "visible before its row: {early:?}");
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
    assert_eq!(upload.digest(), Some(&sha512));
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
    assert!(matches!(elsewhere, Err(Error::Absent)), "stored once is not readable everywhere: {elsewhere:?}");
}

async fn too_much_is_refused(place: Place) {
    let limits = crate::StorageLimits { upload_bytes_max: 1000, uploads_max: 2, ..Default::default() };
    let bench = Bench::with(place.limited(limits), two_projects()).await;
    let may = bench.on("alpha/images");
    let mut first = bench.opened.storage.begin_upload(&may).await.expect("begins");
    first.append(Bytes::from(pattern(1000))).await.expect("just fits");
    let over = first.append(Bytes::from_static(b"x")).await;
    assert!(matches!(over, Err(Error::TooLarge { bytes_max: 1000 })), "{over:?}");
    let _second = bench.opened.storage.begin_upload(&may).await.expect("begins");
    assert!(matches!(bench.opened.storage.begin_upload(&may).await.err(), Some(Error::Full)));
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
    let kept_digest = *kept.digest().expect("verified");
    link(&bench, kept).await;
    bench.clock.advance_secs(3600);
    let young = storage.begin_upload(&may).await.expect("begins");
    let young_id = young.id();
    young.save().await.expect("saves");
    let before = domain::Timestamp::from_millis(domain::Clock::now(&*bench.clock).millis() - 1);
    let held = storage.resume_upload(&may, old_id).await.expect("goes on");
    assert_eq!(
        storage.sweep_uploads(&system(), before).await.expect("sweeps").uploads,
        0,
        "somebody writes to it"
    );
    drop(held);
    assert_eq!(storage.sweep_uploads(&system(), before).await.expect("sweeps").uploads, 1);
    assert_eq!(storage.sweep_uploads(&system(), before).await.expect("sweeps").uploads, 0);
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
        matches!(&refused, Err(Error::Unlinked { digests }) if *digests == [sha256(b"absent")]),
        "{refused:?}"
    );
    let stat = bench.opened.storage.stat_blob(&bench.on::<Read>("alpha/images"), &sha256(b"refused")).await;
    assert!(matches!(stat, Err(Error::Absent)), "{stat:?}");
    eventually(|| async { if files(&bench) == 0 { Ok(()) } else { Err(Error::Busy) } }).await;
}
