//! Two examples for the help of each verb. They stand in `examples.txt`, a line each: what an example is of it says itself.

use clap::Command;

/// All of them. A test reads each as the command line does.
const EXAMPLES: &str = include_str!("examples.txt");
/// The program, as lines call it.
const PROGRAM: &str = "wharfinger ";

/// The command with its examples in the help of each verb.
pub(super) fn shown_in(command: Command) -> Command {
    let mut command = command;
    for line in EXAMPLES.lines() {
        command = shown(command, &words_of(line), line);
    }
    command
}

/// The words of an example behind the program's name; what a shell does with them is left out.
fn words_of(line: &str) -> Vec<&str> {
    let words = line.split_once(PROGRAM).map_or(line, |(_, words)| words);
    words.split(' ').collect()
}

/// Adds the line to the help of the verb that its words lead to.
fn shown(command: Command, words: &[&str], line: &str) -> Command {
    if let Some((first, rest)) = words.split_first()
        && command.find_subcommand(first).is_some()
    {
        return command.mut_subcommand(first, |verb| shown(verb, rest, line));
    }
    let before = command.get_after_help().map(ToString::to_string);
    let before = before.unwrap_or_else(|| "Examples:".to_owned());
    command.after_help(format!("{before}\n  {line}"))
}

#[cfg(test)]
mod tests;
