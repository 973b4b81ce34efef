//! What waits for SQLite's one writer: administration in front of content, and never more in one durable commit than is done in
//! some milliseconds.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::lane::{GROUP_ROWS_MAX, Lane, SMALL_ROWS_MAX};

/// Jobs one durable commit may carry.
const GROUP_JOBS_MAX: usize = 256;

/// Jobs in two lines. Bounded by those who queue: content by its budgets, administration by its turns.
pub(super) struct Queue<J> {
    lines: Mutex<Lines<J>>,
    more: Condvar,
}

/// A job in the queue; nobody waits for an unattended one, so it waits for company instead of having a commit of its own.
pub(super) struct Queued<J> {
    pub(super) job: J,
    /// Rows it touches, about.
    pub(super) rows: u64,
    pub(super) attended: bool,
}

struct Lines<J> {
    administration: VecDeque<Queued<J>>,
    content: VecDeque<Queued<J>>,
    /// Jobs of the content that somebody waits for.
    attended: usize,
    /// The last group was one of administration.
    administered: bool,
    /// The large job in front of the content has let others pass.
    overtaken: bool,
    closed: bool,
    /// Nobody serves the lines any more.
    ended: bool,
}

/// Held by who serves the lines; when it is dropped, so is whatever waits in them.
pub(super) struct Serving<'q, J>(&'q Queue<J>);

impl<J> Queue<J> {
    pub(super) const fn new() -> Self {
        let lines = Lines {
            administration: VecDeque::new(),
            content: VecDeque::new(),
            attended: 0,
            administered: false,
            overtaken: false,
            closed: false,
            ended: false,
        };
        Self { lines: Mutex::new(lines), more: Condvar::new() }
    }

    /// Dropped at once if nobody serves the lines any more.
    pub(super) fn push(&self, lane: Lane, job: Queued<J>) {
        let mut lines = self.lines();
        if lines.ended {
            return;
        }
        match lane {
            Lane::Administration => lines.administration.push_back(job),
            Lane::Content => {
                lines.attended = lines.attended.saturating_add(usize::from(job.attended));
                lines.content.push_back(job);
            }
        }
        self.more.notify_one();
    }

    pub(super) const fn serving(&self) -> Serving<'_, J> {
        Serving(self)
    }

    /// No more will come; what waits is still handed out.
    pub(super) fn close(&self) {
        self.lines().closed = true;
        self.more.notify_one();
    }

    /// Waits for the next group: jobs of one lane, in order. Administration comes first, but not twice while content waits.
    /// `None` at the end.
    pub(super) fn next_group(&self) -> Option<Vec<J>> {
        let mut lines = self.lines();
        loop {
            if let Some(group) = lines.take() {
                return Some(group);
            }
            if lines.closed {
                return None;
            }
            lines = self.more.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines<J>> {
        // Nothing that panics happens under the lock.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Drop for Serving<'_, J> {
    fn drop(&mut self) {
        let waiting = {
            let mut lines = self.0.lines();
            lines.ended = true;
            (std::mem::take(&mut lines.administration), std::mem::take(&mut lines.content))
        };
        drop(waiting);
    }
}

impl<J> Lines<J> {
    fn take(&mut self) -> Option<Vec<J>> {
        let content = self.attended > 0
            || self.content.len() >= GROUP_JOBS_MAX
            || (self.closed && !self.content.is_empty());
        let in_turn = !(self.administered && content);
        let administration = in_turn && !self.administration.is_empty();
        if !administration && !content {
            return None;
        }
        self.administered = administration;
        if administration {
            return Some(front(&mut self.administration).into_iter().map(|queued| queued.job).collect());
        }
        let group = self.content();
        let attended = group.iter().filter(|queued| queued.attended).count();
        self.attended = self.attended.saturating_sub(attended);
        Some(group.into_iter().map(|queued| queued.job).collect())
    }

    /// The next group of the content: a large job alone, once those that came before it have gone, and those that did while it
    /// waited. It never overtakes anybody.
    fn content(&mut self) -> Vec<Queued<J>> {
        if !self.content.front().is_some_and(Queued::is_large) {
            return front(&mut self.content);
        }
        let small = self.content.iter().any(|queued| queued.attended && !queued.is_large());
        if self.overtaken || !small {
            self.overtaken = false;
            return self.content.pop_front().into_iter().collect();
        }
        self.overtaken = true;
        let (large, mut small): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.content).into_iter().partition(Queued::is_large);
        let group = front(&mut small);
        self.content = large;
        self.content.append(&mut small);
        group
    }
}

impl<J> Queued<J> {
    const fn is_large(&self) -> bool {
        self.rows > SMALL_ROWS_MAX
    }
}

/// As many as fit into one commit, at least one, and nobody small beside a large one.
fn front<J>(line: &mut VecDeque<Queued<J>>) -> Vec<Queued<J>> {
    let mut group = Vec::new();
    let mut rows: u64 = 0;
    while group.len() < GROUP_JOBS_MAX
        && let Some(next) = line.front()
    {
        rows = rows.saturating_add(next.rows);
        if !group.is_empty() && (rows > GROUP_ROWS_MAX || next.is_large()) {
            break;
        }
        group.extend(line.pop_front());
    }
    group
}

#[cfg(test)]
mod tests;
