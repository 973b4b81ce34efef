//! What is wrong in a bootstrap file is told with its line, and nothing of the file is applied.

use std::fs;

use super::{Folder, Launch};
use crate::support::organisation::Organisation;
use crate::support::process::run;
use crate::support::{Ask, token};

/// A file with one mistake, and words that must be in what is said about it.
const MISTAKES: [(&str, &[&str]); 16] = [
    ("[[projects]]\nkey = \"p\"\n", &[":2", "p"]),
    ("[[projects]]\nkey = \"Alpha\"\n", &[":2", "Alpha"]),
    ("[[projects]]\nkey = \"a..b\"\n", &[":2", "a..b"]),
    ("[[projects]]\nkay = \"alpha\"\n", &["kay", "key"]),
    ("[[project]]\nkey = \"alpha\"\n", &[":1", "project", "projects"]),
    (
        "[[projects]]\nkey = \"a\"\n[[projects.repositories]]\nname = \"x\"\nformat = \"docker\"\n",
        &[":5", "format", "oci"],
    ),
    ("[[members]]\nusername = \"a\"\n[[members.tokens]]\nname = \"t\"\nsecret = \"x\"\n", &[":5", "secret"]),
    (
        "[[members]]\nusername = \"a\"\n[[members.tokens]]\nname = \"t\"\nsecret_env = \"ABSENT\"\n",
        &[":5", "not set"],
    ),
    (
        "[[members]]\nusername = \"a\"\n[[members.tokens]]\nname = \"t\"\nsecret_env = \"NO_TOKEN\"\n",
        &[":5", "token generate person"],
    ),
    (
        "[[members]]\nusername = \"a\"\n[[members.tokens]]\nname = \"t\"\nsecret_env = \"WRONG_KIND\"\n",
        &[":5"],
    ),
    (
        "[[projects]]\nkey = \"a\"\n[[projects.publishers]]\nname = \"x\"\nissuer = \"absent\"\nclaims = { sub = \"x\" }\npermissions = [\"read\"]\n",
        &[":3", "unknown issuer `absent`"],
    ),
    (
        "[[webhooks]]\nname = \"x\"\nurl = \"https://a.example/\"\nevents = [\"package.removed\"]\nsecret_env = \"NO_TOKEN\"\n",
        &[":5", "whsec_"],
    ),
    ("[[grants]]\nto = \"member:absent\"\nrole = \"viewer\"\non = \"/\"\n", &[":2", "member:absent"]),
    ("[[grants]]\nto = \"team:everyone\"\nrole = \"veiwer\"\non = \"/\"\n", &[":3", "veiwer"]),
    ("[[grants]]\nto = \"team:everyone\"\npermissions = [\"reed\"]\non = \"/\"\n", &[":3", "reed", "read"]),
    ("[[grants]]\nto = \"team:everyone\"\nrole = \"viewer\"\non = \"absent\"\n", &[":4", "absent"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_in_the_bootstrap_file_are_told_with_their_line() {
    let folder = Folder::new("bootstrap-mistakes");
    let file = folder.path("bootstrap.toml");
    let path = file.display().to_string();
    let wrong_kind = token::generate('a');
    let variables = [("NO_TOKEN", "not a token"), ("WRONG_KIND", wrong_kind.as_str())];
    for (text, words) in MISTAKES {
        fs::write(&file, text).expect("a file");
        for line in [
            &["config", "check", "--bootstrap", &path][..],
            &["serve", "--listen", "127.0.0.1:0", "--bootstrap", &path],
        ] {
            let (folder, line) =
                (folder.root().to_owned(), line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            let variables = variables.map(|(name, value)| (name, value.to_owned()));
            let said = tokio::task::spawn_blocking(move || {
                let variables: Vec<(&str, &str)> =
                    variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
                run(&folder, &line, &variables)
            });
            let said = said.await.expect("a command");
            // What only the rows can know is found by `serve`.
            if said.code == Some(0) && text.starts_with("[[grants]]") {
                continue;
            }
            let said = said.fails_with(3);
            for word in words {
                assert!(said.err.contains(word), "{text}: {word:?} is missing in {}", said.err);
            }
            assert!(!said.err.contains(&wrong_kind) && !said.err.contains("not a token"), "{}", said.err);
        }
    }
}

/// A file that is right but for its last line changes nothing at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_of_a_file_is_never_applied() {
    let folder = Folder::new("half");
    let good = Organisation::team();
    let process = Launch::new(folder.root()).organisation(folder.root(), &good).start().await;
    process.kill();
    let bad = good.member("late").role("member:late", "viewer", "absent/absent");
    let mut serve = crate::support::process::command(folder.root());
    fs::write(folder.path("bootstrap.toml"), bad.to_toml()).expect("a file");
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path("data"));
    serve.arg("--bootstrap").arg(folder.path("bootstrap.toml"));
    serve.envs(bad.variables().iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || serve.output().expect("the binary starts"));
    assert_eq!(output.await.expect("an end").status.code(), Some(3));
    let process = Launch::new(folder.root()).start().await;
    process.actor(bad.login("late")).send(Ask::get("/v2/")).await.is(401);
    process.actor(bad.login("alice")).send(Ask::get("/v2/")).await.is(200);
}
