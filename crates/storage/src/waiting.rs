//! Waiting a while, and no longer, for a share of what is bounded.

use std::sync::Arc;
use std::time::Duration;

use budget::{Budget, Exceeded, Share};
use domain::Client;
use tokio::time::timeout;

/// So much, once it is to be had.
///
/// # Errors
/// As [`Budget::wait`], also if it was not to be had in that time: `Own` if the client holds what it needs itself.
pub(crate) async fn share_within(
    wait: Duration,
    budget: &Arc<Budget>,
    client: Client,
    amount: u64,
) -> Result<Share, Exceeded> {
    match timeout(wait, budget.wait(client, amount)).await {
        Ok(share) => share,
        Err(_) if budget.held_by(client).saturating_add(amount) > budget.bounds().of(client) => {
            Err(Exceeded::Own)
        }
        Err(_) => Err(Exceeded::Total),
    }
}
