//! What becomes of each thing that is carried: said as it happens, counted, and written down for the next time.

use std::cell::{Cell, RefCell};

use indicatif::{HumanBytes, ProgressBar};
use serde_json::json;

use super::journal::Journal;
use crate::cli::failure::Failure;
use crate::cli::flags::{Form, Output};
use crate::cli::{output, progress};

/// What is there now and was not.
const TAKEN: &str = "taken";

/// What became of one thing.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is there now; so many bytes were carried.
    Taken(u64),
    /// It was there, with the same content.
    Same,
    /// One of the two above, and what is said of it here from now on.
    Told(Box<Self>, Remarked),
    /// There was none.
    Nothing,
    /// It is not there, and why.
    Refused(Failure),
}

/// What is said of a version here that was not said before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Remarked {
    /// That lists do not have it.
    pub(super) unlisted: bool,
    /// That it should no longer be used.
    pub(super) deprecated: bool,
}

/// All that became of all.
pub(super) struct Account {
    form: Form,
    dry_run: bool,
    journal: Option<RefCell<Journal>>,
    bar: ProgressBar,
    taken: Cell<u64>,
    same: Cell<u64>,
    bytes: Cell<u64>,
    skipped: Cell<u64>,
    unlisted: Cell<u64>,
    deprecated: Cell<u64>,
    /// Whether the source was asked for symbols, and gave any.
    symbols: Cell<Option<bool>>,
    /// The code that all refusals so far have in common; 1 if they differ.
    refused: Cell<Option<(u64, u8)>>,
    /// Whether an array was begun.
    listed: Cell<bool>,
}

impl Account {
    pub(super) fn new(form: Form, dry_run: bool, journal: Option<Journal>) -> Self {
        Self {
            form,
            dry_run,
            journal: journal.map(RefCell::new),
            bar: progress::bar(),
            taken: Cell::default(),
            same: Cell::default(),
            bytes: Cell::default(),
            skipped: Cell::default(),
            unlisted: Cell::default(),
            deprecated: Cell::default(),
            symbols: Cell::default(),
            refused: Cell::default(),
            listed: Cell::default(),
        }
    }

    /// Whether nothing is to be changed.
    pub(super) const fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whether an earlier run was done with it.
    pub(super) fn is_done(&self, name: &str) -> bool {
        let done = self.journal.as_ref().is_some_and(|journal| journal.borrow().has(name));
        if done {
            self.skipped.set(self.skipped.get().saturating_add(1));
        }
        done
    }

    /// One more was found.
    pub(super) fn found(&self) {
        self.bar.inc_length(1);
    }

    /// The source was asked for symbols, and gave some or did not.
    pub(super) fn asked_for_symbols(&self, given: bool) {
        self.symbols.set(Some(given || self.symbols.get().unwrap_or_default()));
    }

    /// What became of one.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(super) fn note(&self, name: &str, outcome: &Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Told(outcome, new) => {
                self.note(name, outcome)?;
                for (is_new, count, word) in [
                    (new.unlisted, &self.unlisted, "unlisted"),
                    (new.deprecated, &self.deprecated, "deprecated"),
                ] {
                    if is_new {
                        more(count, 1);
                        self.bar.suspend(|| self.say(name, &self.would_be(word), None));
                    }
                }
                return Ok(());
            }
            Outcome::Nothing => {
                self.bar.inc(1);
                return Ok(());
            }
            Outcome::Taken(bytes) => {
                more(&self.taken, 1);
                more(&self.bytes, *bytes);
            }
            Outcome::Same => more(&self.same, 1),
            Outcome::Refused(failure) => {
                let code = failure.exit_code();
                let (count, common) = self.refused.get().unwrap_or((0, code));
                self.refused.set(Some((count.saturating_add(1), if common == code { code } else { 1 })));
            }
        }
        if !self.dry_run
            && !matches!(outcome, Outcome::Refused(_))
            && let Some(journal) = &self.journal
        {
            journal.borrow_mut().put(name)?;
        }
        let (word, reason) = match outcome {
            Outcome::Refused(failure) => ("refused".to_owned(), Some(failure.to_string())),
            Outcome::Same => ("same".to_owned(), None),
            _ => (self.would_be(TAKEN), None),
        };
        self.bar.suspend(|| self.say(name, &word, reason));
        self.bar.set_message(self.counts());
        self.bar.inc(1);
        Ok(())
    }

    /// What is done, or, if nothing is to be changed, what would be.
    fn would_be(&self, word: &str) -> String {
        if self.dry_run { format!("would be {word}") } else { word.to_owned() }
    }

    fn say(&self, name: &str, word: &str, reason: Option<String>) {
        let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
        match self.form {
            Form { quiet: true, .. } => {
                if word.ends_with(TAKEN) {
                    output::say(&name);
                }
            }
            Form { output: Output::Table, .. } => {
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                output::say(&format!("{word}  {name}{reason}"));
            }
            Form { output, .. } => {
                let line = json!({ "name": name, "outcome": word, "reason": reason }).to_string();
                let between = match (output, self.listed.replace(true)) {
                    (Output::Json, true) => ",\n",
                    (Output::Json, false) => "[\n",
                    _ => "",
                };
                output::say(&format!("{}{line}", between.trim_end()));
            }
        }
    }

    fn counts(&self) -> String {
        let refused = self.refused.get().map_or(0, |(count, _)| count);
        let taken = self.would_be(TAKEN);
        let said = [(&self.unlisted, "unlisted"), (&self.deprecated, "deprecated")];
        let said = said.into_iter().filter(|(count, _)| count.get() > 0);
        let said: String =
            said.map(|(count, word)| format!(", {} {}", count.get(), self.would_be(word))).collect();
        let done = match self.skipped.get() {
            0 => String::new(),
            skipped => format!(", {skipped} done before"),
        };
        let bytes = if self.dry_run { String::new() } else { format!(" ({})", HumanBytes(self.bytes.get())) };
        let (count, same) = (self.taken.get(), self.same.get());
        format!("{count} {taken}{bytes}, {same} the same, {refused} refused{said}{done}")
    }

    /// The last words.
    ///
    /// # Errors
    /// Something was refused: with the code that all refusals have, or 1.
    pub(super) fn close(&self, outcome: Result<(), Failure>) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        match self.form {
            Form { quiet: false, output: Output::Json } => {
                output::say(if self.listed.get() { "]" } else { "[]" });
            }
            Form { quiet: true, .. } | Form { output: Output::Jsonl, .. } => {}
            Form { .. } => {
                let symbols =
                    if self.symbols.get() == Some(false) { "; the source offers no symbols" } else { "" };
                output::say(&format!("{}{symbols}", self.counts()));
            }
        }
        outcome?;
        match self.refused.get() {
            None => Ok(()),
            Some((count, code)) => Err(of_code(code, format!("{count} refused"))),
        }
    }
}

fn more(count: &Cell<u64>, by: u64) {
    count.set(count.get().saturating_add(by));
}

/// A failure of this exit code.
fn of_code(code: u8, text: String) -> Failure {
    match code {
        5 => Failure::Refused(text),
        6 => Failure::Absent(text),
        7 => Failure::Conflict(text),
        _ => Failure::Other(text),
    }
}
