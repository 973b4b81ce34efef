//! What is made of the command line's own description: manual pages.

use std::fs;
use std::path::Path;

use super::failure::Failure;

/// A page for each command, `wharfinger-project-create.1` among them.
///
/// # Errors
/// What the file system says.
pub(super) fn write(command: clap::Command, directory: &Path) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", directory.display()));
    fs::create_dir_all(directory).map_err(wrong)?;
    clap_mangen::generate_to(command, directory).map_err(wrong)
}
