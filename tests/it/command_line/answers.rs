//! Tables, JSON, names; changes that are only tried, conditional or confirmed; one request as it is typed.

use serde_json::Value;

use super::{Desk, team};
use crate::support::Folder;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_shown_as_it_is_asked_for() {
    let folder = Folder::new("cli-output");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    root.run(&format!("project create alpha --title {}", "long".repeat(50))).succeeds();

    let table = root.run("project list").succeeds().out;
    assert!(table.starts_with("KEY "), "{table}");
    // Nobody but a program reads what is piped: nothing is cut.
    assert!(table.contains(&"long".repeat(50)), "{table}");
    assert_eq!(root.run("project list -q").succeeds().out, "alpha\nother\nteam\n");
    let array: Value = serde_json::from_str(&root.run("project list -o json").succeeds().out).expect("JSON");
    let lines: Vec<Value> = root
        .run("project list -o jsonl")
        .succeeds()
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(array, Value::Array(lines));
    assert_eq!(root.run("repository show team/app -q").succeeds().out, "team/app\n");
    assert_eq!(root.run("person show member:alice -q").succeeds().out, "member:alice\n");
    let one = root.run("project show alpha -o jsonl").succeeds().out;
    assert_eq!(one.lines().count(), 1);
    assert_eq!(root.run("project create beta -q").succeeds().out, "beta\n");
    assert!(root.run("grant list --on team -q").succeeds().out.contains("member:alice\n"));

    // A secret stands alone on standard output, however quiet.
    let said = root.run("token create one --full").succeeds();
    assert!(said.out.starts_with("whfp_") && said.out.lines().count() == 1 && !said.err.is_empty());
    let said = root.run("token create two --read team/app -q").succeeds();
    assert!(said.out.starts_with("whfp_") && said.out.lines().count() == 1 && said.err.is_empty());
    let tried = root.run("token create three --full --dry-run").succeeds();
    assert!(tried.out.is_empty() && !root.run("token list").out.contains("three"), "{tried:?}");
    // What reaches everything has to be said where nobody can be asked.
    root.run("token create four").fails_with(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_tried_conditional_and_confirmed() {
    let folder = Folder::new("cli-changes");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);

    for line in [
        "grant put --to member:bob --role viewer --on team/app",
        "repository visibility team/app public",
        "principal suspend member:bob",
        "team create crew --member member:bob",
        "participant remove team member:sue",
        "repository delete team/app",
        "project delete other --with-repositories",
        "person delete member:bob",
    ] {
        let said = root.run(&format!("{line} --dry-run")).succeeds();
        assert!(said.out.starts_with("only tried: "), "{line}: {said:?}");
    }
    let before = root.run("grant list --on team -o json").succeeds().out;
    assert!(!before.contains("member:bob") && before.contains("member:sue"), "{before}");
    assert!(root.run("repository show team/app").succeeds().out.contains("private"));

    // The ETag that `show` tells.
    let shown = root.run("project show team").succeeds().out;
    let etag = shown.lines().find_map(|line| line.strip_prefix("etag ")).expect("an ETag").trim().to_owned();
    root.run(&format!("project set team --title Team --if-match {etag}")).succeeds();
    root.run(&format!("project set team --title Other --if-match {etag}")).fails_with(7);
    root.run("project create late --if-match x").fails_with(2);
    // What has none says so, and changes nothing.
    root.run("principal suspend member:bob --if-match x").fails_with(7);

    // Nobody is there to type the name.
    root.run("project delete other --with-repositories").fails_with(2);
    root.run("repository delete team/app --confirm team/open").fails_with(2);
    root.run("repository delete team/app --confirm team/app").succeeds();
    root.run("role set helper --on team --permissions read").succeeds();
    root.run("role delete helper --on team").fails_with(2);
    root.run("role delete helper --on team --confirm helper").succeeds();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_is_sent_as_it_is_typed() {
    let folder = Folder::new("cli-api");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    let list = root.run("api GET /projects?limit=1").succeeds().out;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["items"][0]["about"]["key"], "other");
    root.run("api get /api/openapi.json").succeeds();

    std::fs::write(folder.path("alpha.json"), r#"{"title": "Alpha"}"#).expect("a file");
    root.run("api PUT /projects/alpha -d @alpha.json").succeeds();
    let said = root.run_with("api PATCH /projects/alpha -i -d @-", r#"{"title":"New"}"#).succeeds();
    assert!(said.out.contains("\"New\"") && said.err.contains("etag: "), "{said:?}");
    let etag = said.err.lines().find_map(|line| line.strip_prefix("etag: ")).expect("an ETag");
    let etag = etag.replace('"', "");
    root.run(&format!("api DELETE /projects/alpha?confirm=alpha --if-match {etag}x")).fails_with(7);
    root.run(&format!("api DELETE /projects/alpha?confirm=alpha --if-match {etag}")).succeeds();

    // The problem is an answer too.
    let said = root.run("api GET /people/member:absent").fails_with(6);
    assert!(said.out.contains("\"code\":\"absent\"") && said.err.starts_with("wharfinger: 404"), "{said:?}");
    root.run("api GET /nowhere").fails_with(6);
    root.run("api GET projects").fails_with(2);
    root.run("api PUT /projects/alpha -d @nowhere.json").fails_with(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_which_release_it_is() {
    let folder = Folder::new("cli-version");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    let here: Value = serde_json::from_str(&root.run("version -o json").succeeds().out).expect("JSON");
    let there = root.run("version --server -o json").succeeds().out;
    let there: Value = serde_json::from_str(&there).expect("JSON");
    assert_eq!((&there["api"], &there["release"]), (&"v1".into(), &here["release"]));
    // Strangers learn that there is such an API, and no more.
    let answer = process.stranger().send(crate::support::Ask::get("/api/v1")).await.is(200);
    assert_eq!(&answer.body[..], br#"{"api":"v1","docs":"/api/docs"}"#);
}

#[test]
fn pages_and_scripts_are_made_of_the_command_line() {
    let folder = Folder::new("cli-pages");
    let run = |words: &[&str]| crate::support::process::run(folder.root(), words, &[]);
    run(&["man", "pages"]).succeeds();
    let page = std::fs::read_to_string(folder.path("pages/wharfinger-project-create.1")).expect("a page");
    assert!(page.contains(".TH") && page.contains("Makes a project"), "{page}");
    let path = crate::support::process::search_path(folder.root());
    for (shell, loads) in [
        ("bash", "source ./script && complete -p wharfinger"),
        ("zsh", "autoload -Uz compinit && compinit -u -d ./dump && source ./script"),
        // It asks the program.
        ("fish", "source ./script; complete -C 'wharfinger project ' | grep create"),
    ] {
        let script = run(&["completion", shell]).succeeds().out;
        std::fs::write(folder.path("script"), script).expect("a script");
        let mut command = std::process::Command::new(shell);
        command.current_dir(folder.root()).env("HOME", folder.root()).env("PATH", &path).args(["-c", loads]);
        // Where a shell is not there nobody completes anything in it.
        if let Ok(output) = command.output() {
            assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
