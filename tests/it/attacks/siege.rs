//! An attack under observation, and what is demanded of the gateway while it lasts and after it.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::bystander::{Bystander, STEPS, Seen};
use super::town::Town;
use super::{is_long, told};
use crate::support::process::{Memory, Process};
use crate::support::sampler::{Peak, Sampler};
use crate::support::until;

/// Most resident memory at any moment.
const RESIDENT_BYTES_MAX: u64 = 160_000_000;
/// How far from rest it may stay.
const KEPT_BYTES_MAX: u64 = 20_000_000;
/// How soon after the attack.
const BACK_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// What a release build has resident of its own code. A debug build's is three times as large, and no more of it is counted.
const CODE_BYTES: u64 = 12 << 20;
/// Rounds of everybody else that must go well while the attack is at its worst.
const ROUNDS: usize = 5;
/// Rounds before the attack.
const WARM_ROUNDS: usize = 3;
/// The same as [`ROUNDS`] in the long form.
const LONG_ROUNDS: usize = 50;
/// Longest that an attacker waits until something is known of everything it asked for.
const SETTLED_WITHIN: Duration = Duration::from_secs(10);
/// Bars of the long form, which has a core for the gateway alone, by step of the bystanders.
const SLOWEST_MAX: [Duration; STEPS.len()] = [
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_millis(50),
    Duration::from_millis(50),
    Duration::from_millis(50),
];

pub(super) struct Siege {
    row: &'static str,
    pub(super) town: Town,
    rest_bytes: u64,
    sampler: Sampler,
    bystander: Bystander,
}

impl Siege {
    pub(super) async fn begin(row: &'static str, town: Town) -> Self {
        let login = |who| town.organisation.login(who);
        let bystander = Bystander::start(town.process.address, login("alice"), login("root"));
        // At rest it has its threads, and its caches know everybody else.
        let warm = || bystander.seen().rounds >= WARM_ROUNDS || bystander.seen().failure.is_some();
        until("everybody else is at work", async || warm()).await;
        let memory = town.process.memory();
        let rest_bytes = resident(memory.now_bytes, memory);
        let sampler = Sampler::start(&town.process);
        Self { row, town, rest_bytes, sampler, bystander }
    }

    /// Waits until everybody else has been served some more rounds, or was not.
    pub(super) async fn others_go_on(&self) {
        let wanted = self.bystander.seen().rounds + if is_long() { LONG_ROUNDS } else { ROUNDS };
        loop {
            let seen = self.bystander.seen();
            if seen.failure.is_some() || seen.rounds >= wanted {
                return;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Whether everybody else has been served so far.
    pub(super) fn others_are_served(&self) -> bool {
        self.bystander.seen().failure.is_none()
    }

    /// The attack is over, and all its connections are closed: prints what it came to, `who` was ended, and judges.
    pub(super) async fn relieved(self, who: &str) -> Peak {
        let seen = self.bystander.seen();
        drop(self.bystander);
        let after = after(&self.town.process, self.rest_bytes).await;
        let peak = self.sampler.stop();
        let highest_bytes = resident(peak.memory.highest_bytes, peak.memory);
        let who = format!("{who}; {}", told::ended(&after.metrics));
        let slowest: String =
            seen.slowest.iter().map(|slowest| format!("{:.1} ms\t", slowest.as_secs_f64() * 1e3)).collect();
        println!(
            "ATTACK\t{}\t{} MB\t{} MB after {:.1} s\t{slowest}{} rounds\t{} descriptors\t{} threads\t{who}",
            self.row,
            highest_bytes / 1_000_000,
            after.kept_bytes / 1_000_000,
            after.waited.as_secs_f64(),
            seen.rounds,
            peak.descriptors,
            peak.threads,
        );
        let missed = missed(&seen, highest_bytes, &after);
        assert!(missed.is_empty(), "{}; {who}:\n{}", self.row, missed.join("\n"));
        peak
    }
}

/// How it is some time after an attack.
struct After {
    waited: Duration,
    /// Beyond what is resident at rest.
    kept_bytes: u64,
    metrics: String,
}

/// Waits until everything has been given back, or should have been.
async fn after(process: &Process, rest_bytes: u64) -> After {
    let ended = Instant::now();
    loop {
        let memory = process.memory();
        let kept_bytes = resident(memory.now_bytes, memory).saturating_sub(rest_bytes);
        let metrics = process.metrics().await;
        let is_back = kept_bytes <= KEPT_BYTES_MAX && told::held(&metrics).is_empty();
        if is_back || ended.elapsed() > BACK_WITHIN {
            return After { waited: ended.elapsed(), kept_bytes, metrics };
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Each bar that was not met, in words.
fn missed(seen: &Seen, highest_bytes: u64, after: &After) -> Vec<String> {
    let mut missed: Vec<String> = seen.failure.iter().cloned().collect();
    if highest_bytes > RESIDENT_BYTES_MAX {
        missed.push(format!("{highest_bytes} bytes resident"));
    }
    if after.kept_bytes > KEPT_BYTES_MAX {
        missed.push(format!("{} bytes more than at rest {BACK_WITHIN:?} after it", after.kept_bytes));
    }
    missed.extend(told::held(&after.metrics).into_iter().map(|held| format!("still held: {held}")));
    if is_long() {
        let bars = STEPS.into_iter().zip(seen.slowest).zip(SLOWEST_MAX);
        let slow = bars.filter(|((_, slowest), most)| slowest > most);
        missed.extend(slow.map(|((step, slowest), most)| format!("{step} took {slowest:?} of {most:?}")));
    }
    missed
}

/// Resident bytes, of the code no more than a release build has.
fn resident(bytes: u64, memory: Memory) -> u64 {
    bytes - memory.code_bytes + memory.code_bytes.min(CODE_BYTES)
}

/// Waits until an attacker has what it will get; it does not wait for ever.
pub(super) async fn settled(holds: impl FnMut() -> bool) {
    let mut holds = holds;
    let _ = timeout(SETTLED_WITHIN, until("the attack is at its worst", async || holds())).await;
}
