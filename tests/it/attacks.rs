//! The whole binary, attacked from one address, or by one publisher, as somebody did who knew its code. Nobody else notices:
//! others are served, what is withdrawn is withdrawn at once, memory stays flat and comes back.
//!
//! What is asserted here does not depend on how fast the machine is. `cargo xtask attack` runs the same tests in their long
//! form against the release build, alone on the machine, and judges the times as well.

mod bystander;
mod connections;
mod documents;
mod floods;
mod honest;
mod log;
mod search;
mod siege;
mod streams;
mod told;
mod town;
mod writers;

use crate::support::dial::local;

/// Where attacks come from, unless they come from several addresses.
const ATTACKER: std::net::IpAddr = local(66);

/// Whether the long form was asked for.
fn is_long() -> bool {
    std::env::var_os("WHARFINGER_TEST_ATTACKS").is_some_and(|form| form == "long")
}

/// How many, in the short and in the long form.
fn count(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}
