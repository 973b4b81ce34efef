//! The other pages of the guide, typed as they stand: behind the place to try things that its first page makes, in an empty folder, against
//! a gateway of its own. The lines of clients are pasted by `tests/real/guide.rs`, with the real ones.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::pages::{new_gateway, root, typed, typed_as};
use crate::support::Folder;
use crate::support::page::Page;

/// Where the guide is.
const GUIDE: &str = "docs/guide";
/// The page that makes the place to try things.
const FIRST: &str = "README";
/// Programs beside our own and curl that blocks name; they are typed where they are.
const PROGRAMS: [&str; 2] = ["openssl", "kubectl"];
/// What may stand behind `sh`, besides programs.
const WORDS: [&str; 3] = ["refused", "example", "file"];
/// Pages with blocks that need more than a machine has, or somebody at the keys, and how many.
const EXAMPLES: [(&str, usize); 11] = [
    ("cli", 1),
    ("from-artifactory", 1),
    ("from-harbor", 2),
    ("from-nexus", 1),
    ("import", 2),
    ("install", 6),
    ("kubernetes", 1),
    ("nuget", 1),
    ("operations", 2),
    ("packages", 2),
    ("people", 1),
];
/// Pages whose blocks real clients run: of each of their programs, in `tests/real/guide.rs`.
const PASTED: [&str; 4] = ["docker", "files", "maven", "nuget"];
/// Pages that stories of their own follow.
const FOLLOWED: [&str; 2] = ["from-space", "start"];

macro_rules! typed {
    ($($name:ident: $page:literal),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                follow($page).await;
            }
        )+

        /// What the tests type.
        const TYPED: &[&str] = &[$($page),+];
    };
}

typed! {
    a_place_to_try_things: "README",
    a_file_for_everything: "apply",
    a_pull_secret_of_a_cluster: "kubernetes",
    builds_of_others: "ci",
    packages_go_in_and_out: "import",
    people_and_passwords: "people",
    policies_pins_and_deletes: "packages",
    roles_and_rights: "access",
    the_audit: "audit",
    the_command_line: "cli",
    tokens: "tokens",
    trusted_publishers: "identities",
    usage: "usage",
    webhooks: "webhooks",
    who_comes_from_artifactory: "from-artifactory",
    who_comes_from_harbor: "from-harbor",
    who_comes_from_nexus: "from-nexus",
    who_may_and_why: "explain",
}

async fn follow(name: &str) {
    let folder = Folder::new(&format!("guide-{name}"));
    let (process, admin) = new_gateway(&folder).await;
    let there: Vec<&str> = PROGRAMS.into_iter().filter(|program| is_there(program)).collect();
    let server = process.address;
    let page = |name: &str| Page::read(&format!("{GUIDE}/{name}.md")).about(server);
    let mut script = page(FIRST).script(&there);
    if name != FIRST {
        script.push_str(&page(name).script(&there));
    }
    typed_as(&admin, &script, &folder, &process).succeeds();
}

/// Those who install and run one start it themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_installs_and_runs_one_starts_it() {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    for (name, port) in [("install", 8081), ("operations", 8082)] {
        let folder = Folder::new(&format!("guide-{name}"));
        let page = Page::read(&format!("{GUIDE}/{name}.md"));
        let page = page.at(SocketAddr::from(([127, high | 128, middle, low], port)));
        typed(&page.script(&[]), &folder, &[]).succeeds();
    }
}

#[test]
fn every_block_is_run_or_says_that_it_is_an_example() {
    let mut examples = BTreeMap::new();
    for entry in fs::read_dir(root().join(GUIDE)).expect("the guide") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let page = Page::read(&format!("{GUIDE}/{name}.md"));
        for word in page.words() {
            assert!(WORDS.contains(&word) || PROGRAMS.contains(&word), "{name}: {word}");
        }
        let known = TYPED.contains(&name.as_str())
            || PASTED.contains(&name.as_str())
            || FOLLOWED.contains(&name.as_str())
            || ["install", "operations"].contains(&name.as_str());
        assert!(known || page.is_prose(), "nothing runs {name}");
        let count = page.words().filter(|word| *word == "example").count();
        if count > 0 {
            examples.insert(name, count);
        }
    }
    let allowed: BTreeMap<String, usize> =
        EXAMPLES.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    assert_eq!(examples, allowed);
}

/// Each section of a page about clients that has something to type is about a program of `tests/real/guide`.
#[test]
fn every_client_of_the_guide_has_its_test() {
    let mut tests = String::new();
    for file in ["../guide.rs", "artifacts.rs", "files.rs", "images.rs", "maven.rs", "nuget.rs"] {
        tests.push_str(&fs::read_to_string(root().join("tests/real/guide").join(file)).expect("a file"));
    }
    for name in PASTED {
        let text = fs::read_to_string(root().join(format!("{GUIDE}/{name}.md"))).expect("a page");
        for section in text.split("\n## ").skip(1).filter(|section| section.contains("```sh\n")) {
            let program = section.lines().next().unwrap_or_default();
            let named = tests.contains(&format!("\"## {program}\""))
                || tests.contains(&format!("paste(\"{program}\""));
            assert!(named, "{name}: {program}");
        }
    }
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
