//! No secret in any log, error or file: stories are told to a gateway that logs everything it can, and everything it wrote
//! is searched for every secret that was used.

use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::support::client::basic;
use crate::support::process::{Launch, Process, run};
use crate::support::{Ask, Dialect, Folder, Organisation, image, token};

/// Sent in queries and bodies, which are nobody's business either.
const MARK: &str = "a-mark-that-nobody-may-log";

/// Tells the stories and gives every secret in them.
async fn tell(process: &Process, organisation: &Organisation) -> Vec<String> {
    let mut secrets: Vec<String> = organisation.secrets().map(str::to_owned).collect();
    let hello = image("hello");
    for dialect in Dialect::ALL {
        let alice = process.actor(organisation.login("alice"));
        alice.client(dialect).push("team/app/web:1.0", &hello).await.done();
        alice.client(dialect).pull("team/app/web:1.0").await.gives(&hello);
        process
            .actor(organisation.login("pat/password"))
            .client(dialect)
            .pull("team/app/web:1.0")
            .await
            .gives(&hello);
    }
    let alice = process.actor(organisation.login("alice"));
    secrets.push(alice.bearer().await);
    secrets.push(process.actor(organisation.login("pat/password")).bearer().await);
    secrets.push(process.stranger().bearer().await);
    let made =
        alice.send(Ask::post("/api/v1/tokens").json(&json!({ "name": "another" }))).await.is(201).json();
    secrets.push(made["secret"].as_str().expect("a secret").to_owned());

    // Pasted where no secret belongs.
    let pasted = token::generate('a');
    let encoded = pasted.replacen('w', "%77", 1);
    for target in [
        format!("/v2/{pasted}/x"),
        format!("/{encoded}"),
        format!("/maven/p/a/b/{pasted}?t={encoded}"),
        format!("/files/p/a/b/{pasted}"),
    ] {
        process.stranger().send(Ask::get(target)).await;
    }
    process.stranger().send(Ask::get("/v2/").header("user-agent", &pasted)).await;
    process.stranger().send(Ask::get(format!("/v2/{}", "a".repeat(27_000)))).await;
    secrets.extend([pasted[5..].to_owned(), "a".repeat(1024)]);

    // Wrong ones may be right elsewhere, and names are where secrets get pasted by mistake.
    let unknown = token::generate('p');
    for (name, secret) in [
        ("alice", "a wrong password"),
        ("alice", &unknown),
        ("nobody", "hunter2-hunter2"),
        (&unknown, "swapped-by-mistake"),
    ] {
        let login = crate::support::organisation::Login { name: name.to_owned(), secret: secret.to_owned() };
        process.actor(login.clone()).send(Ask::get("/v2/")).await.is(401);
        let form = [("grant_type", "password"), ("username", name), ("password", secret)];
        process.stranger().send(Ask::post("/v2/token").form(&form)).await.is(401);
        secrets.extend([secret.to_owned()]);
    }
    secrets.push(unknown);
    for value in
        ["Bearer not-a-bearer-but-a-secret", "Token other-scheme-secret", "Basic bm8tY29sb24tc2VjcmV0"]
    {
        process.stranger().send(Ask::get("/v2/").authorization(value)).await;
        secrets.push(value.rsplit(' ').next().expect("a word").to_owned());
    }
    secrets.push("no-colon-secret".to_owned());
    process.stranger().send(Ask::get("/v2/").header("x-nuget-apikey", "a-key-that-is-none")).await;
    secrets.push("a-key-that-is-none".to_owned());
    process.stranger().send(Ask::get("/v2/").header("cookie", "session=a-cookie-secret")).await;
    secrets.push("a-cookie-secret".to_owned());
    alice.send(Ask::get(format!("/v2/p/team/app/web/tags/list?last={MARK}"))).await;
    process.stranger().send(Ask::get(format!("/v2/token?account={MARK}&scope=x"))).await;
    alice.send(Ask::put("/v2/p/team/app/web/manifests/bad").body(format!("{{\"x\": {MARK}"))).await.is(400);
    let body = json!({ "to": MARK, "permissions": [MARK] });
    process
        .actor(organisation.login("root"))
        .send(Ask::put("/api/v1/projects/team/grants").json(&body))
        .await;
    secrets.push(MARK.to_owned());
    secrets
}

