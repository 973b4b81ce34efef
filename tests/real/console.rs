//! The console in a real Chromium: every page that links lead to, as the caller who sees most in every look, as the others once, without
//! script, and over plain HTTP as somebody beyond this machine would see it; with a keyboard alone; and from the code of the terminal to the
//! first image, jar and package. What is looked at stands in `tests/console/walk.mjs`, what is done in `flows.mjs` beside it.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    hub::repository_root,
    sandbox::{Sandbox, finish},
    wanted::{apart, wanted},
};
use crate::support::browser::text;
use crate::support::{Ask, Browser, Organisation, Server};

/// What a walk is about.
struct Walk<'w> {
    who: Option<&'static str>,
    options: &'w [&'w str],
}

/// Whoever looks: nobody, somebody from elsewhere in the organisation, a member, who administers the project, who administers everything.
const CALLERS: [Option<&str>; 5] = [None, Some("bob"), Some("pat"), Some("lead"), Some("root")];
/// Where screenshots are kept of every page as every caller in every look; without it they are left out of a run.
const KEPT: &str = "WHARFINGER_TEST_CONSOLE";

fn organisation() -> Organisation {
    Organisation::team_of_every_format()
        .password("root", "the lanterns of root")
        .password("bob", "the lanterns of bob")
        .member("lead")
        .password("lead", "the lanterns of lead")
        .role("member:lead", "project-admin", "team")
        .repository("team/public-files", "files", "public", "")
}

/// Something of each format, so that each kind of page has something to show.
async fn filled() -> Server {
    let hub = Server::with(organisation()).await;
    let admin = hub.admin();
    for path in ["team/files/dir/tool-1.0.txt", "team/files/dir/tool-1.1.txt", "team/public-files/read.txt"] {
        admin.send(Ask::put(format!("/files/p/{path}")).body("content")).await.is(201);
    }
    let pom = "<project><groupId>org.example</groupId><artifactId>hello</artifactId><version>1.0</version></project>";
    let place = "/maven/p/team/jars/org/example/hello/1.0/hello-1.0";
    admin.send(Ask::put(format!("{place}.pom")).body(pom)).await.is(201);
    admin.send(Ask::put(format!("{place}.jar")).body("a jar")).await.is(201);
    hub
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_stands_in_every_look() {
    if !wanted(&["chromium", "node", "playwright"]) {
        return;
    }
    let hub = filled().await;
    for walk in [
        Walk { who: Some("root"), options: &["--looks", "light,dark,400"] },
        Walk { who: Some("pat"), options: &["--looks", "light"] },
        Walk { who: Some("bob"), options: &["--looks", "400"] },
        Walk { who: None, options: &["--looks", "dark,400"] },
        Walk { who: Some("root"), options: &["--looks", "light", "--no-script"] },
    ] {
        let (found, told) = walked(&hub, &walk).await;
        assert!(found.is_empty(), "as {:?}:\n{told}", walk.who);
    }
    // Would it be seen?
    let planted = Walk { who: None, options: &["--looks", "light", "--pages", "1", "--plant"] };
    let (found, told) = walked(&hub, &planted).await;
    assert!(found.iter().any(|finding| finding.contains("image-alt")), "{told}");
    hub.stop().await;
}

/// Every page as every caller in every look, with screenshots: what `cargo xtask console` runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_product_stands() {
    let Some(kept) = std::env::var_os(KEPT).and_then(|kept| kept.into_string().ok()) else {
        eprintln!("not run: `cargo xtask console` runs it, and sets {KEPT}");
        return;
    };
    assert!(wanted(&["chromium", "node", "playwright"]), "a browser is needed");
    let hub = filled().await;
    let looks = ["--looks", "light,dark,400,text,forced,print", "--shots", &kept];
    for who in CALLERS {
        for options in [&looks[..], &["--looks", "light", "--no-script"]] {
            let (found, told) = walked(&hub, &Walk { who, options }).await;
            assert!(found.is_empty(), "as {who:?}:\n{told}");
            println!("{}", told.lines().last().unwrap_or_default());
        }
    }
    hub.stop().await;
}

/// Tab, Enter, Space and letters are enough, and wherever the focus comes it is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_keyboard_alone() {
    if !wanted(&["chromium", "node", "playwright"]) {
        return;
    }
    let hub = filled().await;
    let login = hub.login("root/password");
    let arguments = ["--project", "typed", "--add", "member:bob", "--on", "team"].map(str::to_owned);
    let flow = Flow {
        origin: format!("http://{}", hub.address()),
        name: "keyboard",
        login: (login.name, login.secret),
    };
    let done = tokio::task::spawn_blocking(move || flow.done(&arguments)).await.expect("the flow");
    assert!(done["verdict"].as_str().is_some_and(|verdict| verdict.contains("No")), "{done}");
    let made = hub.admin().send(Ask::get("/api/v1/projects/typed/participants")).await.is(200).json();
    assert!(made.to_string().contains("member:bob"), "{made}");
    hub.stop().await;
}

