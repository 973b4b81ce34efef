//! The first minutes, and the command line against a running gateway.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::organisation::{Login, Organisation};
use crate::support::process::{Launch, Process, Said, run};
use crate::support::{Ask, Dialect, Folder, image, token};

mod applied;
mod command_line;
mod example;
mod mistakes;
mod rights;
mod webhooks;

/// What the line to paste begins with.
const SETUP: &str = "wharfinger setup ";

/// The line to paste, as arguments of the binary.
fn setup_line(log: &str) -> Vec<String> {
    let line = log.lines().map(str::trim).find(|line| line.contains(SETUP));
    let line = line.unwrap_or_else(|| panic!("no line to paste:\n{log}"));
    let (_, words) = line.split_once("wharfinger ").expect("found before");
    words.split_whitespace().map(str::to_owned).collect()
}

/// The value behind a word, in what was printed.
fn after<'a>(text: &'a str, word: &str) -> &'a str {
    let rest = text.split_once(word).unwrap_or_else(|| panic!("no {word:?} in\n{text}")).1;
    rest.split_whitespace().next().expect("a value")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_folder_becomes_a_registry() {
    let folder = Folder::new("first");
    let process = Launch::new(folder.root()).start().await;
    // Nobody is in yet, and no default password lets anybody in.
    for (name, secret) in [("admin", "admin"), ("admin", ""), ("root", "root"), ("admin", "password")] {
        let login = Login { name: name.to_owned(), secret: secret.to_owned() };
        process.actor(login).send(Ask::get("/v2/")).await.is(401);
    }
    assert_eq!(mode(&folder, "data"), 0o700);
    assert_eq!(mode(&folder, "data/keys"), 0o600);

    let line = setup_line(&process.log_with(SETUP).await);
    // The code alone counts.
    let wrong: Vec<String> =
        line.iter().map(|word| if word == &line[1] { "wrong".to_owned() } else { word.clone() }).collect();
    assert_ne!(run(folder.root(), &wrong, &[]).code, Some(0));
    let said = run(folder.root(), &line, &[]).succeeds();

    // What is printed can be pasted: the log-in, and the image it is about.
    let login_line = said.out.lines().find(|line| line.contains("docker login ")).expect("a line for docker");
    let host = after(login_line, "docker login ");
    assert_eq!(host, process.address.to_string());
    let secret =
        said.out.split_whitespace().find(|word| word.starts_with("whfp_")).expect("a token").to_owned();
    assert!(login_line.contains(&secret) || login_line.contains("$TOKEN"), "{login_line}");
    let admin = Login { name: after(login_line, "-u ").to_owned(), secret };
    let pushed = after(&said.out, "docker push ");
    let reference = pushed.strip_prefix(&format!("{host}/p/")).expect("an address of this gateway");
    let actor = process.actor(admin.clone());
    actor.docker().login().await.done();
    for dialect in Dialect::ALL {
        actor.client(dialect).push(reference, &image("hello")).await.done();
        actor.client(dialect).pull(reference).await.gives(&image("hello"));
    }
    let listed = said.out.lines().filter(|line| line.contains("main/")).count();
    assert!(listed >= 3, "one repository per format:\n{}", said.out);

    // Once is enough.
    let again = run(folder.root(), &line, &[]);
    assert_ne!(again.code, Some(0), "{again:?}");
    assert!(!again.out.contains("whfp_"), "{again:?}");
    process.kill();
    let process = Launch::new(folder.root()).start().await;
    assert_ne!(run(folder.root(), &line, &[]).code, Some(0));
    process.actor(admin).docker().pull(reference).await.gives(&image("hello"));
    prints_no_code(process).await;
}

/// Known for sure only when it has ended.
async fn prints_no_code(mut process: Process) {
    process.signal("TERM");
    process.ended().await;
    let log = process.log();
    assert!(log.contains("Wharfinger is ready") && !log.contains(SETUP), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_administrator_may_bring_a_password() {
    use std::io::Write as _;
    use std::process::Stdio;
    let folder = Folder::new("password");
    let process = Launch::new(folder.root()).start().await;
    let mut command = crate::support::process::command(folder.root());
    command.args(setup_line(&process.log_with(SETUP).await)).args(["--username", "ada", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    child.stdin.take().expect("a pipe").write_all(b"a password of ada\n").expect("a reader");
    assert!(child.wait_with_output().expect("an end").status.success());
    let login = Login { name: "ada".to_owned(), secret: "a password of ada".to_owned() };
    process.actor(login).docker().login().await.done();
}

/// Of many who hold the code, one becomes the administrator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_works_once_even_at_the_same_time() {
    let folder = Folder::new("race");
    let process = Launch::new(folder.root()).start().await;
    let code = setup_line(&process.log_with(SETUP).await)[1].clone();
    let attempts = (0..8).map(|number| {
        let body = serde_json::json!({ "code": code, "username": format!("admin{number}") });
        let stranger = process.stranger();
        async move { stranger.send(Ask::post("/api/v1/setup").json(&body)).await.status.as_u16() }
    });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

/// Nobody is asked to set up what a bootstrap file has set up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_with_an_administrator_prints_no_code() {
    let (organisation, folder) = (Organisation::team(), Folder::new("no-code"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let body = serde_json::json!({ "code": "", "username": "mallory" });
    let answer = process.stranger().send(Ask::post("/api/v1/setup").json(&body)).await;
    assert!(matches!(answer.status.as_u16(), 401 | 404), "{answer}");
    prints_no_code(process).await;
}

/// Also in a folder that was there before and open to everybody, as that of a volume may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_on_the_machine_reads_the_data() {
    let (organisation, folder) = (Organisation::team(), Folder::new("private"));
    fs::create_dir(folder.path("data")).expect("a folder");
    fs::set_permissions(folder.path("data"), fs::Permissions::from_mode(0o755)).expect("chmod");
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let open = open_to_others(&folder.path("data"));
    assert!(open.is_empty(), "{open:?}");
}

/// What lies in a folder and others may touch; nothing below a folder that they cannot enter.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| mode_of(path) & 0o077 != 0).collect()
}

fn mode(folder: &Folder, name: &str) -> u32 {
    mode_of(&folder.path(name))
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// The command line, as somebody.
struct Shell<'p> {
    process: &'p Process,
    folder: &'p Folder,
    token: String,
}

impl Shell<'_> {
    fn run(&self, line: &str) -> Said {
        let words: Vec<&str> = line.split_whitespace().collect();
        let server = format!("http://{}", self.process.address);
        run(
            self.folder.root(),
            &words,
            &[("WHARFINGER_SERVER", server.as_str()), ("WHARFINGER_TOKEN", self.token.as_str())],
        )
    }
}

#[test]
fn generated_tokens_are_well_formed_and_alone() {
    let folder = Folder::new("generate");
    let mut seen = Vec::new();
    for (kind, letter) in [("person", 'p'), ("application", 'a')] {
        for _ in 0..3 {
            let said = run(folder.root(), &["token", "generate", kind], &[]).succeeds();
            let secret = said.out.strip_suffix('\n').expect("one line").to_owned();
            assert!(token::is_well_formed(&secret), "{secret}");
            assert!(secret.starts_with(&format!("whf{letter}_")), "{secret}");
            assert!(!seen.contains(&secret));
            seen.push(secret);
        }
    }
}
