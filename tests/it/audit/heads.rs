//! Where the chain stands is written to where the database is not, so that one that was made anew is told by it.

use rusqlite::Connection;
use serde_json::json;

use crate::support::process::{Launch, Process, Said, run, serve};
use crate::support::{Ask, Folder, Organisation};

/// What the log says of where the chain stood, the oldest first: number and hash.
fn heads(process: &Process) -> Vec<String> {
    let log = process.log();
    let lines = log.lines().filter_map(|line| line.split_once("head=").map(|(_, rest)| rest));
    let heads = lines.map(|rest| rest.chars().take_while(|letter| !letter.is_whitespace()).collect());
    heads.collect()
}

fn verify(folder: &Folder, process: &Process, token: &str, noted: &[&str]) -> Said {
    let server = format!("http://{}", process.address);
    let arguments = ["audit", "verify"].into_iter().chain(noted.iter().flat_map(|head| ["--noted", *head]));
    let arguments: Vec<&str> = arguments.collect();
    run(folder.root(), &arguments, &[("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", token)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_was_cut_short_and_continued_is_told_by_the_log() {
    let (organisation, folder) = (Organisation::team(), Folder::new("audit-heads"));
    let mut process = serve(&folder, &organisation).await;
    process.log_with("head=").await;
    let root = process.actor(organisation.login("root"));
    let grant = json!({ "to": "member:bob", "permissions": ["read"] });
    root.send(Ask::put("/api/v1/projects/team/grants").json(&grant)).await.is(200);
    process.signal("TERM");
    process.ended().await;
    let noted = heads(&process);
    let [first, .., last] = noted.as_slice() else { panic!("at the start and at the end: {noted:?}") };
    assert_ne!(first, last);

    // Whoever owns the database takes the grant off the record, and nobody who looks at the database alone is the wiser.
    let (sequence, chain) = first.split_once(':').expect("number and hash");
    let database = Connection::open(folder.path("data/wharfinger.db")).expect("the database");
    database
        .execute_batch(&format!(
            "DELETE FROM audit WHERE sequence > {sequence};
             UPDATE audit_head SET sequence = {sequence}, chain = '{chain}';
             UPDATE audit_told SET sequence = min(sequence, {sequence});"
        ))
        .expect("a change");
    drop(database);
    let process = Launch::new(folder.root()).start().await;
    let root = process.actor(organisation.login("root"));
    root.send(
        Ask::put("/api/v1/projects/team/grants")
            .json(&json!({ "to": "member:sue", "permissions": ["read"] })),
    )
    .await
    .is(200);
    let token = organisation.login("root").secret;
    verify(&folder, &process, &token, &[]).succeeds();
    verify(&folder, &process, &token, &[first]).succeeds();
    let found = verify(&folder, &process, &token, &[first, last]).fails_with(10);
    assert!(found.err.contains("cut short or made anew"), "{}", found.err);
    let hash = last.split_once(':').expect("number and hash").1;
    verify(&folder, &process, &token, &[hash]).fails_with(10);
    verify(&folder, &process, &token, &["4711"]).fails_with(2);
}
