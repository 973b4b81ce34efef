//! Whether a story runs here.

use std::{
    env,
    io::{Write, stderr},
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

/// Says past the capturing of the test harness what did not run.
pub(crate) fn say(why: &str) {
    // The harness calls the thread of a test by the test's name.
    let here = thread::current();
    let story = here.name().unwrap_or("a story");
    let _ = writeln!(stderr(), "NOT RUN {story}: {why}");
}
