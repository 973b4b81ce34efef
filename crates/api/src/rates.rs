//! How often one caller may ask (docs/api.md 1): who is verified by principal, anybody else by address.

use std::sync::Arc;

use budget::{Often, Rate, TooOften};
use domain::{Client, Clock};

use crate::problem::Fault;

/// The numbers. Each must be at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// Changes of one caller at once, after a while of nothing.
    pub changes_burst_max: u32,
    /// And then so many a second.
    pub changes_per_sec_max: u32,
    /// Answers to one caller a second in which nothing is changed.
    pub reads_per_sec_max: u32,
    /// Projects that one caller makes in a minute.
    pub new_projects_per_minute_max: u32,
    /// Times a second that one caller asks who could be added to a project.
    pub candidates_per_sec_max: u32,
    /// Callers whose requests are counted at a time, for each of these.
    pub clients_max: usize,
}

/// What there is only so much of in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Something is changed, or tried.
    Change,
    /// Something is looked at.
    Read,
    /// A project is made.
    NewProject,
    /// It is asked who could be added to a project.
    Candidates,
}

/// How often each caller asked of late.
pub struct Rates {
    clock: Arc<dyn Clock>,
    changes: Arc<Rate>,
    reads: Arc<Rate>,
    new_projects: Arc<Rate>,
    candidates: Arc<Rate>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            changes_burst_max: 400,
            changes_per_sec_max: 200,
            reads_per_sec_max: 1000,
            new_projects_per_minute_max: 10,
            candidates_per_sec_max: 5,
            clients_max: 65_536,
        }
    }
}

impl Rates {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(limits: &RateLimits, clock: Arc<dyn Clock>) -> Arc<Self> {
        let rate = |burst, times, secs| Arc::new(Rate::new(Often { burst, times, secs }, limits.clients_max));
        let even = |times, secs| rate(times, times, secs);
        Arc::new(Self {
            clock,
            changes: rate(limits.changes_burst_max, limits.changes_per_sec_max, 1),
            reads: even(limits.reads_per_sec_max, 1),
            new_projects: even(limits.new_projects_per_minute_max, 60),
            candidates: even(limits.candidates_per_sec_max, 1),
        })
    }

    /// Takes a turn of a caller.
    ///
    /// # Errors
    /// `TooOften` if there is none for now.
    pub fn take(&self, client: Client, turn: Turn) -> Result<(), Fault> {
        let told = |TooOften { retry_after_secs }| Fault::TooOften { words: turn.words(), retry_after_secs };
        self.of(turn).take(client, self.clock.now()).map_err(told)
    }

    /// Gives back a turn that came to nothing.
    pub fn give_back(&self, client: Client, turn: Turn) {
        self.of(turn).give_back(client);
    }

    /// Each by its name, for whoever watches.
    #[must_use]
    pub const fn watched(&self) -> [(&'static str, &Arc<Rate>); 4] {
        [
            ("changes", &self.changes),
            ("reads", &self.reads),
            ("new_projects", &self.new_projects),
            ("candidates", &self.candidates),
        ]
    }

    fn of(&self, turn: Turn) -> &Rate {
        match turn {
            Turn::Change => &self.changes,
            Turn::Read => &self.reads,
            Turn::NewProject => &self.new_projects,
            Turn::Candidates => &self.candidates,
        }
    }
}

impl Turn {
    /// What is said to whom has none left.
    const fn words(self) -> &'static str {
        match self {
            Self::Change => "you change more in a second than one may; wait as long as `Retry-After` says",
            Self::Read => "you ask more in a second than one may; wait as long as `Retry-After` says",
            Self::NewProject => {
                "you make more projects in a minute than one may; what is there can be changed"
            }
            Self::Candidates => "you ask more often than one may who could be added to a project",
        }
    }
}

#[cfg(test)]
mod tests;
