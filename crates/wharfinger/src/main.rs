//! `wharfinger`, the program.

use std::process::ExitCode;

use wharfinger::cli;
use wharfinger::config::Environment;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator asks for pages of 2 MiB: a gateway at rest would fill a tenth of them and hold 12 MB more. Where the kernel
    // does not know the wish there is nothing to do.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    cli::run(std::env::args_os().collect(), Environment::of_the_process())
}
