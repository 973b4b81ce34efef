//! The rules of the house that a compiler cannot check: sizes, arrows, the one mint of proofs, words that do not belong.

use std::fs;
use std::path::{Path, PathBuf};

mod circles;
mod pages;

/// Longest source file, in lines.
const FILE_LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                walk(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

/// Path relative to the workspace and text of every Rust source below `folder`.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.strip_prefix(&root).expect("below the root").display().to_string(), text)
        })
        .collect()
}

/// Test code, and the suites behind the feature `testing`, which no binary compiles.
fn is_test(path: &str) -> bool {
    let suites = ["/tests.rs", "/testing.rs", "/behaviour.rs", "/oracle.rs"];
    suites.iter().any(|end| path.ends_with(end))
        || ["/tests/", "/testing/", "/behaviour/"].iter().any(|part| path.contains(part))
        || path.starts_with("tests/")
        || path.starts_with("benches/")
}

/// The lines of `text` that are no comments, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The protocols of the list, which are called as their formats are and stand in folders of that name.
fn protocols() -> Vec<String> {
    frontend::formats().iter().map(|known| known.format.to_string()).collect()
}

/// Whether a source is of this protocol.
fn is_of(protocol: &str, path: &str) -> bool {
    let rest = path.strip_prefix("crates/frontend/src/").and_then(|path| path.strip_prefix(protocol));
    rest.is_some_and(|rest| rest.starts_with(['/', '.']))
}

