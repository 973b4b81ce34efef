//! Completion: the scripts of shells, and what they are answered. Names are asked from the gateway, as whoever is logged in there.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use super::failure::Failure;
use super::output;
use crate::config::Environment;
use names::{Kind, Line};

mod kept;
mod names;

/// What a script sets when it asks, to the name of its shell.
const VARIABLE: &str = "WHARFINGER_COMPLETE";
/// What shells know the program by.
const PROGRAM: &str = "wharfinger";
/// Longest wait for names: whoever presses a key waits for it.
const WAIT_MAX: Duration = Duration::from_millis(300);
/// Bash takes a word with a colon in it for several, which the script of the library does not know.
const BASH: &str = include_str!("completion/bash.sh");

/// Prints the script of a shell, which asks this program.
pub(super) fn script(shell: Shell) -> Result<(), Failure> {
    if shell == Shell::Bash {
        output::say(BASH.trim_end());
        return Ok(());
    }
    let shells = Shells::builtins();
    let name = shell.to_string();
    let writer =
        shells.completer(&name).ok_or_else(|| Failure::Usage(format!("{name}: no script for it")))?;
    // Into memory first: a reader that goes away is no failure.
    let mut script = Vec::new();
    writer
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(|error| Failure::Other(error.to_string()))?;
    output::say(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}

/// Answers a script that asks, if one does. To be called before anything runs beside.
pub(super) fn answered(
    arguments: &[OsString],
    environment: &Environment,
    command: impl Fn() -> Command,
) -> bool {
    if environment.get(VARIABLE).is_none() {
        return false;
    }
    let line = Arc::new(Line::new(arguments, environment.clone()));
    let knowing = || knowing(command(), &[], &line);
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(knowing).var(VARIABLE).completer(PROGRAM);
    // A shell that is not known gets nothing to offer, like one that asks about a line without an end.
    asked.try_complete(arguments.to_vec(), here.as_deref()).unwrap_or(true)
}

/// The command, with names offered wherever a name of something is typed.
fn knowing(command: Command, verb: &[&str], line: &Arc<Line>) -> Command {
    let mut command = command.mut_args(|argument| with_names(argument, verb, line));
    let inner: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in &inner {
        let verb = [verb, &[name.as_str()]].concat();
        command = command.mut_subcommand(name, |inner| knowing(inner, &verb, line));
    }
    command
}

fn with_names(argument: Arg, verb: &[&str], line: &Arc<Line>) -> Arg {
    let Some(kind) = Kind::of(&argument, verb) else { return argument };
    let line = Arc::clone(line);
    argument.add(ArgValueCompleter::new(move |typed: &OsStr| candidates(kind, typed, &line)))
}

/// What begins as was typed; nothing if the gateway has not said it in time.
fn candidates(kind: Kind, typed: &OsStr, line: &Arc<Line>) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str().map(str::to_owned) else { return Vec::new() };
    let line = Arc::clone(line);
    let (told, tell) = mpsc::sync_channel(1);
    // In a thread that nobody waits for longer: a name that is looked up, or a helper's program, has no limit of its own.
    thread::spawn(move || told.send(names::beginning_with(kind, &typed, &line)));
    let names = tell.recv_timeout(WAIT_MAX).unwrap_or_default();
    names.into_iter().map(CompletionCandidate::new).collect()
}

#[cfg(test)]
mod tests;
