//! `cargo xtask console`: every page of the console as every kind of caller in every look, in a real Chromium, with screenshots.

use std::fs;

use crate::{
    error::{Error, Result},
    parts::{self, Tier},
    run::{cargo, run, target_directory},
    test::environment,
};

/// Walks through all of it; screenshots are below `target/console`, those of the last run alone.
pub(crate) fn console() -> Result<()> {
    let ready = parts::prepare(Tier::Ci)?;
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    let kept = target_directory().join("console");
    if kept.try_exists().unwrap_or(false) {
        fs::remove_dir_all(&kept).map_err(Error::io(kept.display().to_string()))?;
    }
    let mut tests =
        cargo(&["test", "--package", "tests", "--test", "it", "real::console::the_whole_product"]);
    tests.args(["--", "--nocapture"]).envs(environment(&ready, None, Tier::Ci)?);
    let outcome = run(tests.env("WHARFINGER_TEST_CONSOLE", &kept));
    println!("screenshots: {}", kept.display());
    outcome
}
