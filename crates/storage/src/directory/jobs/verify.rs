//! The chain of administrative events, computed anew.

use serde_json::Value;

use crate::audit::{AuditEvent, audit_chain};
use crate::error::Error;
use crate::sql::jobs::JobRecord;
use crate::sql::{Tx, audit};

/// Events of a step: some milliseconds.
const EVENTS_MAX: u32 = 500;
/// What the chain begins with.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a step found.
pub(super) enum Step {
    /// All was right, up to here.
    Reached { done: u64, total: u64, sequence: u64, chain: String },
    /// It is over.
    Found { done: u64, result: Verified },
    /// It cannot be done.
    Failed(String),
}

/// What came of it.
pub(super) struct Verified {
    /// The first that is kept.
    pub(super) first: u64,
    /// The last that is as it was written, and its hash.
    pub(super) last: u64,
    pub(super) chain: String,
    /// What is wrong behind it.
    pub(super) broken: Option<String>,
}

/// Where the chain is computed anew from.
struct Walk {
    /// The last of those that expired.
    anchor: u64,
    done: u64,
    sequence: u64,
    chain: String,
}

/// Goes on where the job stands. All of it reads one moment of the rows.
pub(super) fn step(tx: &mut dyn Tx, job: &JobRecord) -> Result<Step, Error> {
    let (anchor, anchor_chain) = anchor(tx)?;
    let at = job.sequence.filter(|sequence| *sequence >= anchor);
    // The beginning may expire while it is walked.
    let mut walk = match at {
        Some(sequence) => Walk { anchor, done: job.done, sequence, chain: job.chain.to_string() },
        None => Walk { anchor, done: job.done, sequence: anchor, chain: anchor_chain },
    };
    let events = audit::chained_after(tx, walk.sequence, EVENTS_MAX)?;
    for event in &events {
        if let Some(broken) = walk.take(event) {
            return Ok(walk.found(Some(broken)));
        }
    }
    let head = audit::head(tx)?;
    if events.len() as u64 >= u64::from(EVENTS_MAX) {
        let left = head.sequence.saturating_sub(walk.sequence);
        let Walk { done, sequence, chain, .. } = walk;
        return Ok(Step::Reached { done, total: done.saturating_add(left), sequence, chain });
    }
    let is_whole = head.sequence == walk.sequence && (*head.chain == walk.chain || head.sequence == 0);
    let broken = (!is_whole).then(|| format!("the chain ends after event {}, and went on", walk.sequence));
    Ok(walk.found(broken))
}

impl Walk {
    /// Takes the next event; what is wrong with it, if anything is.
    fn take(&mut self, event: &AuditEvent) -> Option<String> {
        let expected = self.sequence.saturating_add(1);
        let sequence = event.sequence.unwrap_or_default();
        if sequence != expected {
            return Some(format!("event {expected} of the chain is missing: {sequence} follows"));
        }
        let computed = audit_chain(&self.chain, &event.document()).unwrap_or_default();
        if event.chain.as_deref() != Some(&*computed) {
            let id = event.id;
            return Some(format!("event {id}, number {sequence} of the chain, or one before it was changed"));
        }
        (self.sequence, self.chain, self.done) = (sequence, computed, self.done.saturating_add(1));
        None
    }

    fn found(self, broken: Option<String>) -> Step {
        let first = self.anchor.saturating_add(1);
        Step::Found {
            done: self.done,
            result: Verified { first, last: self.sequence, chain: self.chain, broken },
        }
    }
}

/// Behind which event the chain is kept, and its hash: as the last of the events says that took some of its beginning away.
fn anchor(tx: &mut dyn Tx) -> Result<(u64, String), Error> {
    let Some(text) = audit::last_cut(tx)? else { return Ok((0, NOTHING.to_owned())) };
    let after: Value = serde_json::from_str(&text)
        .map_err(|_| Error::corrupt("what a cut of the audit says is no document"))?;
    let sequence = after.get("sequence").and_then(Value::as_u64);
    let chain = after.get("chain").and_then(Value::as_str);
    let anchor = sequence.zip(chain).map(|(sequence, chain)| (sequence, chain.to_owned()));
    anchor.ok_or_else(|| Error::corrupt("a cut of the audit does not say where"))
}
