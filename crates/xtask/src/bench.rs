//! `cargo xtask bench`: the benchmarks, measured, or each of them once.

use crate::{
    error::{Error, Result},
    run::{cargo, run},
};

/// Runs the benchmarks of the `benches` package; with `--smoke` each of them once, without measuring.
pub(crate) fn bench(words: &[&str]) -> Result<()> {
    let mut smoke = false;
    let mut filter = None;
    for word in words {
        match *word {
            "--smoke" => smoke = true,
            option if option.starts_with('-') => {
                return Err(Error::Usage(format!("cargo xtask bench does not know {option}")));
            }
            word => filter = Some(word),
        }
    }
    let mut command = cargo(&["bench", "--package", "benches", "--benches", "--"]);
    command.args(filter);
    if smoke {
        command.arg("--test");
    }
    run(&mut command)
}
