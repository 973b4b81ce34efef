//! `wharfinger`, the program.

use std::process::ExitCode;

use wharfinger::cli;
use wharfinger::config::Environment;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os(), Environment::of_the_process())
}
