//! Questions about rights, typed.

use serde_json::Value;

use super::{Folder, Launch, Shell};
use crate::support::organisation::Organisation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_asked_about() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-rights"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let said = root.run("explain --may publish --on team/app --who member:rita").succeeds().out;
    let mut lines = said.lines();
    assert!(lines.next().is_some_and(|line| line.starts_with("No. member:rita holds read")), "{said}");
    let remedy =
        lines.last().expect("a command").trim().strip_prefix("wharfinger ").expect("ours").to_owned();
    root.run(&remedy).succeeds();
    let said = root.run("explain --may publish --on team/app --who member:rita").succeeds().out;
    assert!(said.starts_with("Yes. publish comes from a grant of read, publish on team/app"), "{said}");

    let listed = root.run("rights of member:alice --on other").succeeds().out;
    assert!(listed.contains("project-member on other to member:alice"), "{listed}");
    let listed = root.run("rights on team/app --may publish --kind application -o json").succeeds().out;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(
        (listed[0]["ref"].as_str(), listed[1]["ref"].as_str()),
        (Some("team:anyone"), Some("application:robot"))
    );

    let alice = Shell { token: organisation.login("alice").secret, ..root };
    assert!(alice.run("me rights --on team --here").succeeds().out.contains("project-member"));
    assert!(alice.run("me").succeeds().out.contains("member:alice"));
    alice.run("rights of member:bob").fails_with(5);
    alice.run("rights on team").fails_with(5);
    alice.run("explain --may fly --on team").fails_with(2);
    alice.run("explain --may read --on team/a/b").fails_with(2);
}
