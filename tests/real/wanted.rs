//! Whether a story runs here.

use std::{
    env,
    io::{Write, stderr},
    path::PathBuf,
    thread,
};

/// Whether real clients were asked for and none of `parts` was reported missing before.
///
/// A story that does not run says so where it is seen: past the capturing of the test harness.
pub(crate) fn wanted(parts: &[&str]) -> bool {
    if env::var_os("RUN_REAL_CLIENTS").is_none_or(|value| value != "1") {
        say("RUN_REAL_CLIENTS is not 1; use `cargo xtask test`");
        return false;
    }
    let without = env::var_os("WHARFINGER_TEST_WITHOUT").unwrap_or_default();
    let without = without.to_string_lossy().into_owned();
    let missing = parts.iter().find(|part| without.split(',').any(|name| name == **part));
    if let Some(part) = missing {
        say(&format!("{part} is missing"));
    }
    missing.is_none()
}

/// Like [`wanted`], for parts that are used with `--all-clients` only.
pub(crate) fn wanted_of_all(parts: &[&str]) -> bool {
    let all = all_clients();
    if !all {
        say("only with `cargo xtask test --all-clients`");
    }
    all && wanted(parts)
}

/// Whether this is the full tier, where a story may take its long form.
pub(crate) fn all_clients() -> bool {
    env::var_os("WHARFINGER_TEST_ALL_CLIENTS").is_some_and(|value| value == "1")
}

/// The directory of a part that lies apart from the others, because its programs have the names of others.
pub(crate) fn apart(variable: &str) -> PathBuf {
    env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| panic!("{variable} is not set"))
}

/// Says past the capturing of the test harness what did not run.
pub(crate) fn say(why: &str) {
    // The harness calls the thread of a test by the test's name.
    let here = thread::current();
    let story = here.name().unwrap_or("a story");
    let _ = writeln!(stderr(), "NOT RUN {story}: {why}");
}
