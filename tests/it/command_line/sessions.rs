//! `login` and `logout`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Desk, program, team};
use crate::support::terminal::Terminal;
use crate::support::{Ask, Folder};

/// Answers a program that insists on a terminal, at one: each answer once its question stands there. None where there is no program to
/// make a terminal with.
fn at_a_terminal(desk: &Desk<'_>, line: &str, talk: &[(&str, &str)]) -> Option<String> {
    let mut terminal = Terminal::start(desk.folder.root(), line, &[])?;
    for (question, answer) in talk {
        terminal.shows(question);
        terminal.types(answer);
    }
    Some(terminal.ends())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_token_is_kept_used_and_forgotten() {
    let folder = Folder::new("cli-login");
    let (organisation, process) = team(&folder).await;
    let desk = Desk { process: &process, folder: &folder, token: None };
    let (server, token) = (desk.server(), organisation.login("alice").secret);

    desk.run_with(&format!("login {server} --token-stdin"), "whfp_wrong\n").fails_with(4);
    desk.run(&format!("login {server}")).fails_with(2);
    let said = desk.run_with(&format!("login {server} --token-stdin"), &token).succeeds();
    assert!(said.out.contains("as member:alice") && !said.out.contains(&token), "{said:?}");
    let file = folder.path("home/.config/wharfinger/credentials.toml");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    // The gateway where one is logged in is the one that is meant.
    assert!(desk.run("me").succeeds().out.contains("member:alice"));

    // A wider file is not believed.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("chmod");
    let said = desk.run("me").fails_with(3);
    assert!(said.err.contains("640") && !said.err.contains(&token), "{said:?}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("chmod");

    // What was given stays: only what `login` made is revoked.
    desk.run("logout").succeeds();
    desk.run("me --server http://127.0.0.1:1").fails_with(8);
    desk.run(&format!("me --server {server}")).fails_with(4);
    assert_eq!(process.actor(organisation.login("alice")).send(Ask::get("/v2/")).await.status, 200);
    desk.run(&format!("logout {server}")).fails_with(6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_makes_a_token_that_log_out_revokes() {
    let folder = Folder::new("cli-password");
    let (organisation, process) = team(&folder).await;
    let desk = Desk { process: &process, folder: &folder, token: None };
    let server = desk.server();
    let login = format!("login {server}");
    let question = format!("User name at {server}: ");
    let talk = [(question.as_str(), "pat\n"), ("Password or token: ", "a password of pat\n")];
    let Some(said) = at_a_terminal(&desk, &login, &talk) else { return };
    assert!(said.contains("logged in") && !said.contains("a password of pat"), "{said}");
    let listed = desk.run("token list").succeeds().out;
    assert!(listed.contains("cli@"), "{listed}");
    let kept =
        || fs::read_to_string(folder.path("home/.config/wharfinger/credentials.toml")).expect("a file");
    let first = kept();
    // Again: a token of another name, and the one before is revoked.
    at_a_terminal(&desk, &login, &talk).expect("a terminal");
    assert_ne!(kept(), first);
    assert_eq!(desk.run("token list -q").succeeds().out.lines().count(), listed.lines().count() - 1);
    desk.run("logout").succeeds();
    assert!(!kept().contains("whfp_"));
    let pat = Desk { token: Some(organisation.login("pat").secret), ..desk };
    pat.run("me").succeeds();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helper_of_docker_keeps_the_token() {
    let folder = Folder::new("cli-helper");
    let (organisation, process) = team(&folder).await;
    let desk = Desk { process: &process, folder: &folder, token: None };
    let (server, token) = (desk.server(), organisation.login("alice").secret);
    program(
        &folder,
        "docker-credential-drawer",
        "#!/bin/sh\ncase $1 in store) cat > drawer ;; get) cat >/dev/null; cat drawer ;; erase) cat >/dev/null; rm drawer ;; esac\n",
    );
    desk.run_with(&format!("login {server} --token-stdin --helper drawer"), &token).succeeds();
    let file = fs::read_to_string(folder.path("home/.config/wharfinger/credentials.toml")).expect("a file");
    assert!(!file.contains(&token) && file.contains("drawer"), "{file}");
    let drawer = fs::read_to_string(folder.path("drawer")).expect("what it keeps");
    assert!(drawer.contains(&token) && drawer.contains(&format!("{server}/api")), "{drawer}");
    assert!(desk.run("me").succeeds().out.contains("member:alice"));
    desk.run("logout").succeeds();
    assert!(!folder.path("drawer").is_file());
    desk.run_with(&format!("login {server} --token-stdin --helper absent"), &token).fails_with(3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_crosses_the_network_in_clear_or_follows_a_redirect() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let folder = Folder::new("cli-clear");
    let (organisation, process) = team(&folder).await;
    let token = organisation.login("alice").secret;
    let desk = Desk { process: &process, folder: &folder, token: None };
    desk.run_with("login http://registry.invalid --token-stdin", &token).fails_with(2);
    // Somebody who sends everybody on to the gateway.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let target = desk.server();
    let redirecting = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}/api/v1/me\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.expect("a reader");
    });
    let line = format!("login http://{address} --token-stdin");
    let said = tokio::task::block_in_place(|| desk.run_with(&line, &token));
    redirecting.await.expect("one request");
    assert_eq!(said.code, Some(1), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_busy_is_asked_again() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let folder = Folder::new("cli-busy");
    let (_organisation, process) = team(&folder).await;
    let desk = Desk { process: &process, folder: &folder, token: None };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = format!("http://{}", listener.local_addr().expect("an address"));
    let busy = tokio::spawn(async move {
        let answers = [
            "503 Service Unavailable\r\nretry-after: 0",
            "429 Too Many Requests\r\nretry-after: 0",
            "200 OK",
            // Of a change that may have been made nothing is sent twice.
            "503 Service Unavailable\r\nretry-after: 0",
            // Nobody says when to come back.
            "503 Service Unavailable",
        ];
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 2\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).await.expect("a reader");
        }
    });
    let run = |line: &str| tokio::task::block_in_place(|| desk.run(&format!("{line} --server {server}")));
    run("api GET /x").succeeds();
    run("api POST /x").fails_with(8);
    run("api GET /x").fails_with(8);
    busy.await.expect("five requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_terminal_what_is_dangerous_is_asked_for() {
    let folder = Folder::new("cli-asked");
    let (organisation, process) = team(&folder).await;
    let desk = Desk { process: &process, folder: &folder, token: None };
    let server = desk.server();
    desk.run_with(&format!("login {server} --token-stdin"), &organisation.login("root").secret).succeeds();
    let line = "repository delete team/dense";
    let talk = [("for good: ", "team/dense\n")];
    let Some(said) = at_a_terminal(&desk, line, &talk) else { return };
    assert!(said.contains("repository team/dense is gone"), "{said}");
    let talk = [("PROJECT/REPOSITORY)? ", "team/app\n"), ("[read]? ", "write\n")];
    let said = at_a_terminal(&desk, "token create laptop", &talk).expect("a terminal");
    assert!(said.contains("whfp_"), "{said}");
    assert!(desk.run("token list").succeeds().out.contains("team/app=read,publish,overwrite"));
}
