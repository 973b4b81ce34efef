//! `wharfinger`, the program.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use wharfinger::cli;
use wharfinger::config::Environment;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long mimalloc keeps a page that has become free, in milliseconds.
const PURGE_DELAY: &str = "MIMALLOC_PURGE_DELAY";

fn main() -> ExitCode {
    // The allocator asks for pages of 2 MiB: a gateway at rest would fill a tenth of them and hold 12 MB more. Where the kernel
    // does not know the wish there is nothing to do.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let serves = std::env::args_os().any(|argument| argument == OsStr::new("serve"));
    if serves && std::env::var_os(PURGE_DELAY).is_none() {
        // Where it cannot be, a gateway serves as well and keeps more memory after a storm.
        let Err(_) = again_without_purge_delay();
    }
    cli::run(std::env::args_os().collect(), Environment::of_the_process())
}

/// Becomes this program anew, as the same process, with an allocator that gives free pages back at once. By default it keeps them a
/// second and then only looks at them when it is asked for more, so that a gateway stays at its peak (docs/decisions/0024-purge-at-once.md).
/// The allocator reads this from the environment alone, before `main`.
fn again_without_purge_delay() -> io::Result<Infallible> {
    let mut arguments = std::env::args_os();
    let mut command = Command::new(std::env::current_exe()?);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    Err(command.args(arguments).env(PURGE_DELAY, "0").exec())
}
