//! Messages of webhooks on their way: which is due, and how it went.

use std::time::Duration;

use domain::{System, Timestamp};

use crate::error::{Error, Fault};
use crate::sql::deliveries::{self, Standing, Tried};
use crate::sql::{Load, Tx};
use crate::store::Storage;

/// How long a webhook is one sender's; longer than any request takes. In seconds.
const CLAIM_SECS: i64 = 60;
/// Waits between the tries of one message, in seconds: ten tries within a day.
const WAITS_SECS: [u32; 9] = [5, 60, 300, 1800, 3600, 7200, 14_400, 25_200, 32_400];
/// After so long without one message that arrived, it is told nothing more. In seconds.
const FAILING_SECS_MAX: u64 = 5 * 24 * 3600;
/// Webhooks whose secrets are sealed anew in one step.
const RESEALED_MAX: u32 = 100;
/// Deliveries that ended and are shown, of one webhook.
const KEPT_MAX: u32 = 200;

/// A message to be sent now, by who claimed it.
#[derive(Debug)]
pub struct Claimed {
    webhook: i64,
    delivery: i64,
    tries: u32,
    /// Where to.
    pub url: Box<str>,
    /// The id of the message, the same in each try.
    pub message: Box<str>,
    /// The document.
    pub body: Box<str>,
    /// The sealed secrets that sign it: the present one and, for a while, the one before.
    pub secrets: Vec<Box<str>>,
}

/// How a try went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It arrived, with this status.
    Arrived(u16),
    /// It did not; it is tried again.
    Failed {
        /// The status that was answered, if any was.
        status: Option<u16>,
        /// Why, for people.
        why: String,
    },
    /// It did not, and the receiver is told nothing more until somebody says so.
    Over {
        /// The status that was answered, if any was.
        status: Option<u16>,
        /// Why, for people.
        why: String,
    },
}

impl Storage {
    /// Webhooks with something due, at most `limit`, those first that answer; and whether one failed last.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn webhooks_due(&self, _system: &System, limit: u32) -> Result<Vec<(i64, bool)>, Fault> {
        let now = self.shared.clock.now();
        Ok(self.shared.database.read(move |tx| deliveries::due_webhooks(tx, now, limit)).await?)
    }

    /// Seals secrets anew where `anew` gives another text, so that a key can leave the ring: those of at most 100 webhooks after
    /// `after`. Gives the last of them, `None` at the end.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn reseal_webhooks(
        &self,
        _system: &System,
        after: i64,
        anew: impl Fn(&str) -> Option<String> + Send + 'static,
    ) -> Result<Option<i64>, Fault> {
        let sealed =
            self.shared.database.read(move |tx| deliveries::sealed_after(tx, after, RESEALED_MAX)).await?;
        let last = sealed.last().map(|sealed| sealed.id);
        let mut changed = Vec::new();
        for row in sealed {
            for old in std::iter::once(row.secret).chain(row.previous_secret) {
                changed.extend(anew(&old).map(|new| (row.id, old, new)));
            }
        }
        if !changed.is_empty() {
            let reseal = move |tx: &mut dyn Tx| {
                changed.iter().try_for_each(|(id, old, new)| deliveries::reseal(tx, *id, old, new))
            };
            self.shared.database.write(Load::upkeep(RESEALED_MAX.into()), reseal).await?;
        }
        Ok(last)
    }

    /// Claims the first message of a webhook that is due, for a minute; `None` if there is none, or another node is at it.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn claim_delivery(&self, _system: &System, webhook: i64) -> Result<Option<Claimed>, Fault> {
        let now = self.shared.clock.now();
        let claim = move |tx: &mut dyn Tx| {
            let Some(due) = deliveries::due(tx, webhook, now)? else { return Ok(None) };
            if !deliveries::claim(tx, &due, now.plus_secs(CLAIM_SECS))? {
                return Ok(None);
            }
            let previous = due.previous_until.is_some_and(|until| until > now);
            let secrets = [Some(due.secret), due.previous_secret.filter(|_| previous)];
            Ok(Some(Claimed {
                webhook,
                delivery: due.delivery,
                tries: due.tries,
                url: due.url,
                message: due.message,
                body: due.body,
                secrets: secrets.into_iter().flatten().collect(),
            }))
        };
        Ok(self.shared.database.write(Load::upkeep(1), claim).await?)
    }

    /// Notes how it went, and lets go of the webhook.
    ///
    /// # Errors
    /// Failures of the database: then it is sent again, after the claim.
    pub async fn note_delivery(
        &self,
        _system: &System,
        claimed: Claimed,
        delivered: Delivered,
        took: Duration,
    ) -> Result<(), Fault> {
        let now = self.shared.clock.now();
        let note = move |tx: &mut dyn Tx| note(tx, &claimed, &delivered, took, now);
        Ok(self.shared.database.write(Load::upkeep(2), note).await?)
    }
}

