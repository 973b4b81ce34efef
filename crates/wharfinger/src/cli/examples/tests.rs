use clap::{CommandFactory as _, Parser as _};

use super::super::Cli;
use super::*;

/// As a shell parts words: by spaces, but for those in quotes, up to where something else begins.
fn parted(line: &str) -> Vec<String> {
    let start = line.find(PROGRAM).expect("the program");
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line[start..].chars() {
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (' ', None) => words.push(String::new()),
            (letter, _) => words.last_mut().expect("a word").push(letter),
        }
    }
    let end = words.iter().position(|word| ["<", ">", "|"].contains(&word.as_str()));
    words.truncate(end.unwrap_or(words.len()));
    words
}

#[test]
fn every_example_is_understood() {
    for line in EXAMPLES.lines() {
        if let Err(error) = Cli::try_parse_from(parted(line)) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn every_verb_has_two() {
    let mut wrong = Vec::new();
    count(&shown_in(Cli::command()), &mut wrong);
    assert!(wrong.is_empty(), "not two examples in examples.txt: {wrong:?}");
}

fn count(command: &Command, wrong: &mut Vec<String>) {
    for verb in command.get_subcommands() {
        count(verb, wrong);
        let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
        let number = help.matches(PROGRAM).count();
        let wanted = if verb.has_subcommands() && verb.is_subcommand_required_set() { 0 } else { 2 };
        if number != wanted {
            wrong.push(format!("{}: {number}", verb.get_name()));
        }
    }
}
