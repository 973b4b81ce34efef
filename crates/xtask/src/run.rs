//! Starting other programs, visibly.

use std::{env, ffi::OsString, path::PathBuf, process::Command};

use crate::error::{Error, Result};

/// Prints the command line and runs it with our own input and output. A failure is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let what = shown(command);
    println!("$ {what}");
    let status = command.status().map_err(Error::io(format!("cannot start `{what}`")))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { what, code: status.code() }) }
}

/// A `cargo` command of the toolchain that runs us, in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments).current_dir(root());
    command
}

/// The root of the workspace: two levels above this package.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(target)
}

/// Whether the run is one that must have every part (`CI=true`, or `CI=1`).
pub(crate) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
