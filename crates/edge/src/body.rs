use std::future::poll_fn;
use std::task::Poll;

use budget::Exceeded;
use bytes::{Bytes, BytesMut};
use domain::Client;
use tokio::time::{Duration, timeout};

use crate::budgets::account::Account;
use crate::budgets::stall_timer::StallTimer;
use crate::min_rate::MinRate;

mod source;

pub(crate) use source::BodySource;

/// A body that is longer than this may take more off its connection at once, if there is a share of the budget for it.
const WIDE_FROM_BYTES: u64 = 32 << 10;

/// A request body: streamed, capped, and read no slower than the configuration allows. A `100 Continue` that the client expects is
/// sent when the first chunk is asked for, so everything decided before costs the client no upload.
pub struct Body {
    source: BodySource,
    rate_min: MinRate,
    bytes_max: u64,
    received_bytes: u64,
    waited: Duration,
    failed: Option<BodyError>,
    asked_for_width: bool,
    /// The client waits for `100 Continue` before it sends anything.
    awaits_continue: bool,
    /// Who is charged for what is read; nobody is for a body that is there already.
    account: Option<Account>,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("the body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// It came too slowly.
    #[error("the body came too slowly")]
    TimedOut,
    /// The client went away, or the framing is broken.
    #[error("the body ended before its time")]
    Aborted,
    /// The client, or all together, have as much in memory as they may.
    #[error("too much is held in memory: {0}")]
    Busy(Exceeded),
}

/// What became of the rest of a body that nobody wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    /// There is none: the connection can go on.
    Complete,
    /// The client has not sent it and may never do: the connection ends with the answer.
    Withheld,
    /// There was too much of it, or it came too slowly: the connection ends with the answer.
    Cut,
}

impl Body {
    /// Of a request that this account is charged for. `awaits_continue` says that the client expects `100 Continue`.
    pub(crate) fn new(
        source: BodySource,
        rate_min: MinRate,
        awaits_continue: bool,
        account: Account,
    ) -> Self {
        Self { source, rate_min, awaits_continue, account: Some(account), ..Self::from(Bytes::new()) }
    }

    /// From now on this client is charged for the request.
    ///
    /// # Errors
    /// `Exceeded` if it has as many requests in flight as it may, and none ended in time.
    pub async fn charge(&mut self, client: Client) -> Result<(), Exceeded> {
        match &mut self.account {
            Some(account) => account.charge(client).await,
            None => Ok(()),
        }
    }

    /// As [`Self::charge`], on the way of administration, which no traffic fills.
    ///
    /// # Errors
    /// As [`Self::charge`].
    pub async fn charge_administration(&mut self, client: Client) -> Result<(), Exceeded> {
        match &mut self.account {
            Some(account) => account.charge_administration(client).await,
            None => Ok(()),
        }
    }

    /// The address is charged for the request, because nobody has shown yet who they are.
    ///
    /// # Errors
    /// As [`Self::charge`].
    pub async fn charge_address(&mut self) -> Result<(), Exceeded> {
        match self.account.as_ref().map(Account::client) {
            Some(client) => self.charge(client).await,
            None => Ok(()),
        }
    }

    /// Who is charged for the request.
    pub(crate) const fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Who is charged for the answer; nobody reads the body any more.
    pub(crate) fn into_account(self) -> Option<Account> {
        let mut account = self.account;
        if let Some(account) = &mut account {
            account.forget_body();
        }
        account
    }

    /// Lowers the cap; from now on more than `bytes_max` in all is [`BodyError::TooLarge`].
    pub fn cap(&mut self, bytes_max: u64) {
        self.bytes_max = self.bytes_max.min(bytes_max);
    }