/// Without script a role is changed, something is deleted and the session is ended, as with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_things_are_changed_and_deleted() {
    if !wanted(&["chromium", "node", "playwright"]) {
        return;
    }
    let hub = filled().await;
    let login = hub.login("lead/password");
    let arguments =
        ["--project", "team", "--on", "team/files", "--cell", "automation:delete-package"].map(str::to_owned);
    let flow = Flow {
        origin: format!("http://{}", hub.address()),
        name: "plain",
        login: (login.name, login.secret),
    };
    let done = tokio::task::spawn_blocking(move || flow.done(&arguments)).await.expect("the flow");
    assert_eq!(
        (&done["given"], &done["gone"], &done["out"]),
        (&true.into(), &1.into(), &true.into()),
        "{done}"
    );
    let role = hub.admin().send(Ask::get("/api/v1/projects/team/roles/automation")).await.is(200).json();
    assert!(role["permissions"].to_string().contains("delete-package"), "{role}");
    let left = "/api/v1/repositories/team/files/packages/%2F/versions";
    let left = hub.admin().send(Ask::get(left)).await.is(200).json();
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1), "{left}");
    hub.stop().await;
}

/// What stands under Connect works as it is pasted: a token is made by its form, and each line of these clients is run as the page has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_connect_work_as_they_stand() {
    if !wanted(&["curl", "wget", "oras"]) {
        return;
    }
    let hub = filled().await;
    let mut root = Browser::of(&hub, "root").await;
    for (place, programs) in [("team/files", &["curl", "wget"][..]), ("team/app", &["oras"])] {
        let at = format!("/p/{place}/-/connect");
        let fields = [("name", place), ("may", "here"), ("days", "30")];
        let page = text(&root.fill(&at, &fields).await.is(200));
        for program in programs {
            let lines = blocks(&page, program);
            assert!(!lines.is_empty(), "{program}:\n{page}");
            let (program, script) = ((*program).to_owned(), lines.join("\n"));
            let outcome = tokio::task::spawn_blocking(move || {
                let sandbox = Sandbox::new(&program);
                finish(sandbox.command("sh").args(["-ec", &script]), b"").succeeds()
            });
            outcome.await.unwrap_or_else(|_| panic!("{place}: {lines:#?}"));
        }
    }
    // Who is nobody is given lines that name nobody.
    let page = Browser::of_nobody(&hub).page("/p/team/public-files/-/connect").await;
    let lines = blocks(&page, "curl");
    assert!(lines.iter().all(|line| !line.contains(" -u ")) && !lines.is_empty(), "{lines:?}");
    hub.stop().await;
}

/// What a page of Connect has for a program, in its order.
fn blocks(page: &str, program: &str) -> Vec<String> {
    let begin = format!("aria-label=\"{program}\">");
    let section =
        page.split(&begin).nth(1).and_then(|rest| rest.split("</section>").next()).unwrap_or_default();
    let texts =
        section.split("<pre ").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</pre>").next());
    let plain = |text: &str| {
        let text =
            text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
        text.replace("&#38;", "&")
    };
    texts.map(plain).collect()
}

/// Something that is done in a browser, and by whom.
pub(super) struct Flow {
    pub(super) origin: String,
    pub(super) name: &'static str,
    pub(super) login: (String, String),
}

impl Flow {
    /// Does it, and gives what it says in the end; nothing may be found on the way.
    pub(super) fn done(&self, arguments: &[String]) -> Value {
        let sandbox = Sandbox::new("flow");
        let mut node = sandbox.command("node");
        node.env("NODE_MODULES", apart("WHARFINGER_TEST_NODE_MODULES"));
        node.arg(script("flows.mjs")).args([&self.origin, self.name]);
        node.args(["--as", &self.login.0, "--password", &self.login.1]).args(arguments);
        let outcome = finish(&mut node, b"").succeeds();
        let last = outcome.output.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {outcome}"))
    }
}

/// Findings of a walk, a line each, and all that was told.
async fn walked(hub: &Server, walk: &Walk<'_>) -> (Vec<String>, String) {
    let address = hub.address();
    let login = walk.who.map(|who| hub.login(&format!("{who}/password")));
    let options: Vec<String> = walk.options.iter().map(|option| (*option).to_owned()).collect();
    let outcome = tokio::task::spawn_blocking(move || {
        let sandbox = Sandbox::new("console");
        let mut node = sandbox.command("node");
        node.env("NODE_MODULES", apart("WHARFINGER_TEST_NODE_MODULES"));
        node.arg(script("walk.mjs")).arg(format!("http://{address}")).args(options);
        if let Some(login) = login {
            node.args(["--as", &login.name, "--password", &login.secret]);
        }
        finish(&mut node, b"")
    });
    let outcome = outcome.await.expect("the walk");
    let told = outcome.text;
    let findings = told.lines().filter(|line| line.contains("\"kind\"")).map(str::to_owned).collect();
    assert!(told.contains("\"findings\""), "it went to its end:\n{told}");
    (findings, told)
}

fn script(name: &str) -> PathBuf {
    repository_root().join("tests/console").join(name)
}
