//! What becomes of each thing that is carried: said as it happens, counted, and written down for the next time.

use std::cell::{Cell, RefCell};

use indicatif::{HumanBytes, ProgressBar};
use serde_json::json;

use super::journal::Journal;
use crate::cli::failure::Failure;
use crate::cli::flags::{Form, Output};
use crate::cli::{output, progress};

/// What became of one thing.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is there now; so many bytes were carried.
    Taken(u64),
    /// It was there, with the same content.
    Same,
    /// It is not there, and why.
    Refused(Failure),
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

    /// What became of one.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(super) fn note(&self, name: &str, outcome: &Outcome) -> Result<(), Failure> {
        let more = |count: &Cell<u64>, by: u64| count.set(count.get().saturating_add(by));
        match outcome {
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
        self.bar.suspend(|| self.say(name, outcome));
        self.bar.set_message(self.counts());
        self.bar.inc(1);
        Ok(())
    }

    fn say(&self, name: &str, outcome: &Outcome) {
        let (word, reason) = match outcome {
            Outcome::Taken(_) if self.dry_run => ("would be taken", None),
            Outcome::Taken(_) => ("taken", None),
            Outcome::Same => ("same", None),
            Outcome::Refused(failure) => ("refused", Some(failure.to_string())),
        };
        let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
        match self.form {
            Form { quiet: true, .. } => {
                if matches!(outcome, Outcome::Taken(_)) {
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
        let taken = if self.dry_run { "would be taken" } else { "taken" };
        let done = match self.skipped.get() {
            0 => String::new(),
            skipped => format!(", {skipped} done before"),
        };
        let bytes = if self.dry_run { String::new() } else { format!(" ({})", HumanBytes(self.bytes.get())) };
        format!("{} {taken}{bytes}, {} the same, {refused} refused{done}", self.taken.get(), self.same.get())
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
            Form { .. } => output::say(&self.counts()),
        }
        outcome?;
        match self.refused.get() {
            None => Ok(()),
            Some((count, code)) => Err(of_code(code, format!("{count} refused"))),
        }
    }
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