/// Fails with every place in `folder` whose code holds one of `words`, unless `allowed` says the file may.
fn refuse(folder: &str, words: &[&str], why: &str, allowed: impl Fn(&str) -> bool) {
    let mut found = Vec::new();
    for (path, text) in sources(folder) {
        if is_test(&path) || allowed(&path) {
            continue;
        }
        for (number, line) in code(&text) {
            for word in words.iter().filter(|word| line.contains(*word)) {
                found.push(format!("{path}:{number}: {word}"));
            }
        }
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for folder in ["crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > FILE_LINES_MAX {
                long.push(format!("{path}: {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn no_module_file_is_called_mod() {
    let named: Vec<String> = ["crates", "tests", "benches"]
        .into_iter()
        .flat_map(sources)
        .map(|(path, _)| path)
        .filter(|path| path.ends_with("/mod.rs"))
        .collect();
    assert!(named.is_empty(), "use x.rs + x/: {named:?}");
}

#[test]
fn the_top_level_is_what_the_design_says() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "crates",
        "tests",
        "deploy",
        "benches",
        "docs",
        "README.md",
        "CHANGELOG.md",
        "target",
        "wharfinger-data",
    ];
    let mut extra = Vec::new();
    for entry in fs::read_dir(root()).expect("the workspace") {
        let name = entry.expect("an entry").file_name().into_string().expect("a UTF-8 name");
        if !agreed.contains(&name.as_str()) && !name.starts_with('.') && !name.starts_with("LICENSE") {
            extra.push(name);
        }
    }
    assert!(extra.is_empty(), "beside the agreed folders: {extra:?}");
}

#[test]
fn arrows_point_one_way() {
    let may_name: &[(&str, &[&str])] = &[
        ("domain", &[]),
        ("outbound", &[]),
        ("budget", &["domain"]),
        ("edge", &["domain", "budget"]),
        ("follower", &["domain"]),
        ("auth", &["domain", "budget", "follower"]),
        ("permission-cache", &["domain", "follower"]),
        ("storage", &["domain", "budget"]),
        ("api", &["domain", "budget", "auth", "storage", "shelf"]),
        ("shelf", &["domain", "storage"]),
        ("frontend", &["domain", "budget", "edge", "auth", "storage", "api", "shelf"]),
        (
            "wharfinger",
            &[
                "domain",
                "budget",
                "edge",
                "outbound",
                "follower",
                "auth",
                "storage",
                "permission-cache",
                "api",
                "shelf",
                "frontend",
            ],
        ),
    ];
    for &(name, allowed) in may_name {
        let manifest =
            fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
        let own: Vec<&str> = dependencies(&manifest)
            .filter(|dependency| may_name.iter().any(|(known, _)| known == dependency))
            .collect();
        assert!(
            own.iter().all(|dependency| allowed.contains(dependency)),
            "{name} names {own:?}, may name {allowed:?}"
        );
    }
}

/// A protocol has no way to a name but the shelf it is given, and to what it changes but the proof's own repository: it names
/// neither what shelves are made of nor, besides the one in `WriteCx`, any storage.
#[test]
fn answers_are_made_from_a_shelf() {
    let protocol = |path: &str| protocols().iter().any(|name| is_of(name, path));
    let words = ["House", "Pipeline", "storage::Storage", "&Storage", "Storage,", "Storage}", "Storage>"];
    let why = "protocols answer from the shelf they are given";
    refuse("crates/frontend/src", &words, why, |path| !protocol(path));
    refuse("crates/shelf/src", &["Publish", "Delete", "Overwrite"], "a shelf cannot write", |_| false);
}

/// Which way into the database code takes is said by a type; who has the one cannot come by the other.
#[test]
fn administration_never_waits_behind_content() {
    let directory = |path: &str| path.starts_with("crates/storage/src/directory");
    let why = "administration has its own way into the database and none of the content's";
    refuse("crates/storage/src", &["Content", "shared::Shared"], why, |path| !directory(path));
    let why = "the way of administration is for the directory and for health";
    let opens = ["crates/storage/src/config.rs", "crates/storage/src/store/health.rs"];
    let sql = |path: &str| path.starts_with("crates/storage/src/sql");
    refuse("crates/storage/src", &["Administration", "administration."], why, |path| {
        directory(path) || sql(path) || opens.contains(&path)
    });
}

/// Which column a field is stands once, beside the statement that is made of it; whoever counts columns counts them wrongly one day.
#[test]
fn rows_are_read_by_the_names_of_their_columns() {
    let why = "say with row! which column each field is";
    refuse("crates/storage/src/sql", &["(2)?"], why, |_| false);
}

/// What goes on without being asked is a worker: seen by who watches, stopped with the gateway, done by one node where one is enough.
#[test]
fn nothing_but_the_workers_waits_for_a_time_and_writes() {
    let waits = ["interval(", "interval_at(", "sleep(", "sleep_until("];
    let why = "make it a worker of wiring/upkeep";
    let allowed = [
        // The loop that all of them run in.
        "crates/wharfinger/src/wiring/upkeep.rs",
        // The command line, which waits for what became of a test.
        "crates/wharfinger/src/cli/manage/webhooks.rs",
        // Whom the command line asks may be busy, and says for how long.
        "crates/wharfinger/src/cli/client.rs",
        "crates/wharfinger/src/cli/client/streaming.rs",
        // A place at the writer that is given back a moment later.
        "crates/storage/src/sql/lane.rs",
        // The command line, which asks a gateway for new events.
        "crates/wharfinger/src/cli/manage/audit.rs",
        // A download that goes on a moment later where a store broke it off.
        "crates/storage/src/blobs/remote.rs",
        // A request that waits until other gateways have said something, and writes nothing.
        "crates/storage/src/directory/gateways.rs",
        // The command line, which waits for the end of a job.
        "crates/wharfinger/src/cli/manage/jobs.rs",
        // The command line, which says what it waits for once that takes its time.
        "crates/wharfinger/src/cli/progress.rs",
    ];
    for folder in
        ["auth", "budget", "follower", "outbound", "permission-cache", "shelf", "storage", "wharfinger"]
    {
        refuse(&format!("crates/{folder}"), &waits, why, |path| allowed.contains(&path));
    }
}

/// The names of what a crate is built with, for whatever target.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && !line.ends_with("dev-dependencies]");
            return None;
        }
        line.split(['.', ' ', '=']).next().filter(|name| inside && !name.is_empty())
    })
}

/// What a crate is built without it cannot do: no I/O, no HTTP, no SQL.
#[test]
fn each_crate_is_built_from_what_its_room_needs() {
    let stores = ["object_store", "rusqlite", "postgres"];
    let listeners = ["hyper", "hyper-util", "h2", "rustls", "tokio-rustls"];
    let never: &[(&str, &[&[&str]])] = &[
        ("domain", &[&["tokio", "http", "serde"], &stores, &listeners]),
        ("budget", &[&["http", "serde"], &stores, &listeners]),
        ("edge", &[&["serde", "serde_json", "quick-xml"], &stores]),
        ("outbound", &[&["serde", "serde_json"], &stores]),
        ("auth", &[&["http"], &stores, &listeners]),
        ("storage", &[&["http"], &listeners]),
        ("api", &[&["http"], &stores, &listeners]),
        ("shelf", &[&["tokio", "http", "serde"], &stores, &listeners]),
        ("frontend", &[&stores, &listeners]),
    ];
    for (name, words) in never {
        let manifest = root().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a manifest");
        let found: Vec<&str> =
            dependencies(&manifest).filter(|one| words.iter().any(|words| words.contains(one))).collect();
        assert!(found.is_empty(), "{name} is built with {found:?}");
    }
}

