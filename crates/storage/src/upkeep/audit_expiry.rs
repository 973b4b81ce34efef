//! Taking events of the audit away once they are as old as the organisation says. Each cut is an administrative event itself, in the
//! transaction that makes it; where it cuts the chain it says where that goes on, so that the rest is still verified.

use domain::{System, Timestamp, time};
use serde_json::{Value, json};

use super::{Lease, STEP_ROWS_MAX, Worked};
use crate::audit::{AuditClass, AuditObject};
use crate::error::{Error, Fault};
use crate::sql::{Tx, audit, audited, organisation};
use crate::store::Storage;

/// Where a run goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpiryCursor {
    /// Which class, in their order.
    class: usize,
    /// Before when, once it was told of.
    told: Option<Timestamp>,
}

impl Storage {
    /// A step of taking away events that are older than the organisation keeps those of their class. Nothing is left when nothing was
    /// done.
    ///
    /// # Errors
    /// Failures of the database; what was not taken away is found again.
    pub async fn expire_audit(
        &self,
        system: &System,
        lease: &Lease,
        cursor: &mut ExpiryCursor,
    ) -> Result<Worked, Fault> {
        let now = self.shared.clock.now();
        let days = self.shared.database.point(organisation::audit_days).await?;
        while let Some(class) = AuditClass::ALL.get(cursor.class).copied() {
            let secs = i64::from(days.of(class)).saturating_mul(24 * 3600);
            let until = cursor.told.unwrap_or_else(|| now.plus_secs(secs.saturating_neg()));
            let by = Expiring { class, until, now, reason: system.reason() };
            let items = match class {
                AuditClass::Admin => self.expire(lease, move |tx| by.administration(tx)).await?,
                AuditClass::Access | AuditClass::Transfer if cursor.told.is_none() => {
                    let count = move |tx: &mut dyn Tx| audit::older(tx, class, until);
                    match self.shared.database.read(count).await? {
                        0 => 0,
                        rows => {
                            cursor.told = Some(until);
                            self.expire(lease, move |tx| by.first(tx, rows)).await?
                        }
                    }
                }
                AuditClass::Access | AuditClass::Transfer => {
                    self.expire(lease, move |tx| by.next(tx)).await?
                }
            };
            if items > 0 {
                return Ok(Worked { items, failed: 0 });
            }
            *cursor = ExpiryCursor { class: cursor.class.saturating_add(1), told: None };
        }
        *cursor = ExpiryCursor::default();
        Ok(Worked::default())
    }

    async fn expire(
        &self,
        lease: &Lease,
        cut: impl Fn(&mut dyn Tx) -> Result<u64, Error> + Send + 'static,
    ) -> Result<u64, Error> {
        Ok(self.fenced(lease, STEP_ROWS_MAX.into(), cut).await?.unwrap_or_default())
    }
}

/// One cut.
#[derive(Clone, Copy)]
struct Expiring {
    class: AuditClass,
    until: Timestamp,
    now: Timestamp,
    reason: &'static str,
}

impl Expiring {
    /// Some of the beginning of the chain, or some of what was never in it.
    fn administration(self, tx: &mut dyn Tx) -> Result<u64, Error> {
        let oldest = audit::oldest_chained(tx, STEP_ROWS_MAX)?;
        let old = oldest.iter().take_while(|link| link.at < self.until);
        let (rows, last) = (old.clone().count() as u64, old.last());
        if let Some(last) = last {
            audit::delete_chained_to(tx, last.sequence)?;
            let anchor = json!({ "sequence": last.sequence, "chain": last.chain });
            self.tell(tx, "admin", rows, &anchor)?;
            return Ok(rows);
        }
        let rows = audit::delete_unchained_before(tx, self.until, STEP_ROWS_MAX)?;
        if rows > 0 {
            self.tell(tx, "before the chain", rows, &Value::Null)?;
        }
        Ok(rows)
    }

    /// The first of so many.
    fn first(self, tx: &mut dyn Tx, rows: u64) -> Result<u64, Error> {
        self.tell(tx, self.class.as_str(), rows, &Value::Null)?;
        self.next(tx)
    }

    fn next(self, tx: &mut dyn Tx) -> Result<u64, Error> {
        audit::delete_before(tx, self.class, self.until, STEP_ROWS_MAX)
    }

    fn tell(self, tx: &mut dyn Tx, name: &str, rows: u64, anchor: &Value) -> Result<(), Error> {
        let mut after = json!({
            "class": self.class.as_str(), "until": time::show_millis(self.until), "rows": rows,
        });
        if let (Some(after), Some(anchor)) = (after.as_object_mut(), anchor.as_object()) {
            after.extend(anchor.clone());
        }
        let object = AuditObject { kind: "audit".into(), id: None, name: name.into(), of: None };
        audited::append_own(tx, ("audit.expire", self.reason, self.now), object, &after)
    }
}
