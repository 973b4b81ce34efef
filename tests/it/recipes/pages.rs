//! The pages of `docs/guide/recipes` as somebody types them: every block, in an empty folder, against a gateway of its own; and then what
//! each page promises, asked with everybody's own token in the protocol of each repository. The pages for those who begin and for those
//! who come from elsewhere are run in the same way.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::support::organisation::Login;
use crate::support::page::{Page, Promise};
use crate::support::process::{Launch, Process, Said, run, search_path};
use crate::support::{Actor, Answer, Ask, Folder};

/// What the line to paste of a new gateway begins with.
const SETUP: &str = "wharfinger setup ";
/// Where the recipes are.
const RECIPES: &str = "docs/guide/recipes";

macro_rules! recipes {
    ($($name:ident: $page:literal),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                follow($page).await;
            }
        )+

        #[test]
        fn every_recipe_is_run_and_listed() {
            let list = fs::read_to_string(root().join(RECIPES).join("README.md")).expect("the list");
            for entry in fs::read_dir(root().join(RECIPES)).expect("the recipes") {
                let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
                assert!(name == "README.md" || [$(concat!($page, ".md")),+].contains(&name.as_str()), "{name}");
                assert!(name == "README.md" || list.contains(&format!("]({name})")), "{name}");
            }
        }
    };
}

recipes! {
    read_only_on_one_repository: "read-only-on-one-repository",
    a_service_account_for_ci: "ci-service-account",
    a_developer_with_full_access: "developer-with-full-access",
    who_adds_repositories_sees_all_of_them: "add-repositories",
    the_four_ways_in: "four-ways-in",
    an_external_in_a_project: "external-in-a-project",
    automation: "automation",
    the_access_type_of_a_repository: "access-type",
    a_project_for_everybody_in_the_company: "internal-project",
    one_repository_is_shared: "share-one-repository",
}

pub(super) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A new gateway and the token of its first administrator.
pub(super) async fn new_gateway(folder: &Folder) -> (Process, Login) {
    let process = Launch::new(folder.root()).start().await;
    let log = process.log_with(SETUP).await;
    let line = log.lines().map(str::trim).find_map(|line| line.strip_prefix("wharfinger ")).expect("a line");
    let said = run(folder.root(), &line.split_whitespace().collect::<Vec<_>>(), &[]).succeeds();
    let secret = said.out.split_whitespace().find(|word| word.starts_with("whfp_")).expect("a token");
    (process, Login { name: "admin".to_owned(), secret: secret.to_owned() })
}