/// Of the vocabulary the edge names what every server has: who is charged, ids of requests, networks, moments.
#[test]
fn the_edge_knows_no_product() {
    let known = ["BoxFuture", "Client", "Network", "Origin", "PrincipalId", "RequestId", "Timestamp"];
    for (path, text) in sources("crates/edge/src") {
        for (number, line) in code(&text).filter(|(_, line)| line.contains("domain::")) {
            let list = line.strip_prefix("use domain::").and_then(|list| list.strip_suffix(';'));
            let list = list.unwrap_or_else(|| panic!("{path}:{number}: name it in one line of `use`"));
            let names = list.trim_matches(['{', '}']).split(", ");
            let strange: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
            assert!(strange.is_empty(), "{path}:{number}: {strange:?}");
        }
    }
}

#[test]
fn each_crate_keeps_to_its_room() {
    refuse(
        "crates/domain",
        &["std::fs", "std::net::Tcp", "SystemTime", "std::env"],
        "domain does no I/O and reads no clock",
        |_| false,
    );
    for folder in ["domain", "auth", "storage", "shelf", "permission-cache", "edge", "api", "frontend"] {
        refuse(&format!("crates/{folder}"), &["env::var"], "only the binary reads the environment", |path| {
            path.ends_with("testing.rs")
        });
    }
}

/// What the gateway asks of others goes through the guard of one crate; the command line asks the gateway, and whom it imports from.
#[test]
fn one_crate_makes_outgoing_requests() {
    let why = "send it through the crate outbound";
    let words = ["TcpStream::connect", "TcpSocket::connect", "client::conn", "ToSocketAddrs", "lookup_host"];
    refuse("crates", &words, why, |path| {
        path.starts_with("crates/outbound/")
            || path.starts_with("crates/wharfinger/src/cli")
            || path.starts_with("crates/xtask/")
    });
}

#[test]
fn the_check_takes_no_lock() {
    refuse("crates/domain", &["dashmap", "Mutex", "RwLock"], "no lock in the vocabulary", |_| false);
    refuse("crates/permission-cache", &["dashmap", "DashMap", "RwLock"], "readers never wait", |_| false);
    refuse("crates/permission-cache", &["Mutex"], "only the writer queues, in publish.rs", |path| {
        path.ends_with("/publish.rs") || path.contains("/publish/")
    });
}

#[test]
fn proofs_have_one_mint() {
    refuse("crates", &["Gate::new("], "the gate is built in the wiring", |path| {
        path.starts_with("crates/wharfinger/src/wiring")
    });
    refuse("crates", &["System::mint("], "the system's proof is minted in the wiring", |path| {
        path.starts_with("crates/wharfinger/src/wiring")
    });
    refuse("crates", &["Caller::assertion("], "only auth asserts who calls", |path| {
        path.starts_with("crates/auth/")
    });
}

#[test]
fn protocols_are_strangers() {
    let protocols = protocols();
    for (path, text) in sources("crates/frontend/src") {
        let Some(own) = protocols.iter().find(|own| is_of(own, &path)) else { continue };
        for other in protocols.iter().filter(|other| *other != own) {
            assert!(!text.contains(&format!("crate::{other}")), "{path} names {other}");
        }
    }
    refuse(
        "crates",
        &["application/vnd.oci", "application/vnd.docker"],
        "media types belong to oci/",
        |path| path.contains("/frontend/src/oci"),
    );
}

/// A new protocol changes nothing but its folder, the list and what it migrates (docs/decisions/0021-formats-from-protocols.md).
#[test]
fn what_a_format_is_its_protocol_says() {
    for own in protocols() {
        let word = format!("\"{own}\"");
        let why = "the word of a format stands in the folder of its protocol";
        refuse("crates", &[&word], why, |path| {
            // What the columns of a time meant does not change, and to developers' commands these are names of programs.
            is_of(&own, path) || path.ends_with("sql/policy_columns.rs") || path.starts_with("crates/xtask/")
        });
    }
}

#[test]
fn nothing_is_left_behind() {
    let marks =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimple", "mented!"), concat!("to", "do!(")];
    for folder in ["crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            for (number, line) in text.lines().enumerate() {
                assert!(!marks.iter().any(|mark| line.contains(mark)), "{path}:{}: {line}", number + 1);
            }
        }
    }
}
