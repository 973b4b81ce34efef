use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Running, start};
use crate::cli::client::{Client, Trust};
use crate::config::{Config, Environment, ServerUrl};
use crate::error::StartError;
use crate::scratch::Scratch;

const ORGANISATION: &str = r#"
[[projects]]
key = "alpha"
[[projects.repositories]]
name = "images"
format = "oci"
[[members]]
username = "root"
[[members.tokens]]
name = "main"
secret_env = "ROOT"
[[members]]
username = "alice"
[[teams]]
name = "org-admins"
members = ["member:root"]
"#;

fn client(running: &Running, token: Option<&str>) -> Client {
    let server = ServerUrl::parse(&format!("http://{}", running.addr)).expect("an address");
    Client::new(server, token, Trust::System).expect("a client")
}

async fn status(running: &Running, path: &str) -> StatusCode {
    client(running, None).send(Method::GET, path, None).await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_shows_a_code_and_stops() {
    let running = start(Config::for_tests()).await.expect("it starts");
    assert_eq!(status(&running, "/readyz").await, StatusCode::OK);
    let code = running.setup_code.clone().expect("nobody administers it yet");
    assert_eq!(code.len(), 26 + 3, "26 letters in four groups: {code}");
    let addr = running.addr;
    running.stop().await;
    std::net::TcpStream::connect(addr).expect_err("nobody listens any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_gateway_ends_and_frees_its_data() {
    let scratch = Scratch::new("dropped");
    let config = Config::for_tests_in(scratch.path("data"));
    let running = start(config.clone()).await.expect("it starts");
    assert!(matches!(start(config.clone()).await, Err(StartError::InUse { .. })), "one at a time");
    drop(running);
    for _ in 0..3_000 {
        match start(config.clone()).await {
            Ok(again) => return again.stop().await,
            Err(StartError::InUse { .. }) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("it never ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_is_in_a_file_until_it_is_used() {
    let scratch = Scratch::new("code");
    let running = start(Config::for_tests_in(scratch.path("data"))).await.expect("it starts");
    let file = scratch.path("data").join("setup-code");
    let code = std::fs::read_to_string(&file).expect("the file").trim().to_owned();
    assert_eq!(Some(&code), running.setup_code.as_ref());
    let body = json!({ "code": code, "username": "ada" });
    let made = client(&running, None)
        .send(Method::POST, "/api/v1/setup", Some(body.to_string()))
        .await
        .expect("an answer");
    assert_eq!(made.status, StatusCode::CREATED);
    assert!(!file.try_exists().expect("a folder"), "it is of no use any more");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_have_a_listener_of_their_own_if_wanted() {
    let mut config = Config::for_tests();
    config.metrics.listen = Some("127.0.0.1:0".parse().expect("an address"));
    let mut running = start(config).await.expect("it starts");
    assert_eq!(status(&running, "/metrics").await, StatusCode::UNAUTHORIZED);
    let everything = running.addr;
    running.addr = running.metrics_addr.expect("an address");
    assert_ne!(running.addr, everything);
    assert_eq!(status(&running, "/metrics").await, StatusCode::OK);
    assert_eq!(status(&running, "/v2/").await, StatusCode::NOT_FOUND);
    running.stop().await;
}

/// Each change makes the proofs of the others old; none of the administrators gets to notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_who_work_at_the_same_time_all_succeed() {
    let scratch = Scratch::new("together");
    let token = auth::generate(auth::TokenKind::Person);
    let mut config = Config::for_tests();
    config.server.bootstrap = Some(scratch.file("b.toml", ORGANISATION));
    config.environment = Environment::default().with("ROOT", token.text.expose());
    let running = start(config).await.expect("it starts");
    let root = std::sync::Arc::new(client(&running, Some(token.text.expose())));
    let mut together = tokio::task::JoinSet::new();
    for number in 0..8 {
        let root = std::sync::Arc::clone(&root);
        together.spawn(async move {
            let role = if number % 2 == 0 { "viewer" } else { "writer" };
            let body = json!({ "to": "member:alice", "role": role });
            let path = "/api/v1/repositories/alpha/images/grants";
            let put = root.send(Method::PUT, path, Some(body.to_string())).await.expect("an answer").status;
            let gone = format!("{path}?to=member:alice&role={role}");
            let deleted = root.send(Method::DELETE, &gone, None).await.expect("an answer").status;
            (put, deleted)
        });
    }
    while let Some(done) = together.join_next().await {
        let (put, deleted) = done.expect("no panic");
        assert_eq!(put, StatusCode::OK);
        // Somebody else may have deleted the same grant just before.
        assert!(matches!(deleted, StatusCode::OK | StatusCode::NOT_FOUND), "{deleted}");
    }
    let listed =
        root.send(Method::GET, "/api/v1/repositories/alpha/images/grants", None).await.expect("an answer");
    let listed: Value = serde_json::from_slice(&listed.body).expect("JSON");
    assert_eq!(listed["items"], json!([]), "all were deleted");
    running.stop().await;
}

#[tokio::test]
async fn a_taken_address_is_said_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let scratch = Scratch::new("taken");
    let mut config = Config::for_tests_in(scratch.path("data"));
    config.server.listen = taken.local_addr().expect("an address");
    assert!(matches!(start(config).await, Err(StartError::Listen { .. })));
    assert!(!scratch.path("data").join("wharfinger.db").try_exists().expect("a folder"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_a_newer_version_is_refused_in_plain_words() {
    let scratch = Scratch::new("newer");
    let config = Config::for_tests_in(scratch.path("data"));
    start(config.clone()).await.expect("it starts").stop().await;
    let database =
        rusqlite::Connection::open(scratch.path("data").join("wharfinger.db")).expect("the database");
    let newer = "INSERT INTO migration (number, name, sha256) VALUES (999, 'later', x'00')";
    database.execute(newer, []).expect("a row");
    drop(database);
    let said = start(config).await.expect_err("it is newer").to_string();
    assert!(said.contains("newer than this program") && said.contains("data"), "{said}");
}

#[tokio::test]
async fn data_that_is_no_database_is_refused() {
    let scratch = Scratch::new("damaged");
    let config = Config::for_tests_in(scratch.path("data"));
    std::fs::create_dir(scratch.path("data")).expect("a folder");
    std::fs::write(scratch.path("data").join("wharfinger.db"), vec![7; 8192]).expect("a file");
    assert!(matches!(start(config).await, Err(StartError::Storage { .. })));
}
