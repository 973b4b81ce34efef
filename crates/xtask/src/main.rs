//! Developer commands: `cargo xtask COMMAND`. Depends on nothing but the standard library.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "talking to a developer is the purpose")]

use std::{env, process::ExitCode};

mod attack;
mod bench;
mod checks;
mod conformance;
mod console;
mod dev;
mod error;
mod gateway;
mod image;
mod parts;
mod postgres;
mod run;
mod screenshots;
mod test;
mod whereto;

use error::{Error, Result};

const USAGE: &str = "\
cargo xtask COMMAND

  test [FILTER] [--all-clients]  all tests with real clients and a real PostgreSQL; on Debian as root
                                 it installs the missing ones first
  ci                             what continuous integration runs, in the same order (.ci/run)
  tidy                           the rules of the house that a program can check
  typos                          spelling, with the same dictionary as continuous integration
  deny                           licences, sources and versions of the dependencies
  loom                           the permission cache's publish and revoke in every order of threads
  fuzz                           every fuzz target compiles
  fuzz TARGET [SECONDS]          runs one of tests/fuzz/targets, with cargo-fuzz and a nightly compiler
  parts                          the clients and servers the tests use, where each was found
  parts --install [--all-clients]
                                 installs what `test` would install
  console                        every page of the console as every caller in every look, in a real Chromium,
                                 with screenshots below target/console
  dev                            a gateway to try things on, and lines to paste
  image                          the static program and the container image around it
  screenshots                    the pictures of the README, in docs/pictures, of a gateway filled for them
  where WORD                     the row of crates/README.md that says where such a line goes
  bench [NAME] [--smoke] [--peers]
                                 the benchmarks; with --smoke each of them once, with --peers those beside
                                 other engines too
  attack [NAME]                  the attacks in their long form against the release build, on two cores and alone
                                 on the machine; judges memory and times
  conformance --suite PATH       the OCI conformance suite, built by you, against a fresh gateway
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(words: &[&str]) -> Result<()> {
    match words {
        ["test", rest @ ..] => test::test(rest),
        ["ci"] => checks::ci(),
        ["tidy"] => checks::tidy(),
        ["typos"] => checks::typos(),
        ["deny"] => checks::deny(),
        ["loom"] => checks::loom(),
        ["fuzz"] => checks::fuzz_targets(),
        ["fuzz", target] => checks::fuzz(target, "60"),
        ["fuzz", target, secs] => checks::fuzz(target, secs),
        ["parts"] => parts::show(),
        ["parts", "--install"] => parts::prepare(parts::Tier::Ci).map(drop),
        ["parts", "--install", "--all-clients"] => parts::prepare(parts::Tier::Full).map(drop),
        ["console"] => console::console(),
        ["dev"] => dev::dev(),
        ["image"] => image::image(),
        ["screenshots"] => screenshots::screenshots(),
        ["where", word] => whereto::whereto(word),
        ["bench", rest @ ..] => bench::bench(rest),
        ["attack", rest @ ..] => attack::attack(rest),
        ["conformance", "--suite", path] => conformance::conformance(path),
        [] | ["help" | "--help" | "-h", ..] => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Error::Usage(format!("unknown command: {}\n\n{USAGE}", other.join(" ")))),
    }
}
