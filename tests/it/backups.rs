//! Backups by the command line: made, verified and restored while no gateway works on the data, and rows that move to PostgreSQL.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::disk::stored_file;
use crate::support::image::{Image, OCI_MANIFEST, sha256};
use crate::support::postgres::Database;
use crate::support::process::{Launch, Process, Said, run, serve};
use crate::support::{Ask, Folder, Organisation, image};

/// Ends a gateway in good order.
async fn ended(mut gateway: Process) {
    gateway.signal("TERM");
    assert!(gateway.ended().await.success());
}

/// A gateway with an image that somebody pushed, ended again.
async fn filled(folder: &Folder, organisation: &Organisation) -> Image {
    let gateway = serve(folder, organisation).await;
    let layer = vec![7; 300_000];
    let pushed = Image::of(OCI_MANIFEST, &[&layer]);
    gateway.actor(organisation.login("alice")).docker().push("team/app/web:1", &pushed).await.done();
    ended(gateway).await;
    pushed
}

fn wharfinger(folder: &Folder, arguments: &[&str]) -> Said {
    run(folder.root(), arguments, &[])
}

/// Makes a backup; the folder of it.
fn backed_up(folder: &Folder) -> String {
    let line = ["backup", "create", "--to", "backups", "--data", "data", "-o", "json"];
    let said = wharfinger(folder, &line).succeeds();
    assert!(said.err.contains("key file"), "{}", said.err);
    let told: Value = serde_json::from_str(&said.out).expect("a document");
    told["path"].as_str().expect("a path").to_owned()
}

async fn pulls(launch: Launch, organisation: &Organisation, expected: &Image) {
    let gateway = launch.start().await;
    gateway.actor(organisation.login("alice")).docker().pull("team/app/web:1").await.gives(expected);
    let other = image("other");
    gateway.actor(organisation.login("alice")).docker().push("team/app/web:2", &other).await.done();
    ended(gateway).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_backup_holds_is_there_again_with_the_same_tokens() {
    let (folder, organisation) = (Folder::new("backups"), Organisation::team());
    let pushed = filled(&folder, &organisation).await;
    let backup = backed_up(&folder);
    let good = wharfinger(&folder, &["backup", "verify", &backup, "--all"]).succeeds();
    assert!(good.out.contains("are good"), "{}", good.out);
    let restore = |data: &str, tokens: &str| {
        wharfinger(&folder, &["backup", "restore", &backup, "--tokens", tokens, "--data", data])
    };
    let said = restore("again/data", "keep").succeeds();
    assert!(said.err.contains("revoked after the backup"), "{}", said.err);
    let taken = restore("again/data", "keep").fails_with(1);
    assert!(taken.err.contains("empty place only"), "{}", taken.err);
    wharfinger(&folder, &["backup", "restore", &backup, "--data", "third"]).fails_with(2);
    fs::copy(folder.path("data/keys"), folder.path("again/data/keys")).expect("the key file");
    pulls(Launch::new(&folder.path("again")), &organisation, &pushed).await;

    restore("disabled/data", "disable").succeeds();
    let gateway = Launch::new(&folder.path("disabled")).start().await;
    let manifest = Ask::head("/v2/p/team/app/web/manifests/1");
    gateway.actor(organisation.login("alice")).send(manifest).await.is(401);
    ended(gateway).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_at_work_and_a_backup_that_was_altered_are_told() {
    let (folder, organisation) = (Folder::new("backups-told"), Organisation::team());
    filled(&folder, &organisation).await;
    let gateway = serve(&folder, &organisation).await;
    let busy = wharfinger(&folder, &["backup", "create", "--to", "backups", "--data", "data"]).fails_with(1);
    assert!(busy.err.contains("in use by another gateway"), "{}", busy.err);
    ended(gateway).await;
    let none =
        wharfinger(&folder, &["backup", "create", "--to", "backups", "--data", "elsewhere"]).fails_with(1);
    assert!(none.err.contains("nothing of a gateway"), "{}", none.err);
    assert!(fs::symlink_metadata(folder.path("elsewhere")).is_err(), "and nothing is made");
    let backup = backed_up(&folder);
    fs::remove_dir_all(folder.path("backups/contents")).expect("is removed");
    let told = wharfinger(&folder, &["backup", "verify", &backup]).fails_with(10);
    assert!(told.out.contains("0 were read") && told.err.contains("gone or not what"), "{told:?}");
    let layer = stored_file(&folder.path("data"), &[7; 300_000]);
    fs::remove_file(layer).expect("is removed");
    let told = wharfinger(&folder, &["backup", "create", "--to", "backups", "--data", "data"]).fails_with(10);
    assert!(
        told.err.contains(&sha256(&[7; 300_000])) && told.err.contains("1 contents are not in it"),
        "{told:?}"
    );
    let rows = Path::new(&backup).join("rows/entry.jsonl");
    let text = fs::read_to_string(folder.root().join(&rows)).expect("rows");
    fs::write(folder.root().join(&rows), text.replacen("web", "wob", 1)).expect("is written");
    let told = wharfinger(&folder, &["backup", "verify", &backup]).fails_with(1);
    assert!(told.err.contains("not as it was written"), "{}", told.err);
    let told = wharfinger(&folder, &["backup", "verify", "nowhere"]).fails_with(1);
    assert!(told.err.contains("without it there is no backup"), "{}", told.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_move_to_postgresql_and_those_left_behind_are_not_used_again() {
    let Some(database) = Database::create() else { return };
    let (folder, organisation) = (Folder::new("backups-moved"), Organisation::team());
    let pushed = filled(&folder, &organisation).await;
    let url = database.url();
    let migrate = || wharfinger(&folder, &["db", "migrate", "--to", &url, "--data", "data"]);
    let said = migrate().succeeds();
    assert!(said.out.contains("were moved"), "{}", said.out);
    let again = migrate().fails_with(1);
    assert!(again.err.contains("were moved to another database"), "{}", again.err);
    let left = run(folder.root(), &["serve", "--listen", "127.0.0.1:0", "--data", "data"], &[]).fails_with(1);
    assert!(left.err.contains("wharfinger.db.moved"), "{}", left.err);
    let launch = Launch::new(folder.root()).set("STORAGE__DATABASE_URL", &url);
    pulls(launch, &organisation, &pushed).await;
    let odd = wharfinger(&folder, &["db", "migrate", "--to", "mysql://x", "--data", "data"]).fails_with(2);
    assert!(odd.err.contains("postgres://"), "{}", odd.err);
}
