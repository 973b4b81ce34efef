//! Backups: what they hold, what is told of bad ones, and what is there once one was restored.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::{Publish, Read, TokenState};

use super::uploads::{pattern, read};
use super::{push, sha256, stories, tag, two_projects};
use crate::testing::{Bench, Place, fresh_directory, system};
use crate::{
    BackedUp, BackupDocument, BackupError, Batch, ContentError, Depth, Restored, TokensAfter, restore, verify,
};

stories! {
    what_is_restored_is_what_was_there
    a_backup_copies_what_the_target_lacks
    what_is_wrong_with_a_backup_is_told
    a_restore_goes_into_an_empty_place
    rows_move_to_another_database_and_tokens_can_be_disabled
    contents_that_are_gone_are_told_and_heal
    no_key_leads_out_of_the_place
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn folder() -> Folder {
    Folder(fresh_directory())
}

async fn bring(bench: &Bench, repository: &str, bytes: &[u8]) {
    let may = bench.on::<Publish>(repository);
    let storage = &bench.opened.storage;
    let upload =
        storage.verified_bytes(&may, Bytes::copy_from_slice(bytes), None).await.expect("is verified");
    let batch = Batch { uploads: vec![upload], ..Batch::default() };
    storage.commit(may, None, batch).await.expect("is linked");
}

/// Two projects, an image and a layer.
async fn filled(place: Place) -> Bench {
    let bench = Bench::with(place, two_projects()).await;
    push(&bench, "alpha/images", b"a manifest", "one", false).await.expect("is new");
    bring(&bench, "beta/images", &pattern(140_000)).await;
    bench
}

async fn backed_up(bench: &Bench, target: &Folder) -> BackedUp {
    bench.opened.storage.back_up(&system(), &target.0).await.expect("is made")
}

async fn restored(bench: &Bench, backup: &Path, place: &Place) -> Result<Restored, BackupError> {
    let to = (place.config().database, place.directory().expect("a folder").as_path());
    let now = bench.opened.storage.now();
    restore(&system(), backup, to, (TokensAfter::Keep, now)).await
}

/// Rows of the tables that a restore leaves as they are.
fn rows(document: &BackupDocument) -> Vec<(&str, u64, Option<i64>)> {
    let own = ["audit", "audit_head", "policy_version"];
    let tables = document.tables.iter().filter(|table| !own.contains(&table.name.as_str()));
    tables.map(|table| (table.name.as_str(), table.rows, table.last_id)).collect()
}

/// An empty place for each engine that is here.
fn empty_places() -> Vec<Place> {
    [Some(Place::disk()), Place::postgres()].into_iter().flatten().collect()
}

async fn what_is_restored_is_what_was_there(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let layer = sha256(&pattern(140_000));
    let made = backed_up(&bench, &target).await;
    let facts = bench.facts().await;
    for place in empty_places() {
        let done = restored(&bench, &made.path, &place).await.expect("is restored");
        assert_eq!((done.damaged, done.disabled_tokens), (0, 0));
        let there = Bench::open(place).await;
        assert_ne!(there.point().await.epoch, bench.point().await.epoch, "it is another history");
        assert_eq!(there.facts().await.repositories, facts.repositories);
        assert_eq!(read(&there, "beta/images", &layer, 0..u64::MAX).await, pattern(140_000));
        let (storage, may) = (&there.opened.storage, there.on::<Read>("alpha/images"));
        let found = storage.entry(&may, &tag("one")).await.expect("is there");
        assert_eq!(storage.content(&may, &found).await.expect("is read"), "a manifest");
        let again = backed_up(&there, &folder()).await;
        assert_eq!(rows(&again.document), rows(&made.document));
        assert_eq!(again.document.contents.bytes, made.document.contents.bytes);
        push(&there, "alpha/images", b"another manifest", "two", false).await.expect("ids go on");
    }
}

async fn a_backup_copies_what_the_target_lacks(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let first = backed_up(&bench, &target).await;
    assert_eq!((first.copied, first.copied_bytes), (2, 140_010));
    let second = backed_up(&bench, &target).await;
    assert_eq!((second.copied, second.document.contents.count), (0, 2));
    assert_ne!(first.path, second.path);
    bring(&bench, "alpha/images", &pattern(70_000)).await;
    let third = backed_up(&bench, &target).await;
    assert_eq!((third.copied, third.copied_bytes, third.document.contents.count), (1, 70_000, 3));
    for made in [first, second, third] {
        let checked = verify(&made.path, &folder().0, Depth::All).await.expect("is good");
        assert!(checked.is_good() && checked.read == made.document.contents.count, "{checked:?}");
    }
}

async fn what_is_wrong_with_a_backup_is_told(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let BackedUp { path, document, .. } = backed_up(&bench, &target).await;
    let blobs = path.join("rows/blob.jsonl");
    let whole = fs::read_to_string(&blobs).expect("is read");
    let [other, short] = [whole.replace("140000", "140001"), whole[..whole.len() / 2].to_owned()];
    for wrong in [other, short, format!("{whole}[1]\n")] {
        fs::write(&blobs, wrong).expect("is written");
        let told = verify(&path, &folder().0, Depth::Sample).await;
        assert!(matches!(told, Err(BackupError::Damaged { .. })), "{told:?}");
        let place = Place::disk();
        let told = restored(&bench, &path, &place).await;
        assert!(matches!(told, Err(BackupError::Damaged { .. })), "{told:?}");
        let left = place.directory().expect("a folder").join("wharfinger.db");
        assert!(fs::symlink_metadata(left).is_err(), "nothing half is left");
    }
    fs::write(&blobs, whole).expect("is written");
    verify(&path, &folder().0, Depth::Sample).await.expect("is good again");
    let newer = BackupDocument { schema: 100_000, program: "9.9".to_owned(), ..document };
    let text = serde_json::to_string(&newer).expect("a document");
    fs::write(path.join("backup.json"), text).expect("is written");
    let told = verify(&path, &folder().0, Depth::Sample).await;
    assert!(matches!(told, Err(BackupError::Newer { schema: 100_000, .. })), "{told:?}");
    fs::remove_file(path.join("backup.json")).expect("is removed");
    let told = verify(&path, &folder().0, Depth::Sample).await;
    assert!(matches!(told, Err(BackupError::File { .. })), "{told:?}");
}

async fn a_restore_goes_into_an_empty_place(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let made = backed_up(&bench, &target).await;
    for place in empty_places() {
        restored(&bench, &made.path, &place).await.expect("is empty");
        let told = restored(&bench, &made.path, &place).await;
        assert!(matches!(told, Err(BackupError::NotEmpty(_))), "{told:?}");
        fs::remove_dir_all(place.directory().expect("a folder").join("blobs")).expect("is removed");
        let told = restored(&bench, &made.path, &place).await;
        assert!(matches!(told, Err(BackupError::NotEmpty(_))), "rows alone: {told:?}");
    }
}

async fn contents_that_are_gone_are_told_and_heal(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let (layer, made) = (pattern(140_000), backed_up(&bench, &target).await);
    let copies = fs::read_dir(target.0.join("contents/blobs")).expect("a folder").flat_map(|shard| {
        fs::read_dir(shard.expect("a folder").path())
            .expect("a folder")
            .map(|file| file.expect("a file").path())
    });
    let copy = copies.into_iter().find(|path| fs::read(path).is_ok_and(|there| there == layer));
    let mut altered = layer.clone();
    altered[7] ^= 1;
    fs::write(copy.expect("was copied"), &altered).expect("is altered");
    let checked = verify(&made.path, &folder().0, Depth::All).await.expect("the rows are good");
    assert!(!checked.is_good() && checked.wrong_count == 1 && checked.wrong.len() == 1, "{checked:?}");
    let place = Place::disk();
    assert_eq!(restored(&bench, &made.path, &place).await.expect("all else is there").damaged, 1);
    let there = Bench::open(place).await;
    let gone = there.opened.storage.open_blob(&there.on::<Read>("beta/images"), &sha256(&layer)).await;
    assert!(matches!(gone, Err(ContentError::Absent | ContentError::Fault(_))), "nothing wrong is served");
    bring(&there, "beta/images", &layer).await;
    assert_eq!(read(&there, "beta/images", &sha256(&layer), 0..u64::MAX).await, layer);
}

async fn no_key_leads_out_of_the_place(place: Place) {
    let (bench, target) = (filled(place).await, folder());
    let made = backed_up(&bench, &target).await;
    let list = made.path.join("contents.jsonl");
    let text = fs::read_to_string(&list).expect("is read");
    let key = text.split('"').nth(1).expect("a key").to_owned();
    fs::write(&list, text.replacen(&key, "blobs/../../evil", 1)).expect("is written");
    let place = Place::disk();
    let told = restored(&bench, &made.path, &place).await;
    assert!(matches!(told, Err(BackupError::Damaged { .. })), "{told:?}");
    let evil = place.directory().expect("a folder").parent().expect("one above").join("evil");
    assert!(fs::symlink_metadata(evil).is_err());
}

async fn rows_move_to_another_database_and_tokens_can_be_disabled(place: Place) {
    let bench = Bench::with(place, super::tokens::alice(vec![super::tokens::spec(1, "laptop")], None)).await;
    push(&bench, "alpha/images", b"a manifest", "one", false).await.expect("is new");
    let states = async |bench: &Bench| {
        let facts = bench.credentials().await;
        facts.tokens.iter().map(|token| token.state).collect::<Vec<_>>()
    };
    for place in empty_places() {
        let to = place.config().database;
        let moved = bench.opened.storage.move_rows(&system(), to.clone(), &folder().0).await.expect("moves");
        let again = bench.opened.storage.move_rows(&system(), to, &folder().0).await;
        assert!(matches!(again, Err(BackupError::NotEmpty(_))), "{again:?}");
        let there = Bench::open(place).await;
        assert_eq!(states(&there).await, [TokenState::Active]);
        assert_eq!(rows(&backed_up(&there, &folder()).await.document).len(), rows(&moved).len());
    }
    let (target, place) = (folder(), Place::disk());
    let made = backed_up(&bench, &target).await;
    let to = (place.config().database, place.directory().expect("a folder").as_path());
    let told = (TokensAfter::Disable, bench.opened.storage.now());
    assert_eq!(restore(&system(), &made.path, to, told).await.expect("is restored").disabled_tokens, 1);
    assert_eq!(states(&Bench::open(place).await).await, [TokenState::Disabled]);
}