fn note(
    tx: &mut dyn Tx,
    claimed: &Claimed,
    delivered: &Delivered,
    took: Duration,
    now: Timestamp,
) -> Result<(), Error> {
    // Somebody may have deleted it meanwhile.
    let Some(standing) = deliveries::standing(tx, claimed.webhook)? else { return Ok(()) };
    let (status, why) = match delivered {
        Delivered::Arrived(status) => (Some(*status), None),
        Delivered::Failed { status, why } | Delivered::Over { status, why } => (*status, Some(why.as_str())),
    };
    let again = why.is_some().then(|| wait(claimed.tries)).transpose()?.flatten();
    let outcome = match (why, again) {
        (None, _) => "delivered",
        (Some(_), Some(_)) => "waiting",
        (Some(_), None) => "failed",
    };
    let due_at = again.map(|secs| now.plus_secs(secs));
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let delivery = claimed.delivery;
    let tried =
        Tried { delivery, at: now, due_at, outcome, status: status.map(u32::from), error: why, millis };
    deliveries::set_tried(tx, &tried)?;
    let Some(why) = why else {
        deliveries::set_standing(tx, claimed.webhook, &Standing { failures: 0, failing_since: None }, now)?;
        return deliveries::keep_newest(tx, claimed.webhook, KEPT_MAX).map(drop);
    };
    let since = standing.failing_since.unwrap_or(now);
    let pause =
        wait(standing.failures)?.unwrap_or_else(|| WAITS_SECS.last().copied().unwrap_or_default().into());
    let failures = standing.failures.saturating_add(1);
    let failing = Standing { failures, failing_since: Some(since) };
    deliveries::set_standing(tx, claimed.webhook, &failing, now.plus_secs(pause))?;
    if let Delivered::Over { .. } = delivered {
        deliveries::disable(tx, claimed.webhook, why, now)?;
    } else if now.millis_since(since) > FAILING_SECS_MAX.saturating_mul(1000) {
        deliveries::disable(tx, claimed.webhook, "no message has arrived for five days", now)?;
    }
    deliveries::keep_newest(tx, claimed.webhook, KEPT_MAX).map(drop)
}

/// Forgets some messages from before; what still waited is lost to its receiver. Gives how many.
pub(super) fn trim(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let (gone, waited) = deliveries::trim(tx, before, limit)?;
    waited.into_iter().try_for_each(|webhook| deliveries::lose(tx, webhook, 1))?;
    Ok(gone)
}

/// How long to wait after so many failures before this one, in seconds, a little less by chance: those that failed together are
/// not tried again together. `None` after the last.
fn wait(failed: u32) -> Result<Option<i64>, Error> {
    let index = usize::try_from(failed).unwrap_or(usize::MAX);
    let Some(secs) = WAITS_SECS.get(index) else { return Ok(None) };
    let chance = getrandom::u32().map_err(|error| Error::unavailable("drawing random bits", error))? % 256;
    let less = u64::from(*secs).saturating_mul(chance.into()) / 2048;
    Ok(i64::try_from(u64::from(*secs).saturating_sub(less)).ok())
}
