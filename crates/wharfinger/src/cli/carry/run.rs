//! Many things at once, but never too many: who finds them waits for who carries them.

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::mpsc;

use super::account::{Account, Outcome};
use crate::cli::client::streaming::pause;
use crate::cli::failure::Failure;

/// Things that were found and wait to be carried.
const WAITING_MAX: usize = 64;
/// How often one is tried before the run ends.
const TRIES_MAX: u32 = 4;

/// Where what is found is handed in.
pub(super) type Finds<T> = mpsc::Sender<T>;

/// Finds and carries, at most `parallel` at a time. What nobody can be reached for, or nobody is believed to be somebody for, ends the
/// run; all else that fails is refused by itself.
///
/// # Errors
/// Why it ended.
pub(super) async fn run<T>(
    parallel: usize,
    account: &Account,
    find: impl AsyncFnOnce(Finds<T>) -> Result<(), Failure>,
    name: impl Fn(&T) -> String,
    carry: impl AsyncFn(&T) -> Result<Outcome, Failure>,
) -> Result<(), Failure> {
    let (finds, found) = mpsc::channel(WAITING_MAX);
    let (name, carry) = (&name, &carry);
    let carried = stream::unfold(found, async |mut found| {
        let next: T = found.recv().await?;
        account.found();
        Some((next, found))
    });
    let carried = carried.map(async |one: T| {
        let name = name(&one);
        if account.is_done(&name) {
            return Ok(());
        }
        let outcome = match persistently(&one, carry).await {
            Ok(outcome) => outcome,
            Err(failure @ (Failure::Unreachable(_) | Failure::Unauthenticated(_))) => return Err(failure),
            Err(failure) => Outcome::Refused(failure),
        };
        account.note(&name, &outcome)
    });
    let mut carried = std::pin::pin!(carried.buffer_unordered(parallel));
    let carrying = async {
        while let Some(done) = carried.next().await {
            done?;
        }
        Ok(())
    };
    tokio::try_join!(find(finds), carrying).map(|_| ())
}

/// A connection may break off, and somebody may be busy.
async fn persistently<T>(
    one: &T,
    carry: &impl AsyncFn(&T) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let mut tried = 0_u32;
    loop {
        match carry(one).await {
            Err(Failure::Unreachable(_)) if tried.saturating_add(1) < TRIES_MAX => {
                pause(tried).await;
                tried = tried.saturating_add(1);
            }
            outcome => return outcome,
        }
    }
}
