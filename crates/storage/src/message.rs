//! A message for a webhook, put in its queue.

use domain::{Timestamp, time};
use serde_json::{Value, json};

use crate::error::Error;
use crate::layout;
use crate::model::DeliveryRow;
use crate::sql::{Tx, webhooks};

/// Messages that wait for one receiver; beyond that an event is lost to it, which is counted.
pub(crate) const WAITING_MAX: u32 = 1000;

/// What a webhook is told.
pub(crate) struct Message<'a> {
    pub(crate) word: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) data: Value,
}

impl Message<'_> {
    /// Puts it in the queue of a webhook, due at once.
    pub(crate) fn put(&self, tx: &mut dyn Tx, webhook: i64, now: Timestamp) -> Result<DeliveryRow, Error> {
        let id = format!("msg_{}", layout::upload_id()?);
        let body = json!({ "type": self.word, "timestamp": time::show_millis(self.at), "data": self.data });
        webhooks::insert_delivery(tx, webhook, (&id, self.word, &body.to_string()), now)
    }
}
