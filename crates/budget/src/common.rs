use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::{Budget, Exceeded};

/// A part of a budget that no client is charged for, because all share what it stands for: a document that is kept. Given back
/// when dropped.
#[derive(Debug)]
#[must_use]
pub struct Common {
    budget: Arc<Budget>,
    amount: u64,
}

impl Budget {
    /// Takes so much for all clients together, if it is to be had at once.
    ///
    /// # Errors
    /// `Total`, which it always is.
    pub fn take_common(self: &Arc<Self>, amount: u64) -> Result<Common, Exceeded> {
        self.reserve_total(amount).inspect_err(|_| self.refuse())?;
        Ok(Common { budget: Arc::clone(self), amount })
    }
}

impl Drop for Common {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.amount, Ordering::SeqCst);
        self.budget.serve_who_waits();
    }
}
