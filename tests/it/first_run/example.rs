//! What lies in `deploy/` works as written.

use std::path::{Path, PathBuf};

use super::{Folder, Launch, Process};
use crate::support::maven::Built;
use crate::support::organisation::Login;
use crate::support::process::{command, run};
use crate::support::{Actor, Ask, image, token};

const CLIENT_ID: &str = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10";

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
        .join("deploy")
        .join(name)
}

/// The variables that the example names.
fn variables() -> Vec<(&'static str, String)> {
    let person = || token::generate('p');
    vec![
        ("ADMIN_PASSWORD", "a password of the administrator".to_owned()),
        ("ADMIN_TOKEN", person()),
        ("ALICE_TOKEN", person()),
        ("ALICE_READ_TOKEN", person()),
        ("ALICE_LOST_TOKEN", person()),
        ("CAROL_TOKEN", person()),
        ("GUS_PASSWORD", "a password of gus".to_owned()),
        ("BUILD_SERVER_TOKEN", token::generate('a')),
        ("CI_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
    ]
}

async fn serve(folder: &Folder, variables: &[(&'static str, String)]) -> Process {
    Launch::new(folder.root()).bootstrap(&deploy("bootstrap.example.toml"), variables).start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_works_as_written_and_twice_changes_nothing() {
    let (folder, variables) = (Folder::new("example"), variables());
    let secret =
        |name: &str| variables.iter().find(|(known, _)| *known == name).expect("a variable").1.clone();
    let login = |name: &str, variable: &str| Login { name: name.to_owned(), secret: secret(variable) };
    let process = serve(&folder, &variables).await;
    let hello = image("hello");

    let alice = process.actor(login("alice", "ALICE_TOKEN"));
    alice.docker().push("alpha/images/web:v1", &hello).await.done();
    alice.docker().push("alpha/public-images/web:1.0", &hello).await.done();
    // Immutable is immutable for everybody.
    alice.docker().push("alpha/images/web:v1", &image("other")).await.refused_with(409);
    let reader = process.actor(login("alice", "ALICE_READ_TOKEN"));
    reader.docker().pull("alpha/images/web:v1").await.gives(&hello);
    reader.docker().push("alpha/images/web:2.0", &hello).await.refused_with(403);
    process.actor(login("alice", "ALICE_LOST_TOKEN")).docker().login().await.refused_with(401);
    let robot = process.actor(login(CLIENT_ID, "BUILD_SERVER_TOKEN"));
    robot.docker().push("alpha/images/web:built", &hello).await.done();
    // Its role in this project has lost `overwrite`, but what it requested has it.
    sbt_publishes_twice(&process, login("alice", "ALICE_TOKEN"), &robot).await;
    process.stranger().docker().pull("alpha/public-images/web:1.0").await.gives(&hello);
    process.stranger().docker().pull("alpha/images/web:v1").await.refused_with(401);
    // Carol reads the one repository she was given, Gus reads what everybody reads.
    let carol = process.actor(login("carol", "CAROL_TOKEN"));
    carol.docker().pull("alpha/images/web:v1").await.gives(&hello);
    carol.docker().push("alpha/images/web:2.0", &hello).await.refused_with(403);
    let gus = process.actor(login("gus", "GUS_PASSWORD"));
    gus.docker().login().await.done();
    gus.docker().pull("alpha/images/web:v1").await.refused_with(403);
    gus.docker().pull("alpha/public-images/web:1.0").await.gives(&hello);
    let root = process.actor(login("root-admin", "ADMIN_PASSWORD"));
    root.docker().login().await.done();
    root.docker().pull("alpha/images/web:v1").await.gives(&hello);
    // Repositories of the other formats are there, and empty.
    alice.send(Ask::get("/maven/p/alpha/jars/a/b/1/b-1.jar")).await.is(404);
    alice.send(Ask::get("/nuget/p/alpha/packages/v3/index.json")).await.is(200);
    alice.files("alpha/files").put("releases/1.0/app", "bytes").await.is(201);
    alice.files("alpha/files").put("releases/1.0/app", "other").await.is(409);

    let version = version_after_a_change(&process, &secret("ADMIN_TOKEN")).await;
    process.kill();
    let process = serve(&folder, &variables).await;
    // The two changes of the probe, and nothing in between.
    let again = version_after_a_change(&process, &secret("ADMIN_TOKEN")).await;
    assert_eq!(again, version + 2, "applying the same file again changed something:\n{}", process.log());
    process.actor(login("alice", "ALICE_TOKEN")).docker().pull("alpha/images/web:v1").await.gives(&hello);
}

/// sbt publishes a snapshot under its literal name, again and again.
async fn sbt_publishes_twice(process: &Process, owner: Login, robot: &Actor) {
    let person = process.actor(owner);
    let jars = robot.jars("alpha/jars");
    for text in ["first", "second"] {
        let built = Built::new("org.example:lib_3:1.0-SNAPSHOT", text);
        jars.sbt_publish(&built).await.expect(text);
        assert_eq!(
            person.jars("alpha/jars").mvn_resolve(&built).await.expect("resolved")[0],
            built.files[0].1
        );
    }
}

/// Each change of rights counts the policy version up; a pair of changes that cancel each other shows where it is.
async fn version_after_a_change(process: &Process, secret: &str) -> u64 {
    let root = process.actor(Login { name: "root-admin".to_owned(), secret: secret.to_owned() });
    let mut version = 0;
    for suspended in [true, false] {
        let body = serde_json::json!({ "suspended": suspended });
        let answer =
            root.send(Ask::put("/api/v1/principals/member:alice/suspended").json(&body)).await.is(200);
        version = answer.json()["policy_version"].as_u64().expect("a version");
    }
    version
}

#[test]
fn the_commented_configuration_is_accepted_and_complete() {
    let folder = Folder::new("config");
    let file = deploy("wharfinger.toml").display().to_string();
    run(folder.root(), &["config", "check", "--config", &file], &[]).succeeds();
    let defaults = run(folder.root(), &["config", "print", "--defaults"], &[]).succeeds().out;
    let written = std::fs::read_to_string(&file).expect("a file");
    let keys = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start_matches("# "));
        lines
            .filter(|line| line.contains(" = "))
            .map(|line| line.split(" = ").next().unwrap_or_default().to_owned())
            .collect()
    };
    for key in keys(&defaults) {
        assert!(keys(&written).contains(&key), "deploy/wharfinger.toml does not mention {key}");
    }
}

#[test]
fn mistakes_are_told_with_line_and_suggestion() {
    let folder = Folder::new("mistakes");
    for (text, words) in [
        ("[server]\nlistn = \"127.0.0.1:8080\"\n", &["2", "listn", "listen"][..]),
        ("[server]\nlisten = 8080\n", &["2", "listen"]),
        ("[serve]\nlisten = \"127.0.0.1:8080\"\n", &["1", "serve", "server"]),
        ("[server]\nlisten = \"0.0.0.0:8080\"\n", &["public"]),
        ("[server\n", &["1"]),
    ] {
        let file = folder.path("wharfinger.toml");
        std::fs::write(&file, text).expect("a file");
        let said = run(folder.root(), &["config", "check", "--config", &file.display().to_string()], &[]);
        let said = said.fails_with(3);
        for word in words {
            assert!(said.err.contains(word), "{text}: {word} is missing in {}", said.err);
        }
        let mut serve = command(folder.root());
        serve.args(["serve", "--config"]).arg(&file);
        assert_eq!(serve.output().expect("the binary starts").status.code(), Some(3), "{text}");
    }
}

#[test]
fn a_listener_beyond_loopback_wants_to_know_its_address() {
    let folder = Folder::new("beyond");
    let mut serve = command(folder.root());
    serve.args(["serve", "--listen", "0.0.0.0:0"]);
    let output = serve.output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--public-url"), "{said}");
    let made = folder.path("wharfinger-data").try_exists().expect("a readable folder");
    assert!(!made, "nothing is made before all is well");
}