    /// Bytes still to come, if the client said: from `Content-Length`.
    #[must_use]
    pub fn declared_bytes(&self) -> Option<u64> {
        self.source.left_bytes()
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// The next bytes, at least one; `None` at the end.
    ///
    /// # Errors
    /// As the variants of [`BodyError`] say; afterwards the same error again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        if self.received_bytes >= WIDE_FROM_BYTES && !self.asked_for_width {
            self.asked_for_width = true;
            if let Some(account) = &self.account {
                account.widen();
            }
        }
        self.bounded_chunk().await
    }

    async fn bounded_chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let room = self.bytes_max.saturating_sub(self.received_bytes);
        let outcome = if self.declared_bytes().is_some_and(|more| more > room) {
            Err(BodyError::TooLarge { bytes_max: self.bytes_max })
        } else {
            self.next().await
        };
        match outcome {
            Ok(Some(chunk)) if chunk.len() as u64 > room => {
                self.fail(BodyError::TooLarge { bytes_max: self.bytes_max })
            }
            Ok(chunk) => Ok(chunk),
            Err(error) => self.fail(error),
        }
    }

    /// The whole body in memory.
    ///
    /// # Errors
    /// As [`Self::chunk`]; `TooLarge` beyond `bytes_max`, `Busy` if the client has as much in memory as it may.
    pub async fn whole(&mut self, bytes_max: u64) -> Result<Bytes, BodyError> {
        self.cap(bytes_max);
        let Some(first) = self.gathered_chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.gathered_chunk().await? else { return Ok(first) };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while let Some(more) = self.gathered_chunk().await? {
            whole.extend_from_slice(&more);
        }
        Ok(whole.freeze())
    }

    /// What is left is not waited for: the client is silent, and is to be told at once why nothing more is wanted.
    pub const fn give_up(&mut self) {
        self.failed = Some(BodyError::TimedOut);
    }

    /// A chunk that stays in memory as long as the request lasts.
    async fn gathered_chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = self.bounded_chunk().await?;
        if let (Some(chunk), Some(account)) = (&chunk, &mut self.account)
            && let Err(exceeded) = account.gather(chunk.len() as u64)
        {
            return self.fail(BodyError::Busy(exceeded));
        }
        Ok(chunk)
    }

    /// Whether anything is or may be left to read.
    pub(crate) const fn has_more(&self) -> bool {
        !matches!(self.source, BodySource::Ended)
    }

    /// Reads and throws away what is left, at most so much for so long.
    pub(crate) async fn drain(&mut self, bytes_max: u64, longest: Duration) -> Drained {
        if !self.has_more() {
            return Drained::Complete;
        }
        if self.awaits_continue {
            return Drained::Withheld;
        }
        if matches!(self.failed, Some(BodyError::TimedOut | BodyError::Aborted)) {
            return Drained::Cut;
        }
        self.failed = None;
        self.bytes_max = self.received_bytes.saturating_add(bytes_max);
        let all = async { while let Ok(Some(_)) = self.bounded_chunk().await {} };
        let in_time = timeout(longest, all).await.is_ok();
        if in_time && !self.has_more() { Drained::Complete } else { Drained::Cut }
    }

    fn fail(&mut self, error: BodyError) -> Result<Option<Bytes>, BodyError> {
        self.failed = Some(error);
        Err(error)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = match &mut self.source {
            BodySource::Ended => None,
            BodySource::Ready(bytes) => Some(std::mem::take(bytes)),
            BodySource::Http1(_) | BodySource::Http2(_) => self.arriving().await?,
        };
        match &chunk {
            Some(chunk) => self.received_bytes = self.received_bytes.saturating_add(chunk.len() as u64),
            None => self.source = BodySource::Ended,
        }
        if matches!(self.source, BodySource::Ready(_)) {
            self.source = BodySource::Ended;
        }
        Ok(chunk)
    }

    /// What the client sends next. One that sends nothing gives way to who needs its place, as if it had taken too long.
    async fn arriving(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.awaits_continue = false;
        let longest = self.rate_min.longest_wait(self.waited, self.received_bytes);
        let mut timer: Option<StallTimer> = None;
        let (source, account) = (&mut self.source, self.account.as_ref());
        let next = poll_fn(|cx| {
            if let Poll::Ready(next) = source.poll_data(cx) {
                return Poll::Ready(next);
            }
            let Some(account) = account else { return Poll::Pending };
            let timer = timer.get_or_insert_with(|| account.stall_timer(longest));
            timer.poll_end(cx).map(|_| Err(BodyError::TimedOut))
        });
        let next = next.await;
        if let Some(timer) = timer {
            self.waited = self.waited.saturating_add(timer.waited());
        }
        next
    }
}

/// A body that is there already, such as in tests.
impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self {
            source: if bytes.is_empty() { BodySource::Ended } else { BodySource::Ready(bytes) },
            rate_min: MinRate::NONE,
            bytes_max: u64::MAX,
            received_bytes: 0,
            waited: Duration::ZERO,
            failed: None,
            awaits_continue: false,
            account: None,
            asked_for_width: false,
        }
    }
}

#[cfg(test)]
mod tests;
