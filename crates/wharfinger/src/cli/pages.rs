//! What is made of the command line's own description: manual pages and completion scripts.

use std::fs;
use std::path::Path;

use super::failure::Failure;
use super::output;

/// A page for each command, `wharfinger-project-create.1` among them.
///
/// # Errors
/// What the file system says.
pub(super) fn write(command: clap::Command, directory: &Path) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", directory.display()));
    fs::create_dir_all(directory).map_err(wrong)?;
    clap_mangen::generate_to(command, directory).map_err(wrong)
}

/// The completion script of a shell.
pub(super) fn completion(shell: clap_complete::Shell, command: &mut clap::Command) {
    // Into memory first: the generator does not take well to a reader that goes away.
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "wharfinger", &mut script);
    output::say(String::from_utf8_lossy(&script).trim_end());
}
