//! `cargo xtask bench`: the benchmarks, measured, or each of them once.

use crate::{
    error::{Error, Result},
    parts,
    run::{cargo, run, target_directory},
};

/// The arguments of `cargo xtask bench`.
#[derive(Debug, Default)]
struct Wanted<'a> {
    name: Option<&'a str>,
    smoke: bool,
    peers: bool,
}

/// Runs the benchmarks of the `benches` package against the release build; with `--smoke` each of them once,
/// without measuring, with `--peers` those beside other engines too.
pub(crate) fn bench(words: &[&str]) -> Result<()> {
    let wanted = parse(words)?;
    let ready = parts::prepare(parts::Tier::Bench)?;
    run(&mut cargo(&["build", "--release", "--package", "wharfinger"]))?;
    let mut command = cargo(&["bench", "--package", "benches"]);
    if wanted.peers {
        command.args(["--features", "peers"]);
    }
    match wanted.name {
        Some(name) => command.args(["--bench", name]),
        None => command.arg("--benches"),
    };
    if wanted.smoke {
        command.args(["--", "--test"]);
    }
    command.env("PATH", ready.places.path_variable()?);
    let outcome = run(command.env("WHARFINGER_BIN", target_directory().join("release").join("wharfinger")));
    ready.say_missing();
    outcome
}

fn parse<'a>(words: &[&'a str]) -> Result<Wanted<'a>> {
    let mut wanted = Wanted::default();
    for word in words {
        match *word {
            "--smoke" => wanted.smoke = true,
            "--peers" => wanted.peers = true,
            option if option.starts_with('-') => {
                return Err(Error::Usage(format!("cargo xtask bench does not know {option}")));
            }
            name if wanted.name.is_none() => wanted.name = Some(name),
            _ => return Err(Error::Usage("cargo xtask bench takes one name".to_owned())),
        }
    }
    Ok(wanted)
}