async fn follow(name: &str) {
    let page = Page::read(&format!("{RECIPES}/{name}.md"));
    let folder = Folder::new(name);
    let (process, admin) = new_gateway(&folder).await;
    typed_as(&admin, &page.script(&[]), &folder, &process).succeeds();
    keeps_all(&page, &process, admin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_from_elsewhere_finds_every_screen() {
    let page = Page::read("docs/guide/from-space.md");
    let description = fs::read_to_string(root().join("docs/openapi.json")).expect("the description");
    let description: Value = serde_json::from_str(&description).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    let unknown: Vec<&str> =
        page.requests().into_iter().filter(|request| !is_one_of(paths, request)).collect();
    assert!(unknown.is_empty(), "the API has no such requests: {unknown:#?}");

    let folder = Folder::new("from-space");
    let (process, admin) = new_gateway(&folder).await;
    typed_as(&admin, &page.script(&[]), &folder, &process).succeeds();
}

/// Whether a request, such as `GET /projects/alpha?x=y`, is an operation of the API.
fn is_one_of(paths: &Map<String, Value>, request: &str) -> bool {
    let (method, target) = request.split_once(' ').expect("METHOD PATH");
    let wanted: Vec<&str> = target.split('?').next().unwrap_or_default().split('/').collect();
    paths.iter().any(|(path, operations)| {
        let known: Vec<&str> = path.split('/').collect();
        let same = |(known, wanted): (&&str, &&str)| known == wanted || known.starts_with('{');
        known.len() == wanted.len()
            && known.iter().zip(&wanted).all(same)
            && operations.get(method.to_lowercase()).is_some()
    })
}

/// From an empty folder on: the page starts the gateway itself. Afterwards another one, over what is left, keeps what it promises.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_begins_has_a_registry_for_a_team() {
    // An address of this machine that no other test has: the process is the only one of its number.
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let page = Page::read("docs/guide/start.md").at(SocketAddr::from(([127, high | 128, middle, low], 8080)));
    let folder = Folder::new("start");
    typed(&page.script(&[]), &folder, &[]).succeeds();

    let kept = fs::read_to_string(folder.path("home/.config/wharfinger/credentials.toml")).expect("a log-in");
    let secret = kept.split('"').find(|text| text.starts_with("whfp_")).expect("a token").to_owned();
    fs::rename(folder.path("work/wharfinger-data"), folder.path("data")).expect("the data");
    let process = Launch::new(folder.root()).start().await;
    keeps_all(&page, &process, Login { name: "admin".to_owned(), secret }).await;
}

async fn keeps_all(page: &Page, process: &Process, admin: Login) {
    let promises = page.promises();
    assert!(!promises.is_empty(), "{} promises nothing", page.name);
    let admin = process.actor(admin);
    for promise in promises {
        keeps(process, &admin, &promise).await;
    }
}

pub(super) fn typed_as(admin: &Login, script: &str, folder: &Folder, process: &Process) -> Said {
    let server = format!("http://{}", process.address);
    typed(script, folder, &[("WHARFINGER_SERVER", &server), ("WHARFINGER_TOKEN", &admin.secret)])
}

/// Types the commands of a page, in an empty folder.
pub(super) fn typed(text: &str, folder: &Folder, variables: &[(&str, &str)]) -> Said {
    for name in ["home", "work"] {
        fs::create_dir_all(folder.path(name)).expect("a folder");
    }
    let script = folder.path("script");
    fs::write(&script, text).expect("a script");
    let mut shell = Command::new("bash");
    shell.arg(&script).current_dir(folder.path("work")).env_clear().envs(variables.iter().copied());
    shell.env("PATH", search_path(folder.root()));
    shell.env("HOME", folder.path("home")).env("LC_ALL", "C.UTF-8");
    let output = shell.output().expect("bash");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Asks with a new token of whom it is about, which is limited to nothing.
async fn keeps(process: &Process, admin: &Actor, promise: &Promise) {
    let Promise { who, repository, fetch, publish } = promise;
    let format = admin.send(Ask::get(format!("/api/v1/repositories/{repository}"))).await.is(200).json();
    let format = format["format"].as_str().expect("a format").to_owned();
    let who_asks = match who.as_str() {
        "anyone" => process.stranger(),
        who => process.actor(login(admin, who, repository).await),
    };
    let asked = who_asks.send(fetching(&format, repository)).await;
    assert_eq!(is_allowed(&asked), *fetch, "{promise:?}: {asked}");
    let name = who.replace(':', "-");
    let asked = who_asks.send(publishing(&format, repository, &name)).await;
    assert_eq!(is_allowed(&asked), *publish, "{promise:?}: {asked}");
}

/// Whether an answer is about the thing and not about who asks for it.
fn is_allowed(answer: &Answer) -> bool {
    assert!(!answer.status.is_server_error(), "{answer}");
    !matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// A token of theirs, called by what it is for.
async fn login(admin: &Actor, who: &str, called: &str) -> Login {
    let (kind, name) = who.split_once(':').expect("KIND:NAME");
    let body = json!({ "name": format!("asks about {called}") });
    let made = admin.send(Ask::post(format!("/api/v1/principals/{who}/tokens")).json(&body)).await.is(201);
    let secret = made.json()["secret"].as_str().expect("a secret").to_owned();
    let name = match kind {
        "application" => {
            let shown = admin.send(Ask::get(format!("/api/v1/applications/{name}"))).await.is(200);
            shown.json()["client_id"].as_str().expect("a client id").to_owned()
        }
        _ => name.to_owned(),
    };
    Login { name, secret }
}

/// Asks for something that is not there, which only who may fetch is told.
fn fetching(format: &str, repository: &str) -> Ask {
    Ask::get(match format {
        "oci" => format!("/v2/p/{repository}/none/manifests/1.0"),
        "maven" => format!("/maven/p/{repository}/org/none/none/1.0/none-1.0.pom"),
        "nuget" => format!("/nuget/p/{repository}/v3/flat/none/1.0.0/none.1.0.0.nupkg"),
        _ => format!("/files/p/{repository}/none"),
    })
}

/// Publishes under a name of one's own, so that nobody replaces anything; what is no package is refused as such.
fn publishing(format: &str, repository: &str, name: &str) -> Ask {
    match format {
        "oci" => Ask::post(format!("/v2/p/{repository}/{name}/blobs/uploads/")),
        "maven" => {
            Ask::put(format!("/maven/p/{repository}/org/asked/{name}/1.0/{name}-1.0.jar")).body("asked")
        }
        "nuget" => Ask::put(format!("/nuget/p/{repository}/v3/package")).body("asked"),
        _ => Ask::put(format!("/files/p/{repository}/asked/{name}")).body("asked"),
    }
}
