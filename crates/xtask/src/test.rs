//! `cargo xtask test`: every test, with the real clients and a real database beside it.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    error::{Error, Result},
    image::static_program,
    parts::{self, Ready, Tier},
    postgres::Postgres,
    run::{cargo, is_ci, run, target_directory},
};

/// The arguments of `cargo xtask test`.
#[derive(Debug, Default)]
struct Wanted<'a> {
    filter: Option<&'a str>,
    all_clients: bool,
}

/// Installs what can be installed, starts PostgreSQL, builds everything, runs the tests, says what was missing.
pub(crate) fn test(words: &[&str]) -> Result<()> {
    let wanted = parse(words)?;
    let tier = if wanted.all_clients { Tier::Full } else { Tier::Ci };
    let ready = parts::prepare(tier)?;
    let postgres = database(&ready)?;
    // The binary is built together with the tests, so that both come from one set of features.
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    // A second build of everything: worth it where nobody waits for it.
    let program = if is_ci() || wanted.all_clients { Some(static_program(false)?) } else { None };
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.args(wanted.filter).envs(environment(&ready, postgres.as_ref(), tier)?);
    if let Some(program) = program {
        tests.env("WHARFINGER_STATIC_BIN", program);
    }
    let outcome = run(&mut tests);
    drop(postgres);
    if !ready.missing.is_empty() {
        println!("\nNOT TESTED, because these parts are missing:");
        ready.say_missing();
    }
    outcome?;
    if wanted.all_clients && !ready.missing.is_empty() {
        return Err(Error::Unfit("all clients were asked for, and some are missing".to_owned()));
    }
    Ok(())
}

fn parse<'a>(words: &[&'a str]) -> Result<Wanted<'a>> {
    let mut wanted = Wanted::default();
    for word in words {
        match *word {
            "--all-clients" => wanted.all_clients = true,
            option if option.starts_with('-') => {
                return Err(Error::Usage(format!("cargo xtask test does not know {option}")));
            }
            filter if wanted.filter.is_none() => wanted.filter = Some(filter),
            _ => return Err(Error::Usage("cargo xtask test takes one filter".to_owned())),
        }
    }
    Ok(wanted)
}

fn database(ready: &Ready) -> Result<Option<Postgres>> {
    if ready.missing.iter().any(|(part, _)| part.name == "postgresql") {
        return Ok(None);
    }
    let postgres = Postgres::start(&ready.places)?;
    println!("PostgreSQL for the tests: {}", postgres.url());
    Ok(Some(postgres))
}

/// What the tests read from their environment.
pub(crate) fn environment(
    ready: &Ready,
    postgres: Option<&Postgres>,
    tier: Tier,
) -> Result<Vec<(&'static str, OsString)>> {
    let without: Vec<&str> = ready.missing.iter().map(|(part, _)| part.name).collect();
    let mut variables = vec![
        ("PATH", ready.places.path_variable()?),
        ("RUN_REAL_CLIENTS", "1".into()),
        ("WHARFINGER_TEST_WITHOUT", without.join(",").into()),
        ("WHARFINGER_BIN", binary().into_os_string()),
    ];
    if tier == Tier::Full {
        variables.push(("WHARFINGER_TEST_ALL_CLIENTS", "1".into()));
    }
    let apart = parts::apart(tier, &ready.places).into_iter();
    variables.extend(apart.map(|(name, directory)| (name, directory.into_os_string())));
    if let Some(postgres) = postgres {
        variables.push(("WHARFINGER_TEST_POSTGRES", postgres.url().into()));
    }
    Ok(variables)
}

/// The binary that the build has just made.
pub(crate) fn binary() -> PathBuf {
    target_directory().join("debug").join("wharfinger")
}

#[cfg(test)]
mod tests;