/// Each secret as it is, and as it travels in Basic.
fn forms(secrets: &[String], organisation: &Organisation) -> Vec<String> {
    let mut forms = secrets.to_vec();
    for who in ["alice", "pat", "pat/password", "robot", "root"] {
        forms.push(basic(&organisation.login(who)).replace("Basic ", ""));
    }
    forms.extend(secrets.iter().map(|secret| BASE64_STANDARD.encode(secret)));
    forms
}

#[track_caller]
fn search(what: &str, text: &[u8], secrets: &[String]) {
    for secret in secrets {
        assert!(secret.len() >= 8, "too short to search for: {secret}");
    }
    let all = AhoCorasick::new(secrets).expect("an automaton");
    if let Some(found) = all.find(text) {
        let secret = &secrets[found.pattern().as_usize()];
        let context = &text[found.start().saturating_sub(300)..(found.end() + 100).min(text.len())];
        panic!("{what} holds {secret}: {}", String::from_utf8_lossy(context));
    }
}

fn search_files(folder: &Path, secrets: &[String]) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            count += search_files(&path, secrets);
        } else {
            search(&path.display().to_string(), &fs::read(&path).expect("a file"), secrets);
            count += 1;
        }
    }
    count
}

async fn nothing_is_logged(format: &str) {
    let (organisation, folder) = (Organisation::team(), Folder::new("secrets"));
    let mut process = Launch::new(folder.root())
        .organisation(folder.root(), &organisation)
        .set("LOG__LEVEL", "trace")
        .set("LOG__FORMAT", format)
        .start()
        .await;
    let secrets = tell(&process, &organisation).await;
    let metrics = process.actor(organisation.login("root")).send(Ask::get("/metrics")).await.is(200);
    process.signal("TERM");
    process.ended().await;
    let log = process.log();
    assert!(log.contains("/v2/p/team/app/web/manifests/1.0"), "the log says what was asked:\n{log}");
    let forms = forms(&secrets, &organisation);
    search("the log", log.as_bytes(), &forms);
    search("/metrics", &metrics.body, &forms);
    // At rest there are hashes.
    assert!(search_files(&folder.path("data"), &forms) > 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_logged_for_people() {
    nothing_is_logged("text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_logged_for_programs() {
    nothing_is_logged("json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_tells_no_secret_it_was_given() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-secrets"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let server = format!("http://{}", process.address);
    let secret = organisation.login("alice").secret;
    let unknown = token::generate('p');
    for token in [&secret, &unknown] {
        let variables = [("WHARFINGER_SERVER", server.as_str()), ("WHARFINGER_TOKEN", token.as_str())];
        for arguments in [
            &["me"][..],
            &["token", "list"],
            &["token", "revoke", "00000000"],
            &["grant", "list", "--on", "/"],
        ] {
            let said = run(folder.root(), arguments, &variables);
            search(
                "the command line",
                format!("{}{}", said.out, said.err).as_bytes(),
                std::slice::from_ref(token),
            );
        }
    }
    // A wrong file says its line and not what stands in it.
    let wrong = folder.path("wrong.toml");
    fs::write(&wrong, format!("[[members]]\nusername = \"x\"\npassword = \"{secret}\"\n")).expect("a file");
    let path = wrong.display().to_string();
    let said = run(folder.root(), &["config", "check", "--bootstrap", &path], &[]);
    assert_ne!(said.code, Some(0));
    search("the message", format!("{}{}", said.out, said.err).as_bytes(), std::slice::from_ref(&secret));
}
