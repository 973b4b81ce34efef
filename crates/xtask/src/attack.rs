//! `cargo xtask attack`: the attacks of the tests in their long form, against the release build, with a core for the gateway
//! alone. Nothing else should run on the machine meanwhile: here times are judged.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    thread::available_parallelism,
};

use crate::{
    error::{Error, Result},
    run::{cargo, run, target_directory},
};

/// Core of the gateway.
const GATEWAY_CORE: &str = "0";
/// Core of the attackers, and of everybody else who is served meanwhile.
const ATTACKERS_CORE: &str = "1";
/// What a test prints before the fields of its row.
const MARK: &str = "ATTACK\t";
const COLUMNS: &str = "| attack | most resident | kept | slowest /livez | GET | push | revoke | suspend | visibility | rounds | \
                       descriptors | threads | who was ended |";

/// Runs the attacks, or those whose name contains `words`, one after the other; prints a row for each. A missed bar is an error.
pub(crate) fn attack(words: &[&str]) -> Result<()> {
    let filter = match words {
        [] => "attacks::".to_owned(),
        [name] if !name.starts_with('-') => format!("attacks::{name}"),
        _ => return Err(Error::Usage("cargo xtask attack takes one name".to_owned())),
    };
    if available_parallelism().map_err(Error::io("the number of cores"))?.get() < 2 {
        return Err(Error::Unfit("the attacks need two cores, one for the gateway alone".to_owned()));
    }
    run(&mut cargo(&["build", "--release", "--package", "wharfinger"]))?;
    run(&mut cargo(&["test", "--profile", "bench", "--package", "tests", "--test", "it", "--no-run"]))?;
    let mut tests =
        cargo(&["test", "--profile", "bench", "--package", "tests", "--test", "it", "--no-fail-fast"]);
    tests.args(["--", &filter, "--test-threads=1", "--nocapture"]);
    let mut command = Command::new("taskset");
    command.args(["-c", ATTACKERS_CORE]).arg(tests.get_program()).args(tests.get_args());
    if let Some(root) = tests.get_current_dir() {
        command.current_dir(root);
    }
    command.envs([("WHARFINGER_TEST_ATTACKS", "long"), ("WHARFINGER_TEST_GATEWAY_CORE", GATEWAY_CORE)]);
    command.env("WHARFINGER_BIN", target_directory().join("release").join("wharfinger"));
    watched(&mut command)
}

/// Runs it, shows what it says, and the rows once more at the end.
fn watched(command: &mut Command) -> Result<()> {
    let what = "the attacks";
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(Error::io("taskset"))?;
    let mut rows = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(Error::io(what))?;
            println!("{line}");
            rows.extend(row(&line));
        }
    }
    let status = child.wait().map_err(Error::io(what))?;
    println!("\n{COLUMNS}\n|{}", "---|".repeat(COLUMNS.matches(" | ").count() + 1));
    for row in rows {
        println!("{row}");
    }
    if status.success() { Ok(()) } else { Err(Error::Failed { what: what.to_owned(), code: status.code() }) }
}

/// The row of a table that a line of output stands for, if it does.
fn row(line: &str) -> Option<String> {
    let (_, fields) = line.split_once(MARK)?;
    Some(format!("| {} |", fields.split('\t').collect::<Vec<_>>().join(" | ")))
}

#[cfg(test)]
mod tests;
