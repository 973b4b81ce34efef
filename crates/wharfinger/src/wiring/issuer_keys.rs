//! The keys of issuers, fetched and kept: what vouches for machines, or for people, is asked at most as often as it must be, and nobody whose key is
//! known waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth::{IssuerKeys, IssuerSource, KeySet, KeysUnavailable, SourceId};
use domain::BoxFuture;
use tokio::time::{Instant, timeout};

mod fetch;
mod redeem;

use fetch::Fetch;
pub(super) use fetch::Guarded;
pub(super) use redeem::Codes;

/// Discovery and keys together.
const FETCH_MAX: Duration = Duration::from_secs(5);
/// Keys that are older are fetched anew, beside the requests.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// Between two fetches for a key that is not there, and after one that failed.
const AGAIN: Duration = Duration::from_secs(60);
/// Keys that could not be fetched anew are good for so long.
const GOOD: Duration = Duration::from_secs(24 * 3600);
/// Most issuers whose keys are kept; there are 64, and 16 providers of log-ins.
const KEPT_MAX: usize = 128;

/// The keys of issuers.
pub(super) struct FetchedKeys<F = Guarded> {
    fetch: F,
    kept: Mutex<HashMap<SourceId, Arc<Kept>>>,
}

/// The keys of one issuer.
struct Kept {
    source: IssuerSource,
    /// Looked at and changed, never held while anybody is asked.
    state: Mutex<State>,
    /// Held while they are fetched: who needs what comes waits for it, and takes it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Instant)>,
    /// When somebody last asked, whatever came of it.
    tried: Option<Instant>,
    failure: Option<KeysUnavailable>,
    /// When they were last fetched for a key that was not among them.
    unknown: Option<Instant>,
    /// When they were last wanted.
    wanted: Option<Instant>,
}

impl<F: Fetch> FetchedKeys<F> {
    pub(super) fn new(fetch: F) -> Self {
        Self { fetch, kept: Mutex::default() }
    }

    /// Fetches anew what is not fresh any more and was wanted within a day; forgets the rest. Gives how many were fetched and how many
    /// of those failed.
    pub(super) async fn refresh(&self) -> (u64, u64) {
        let all: Vec<(SourceId, Arc<Kept>)> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().map(|(id, kept)| (*id, Arc::clone(kept))).collect()
        };
        let (mut fetched, mut failed) = (0_u64, 0_u64);
        for (id, kept) in all {
            if kept.state().wanted.is_none_or(|wanted| wanted.elapsed() > GOOD) {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                continue;
            }
            let _turn = kept.fetching.lock().await;
            if kept.state().is_due() {
                fetched = fetched.saturating_add(1);
                failed = failed.saturating_add(self.fetch_into(&kept).await.is_err().into());
            }
        }
        (fetched, failed)
    }

    fn kept(&self, source: &IssuerSource) -> Arc<Kept> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get(&source.id).filter(|kept| kept.source == *source) {
            return Arc::clone(kept);
        }
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        let (state, fetching) = (Mutex::default(), tokio::sync::Mutex::default());
        let kept = Arc::new(Kept { source: source.clone(), state, fetching });
        all.insert(source.id, Arc::clone(&kept));
        kept
    }

    /// Whoever calls it holds the turn.
    async fn fetch_into(&self, kept: &Kept) -> Result<Arc<KeySet>, KeysUnavailable> {
        let now = Instant::now();
        kept.state().tried = Some(now);
        let fetched = timeout(FETCH_MAX, self.fetch.fetch(&kept.source)).await;
        let fetched = fetched.unwrap_or_else(|_| Err("it took longer than 5 seconds".to_owned()));
        let mut state = kept.state();
        match fetched {
            Ok(keys) => {
                let keys = Arc::new(keys);
                state.keys = Some((Arc::clone(&keys), now));
                state.failure = None;
                Ok(keys)
            }
            Err(why) => {
                tracing::warn!(issuer = &*kept.source.url, why, "the keys of an issuer cannot be fetched");
                let failure = KeysUnavailable(why);
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }
}

impl Kept {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_due(&self) -> bool {
        let fresh = self.keys.as_ref().is_some_and(|(_, at)| at.elapsed() < FRESH);
        !fresh && self.tried.is_none_or(|tried| tried.elapsed() >= AGAIN)
    }

    /// Those that are not too old.
    fn good(&self) -> Option<Arc<KeySet>> {
        self.keys.as_ref().filter(|(_, at)| at.elapsed() < GOOD).map(|(keys, _)| Arc::clone(keys))
    }

    /// What there is for whoever wants this key and waited for whoever fetched; `None` if it is to be fetched now.
    fn settled(&mut self, key_id: Option<&str>) -> Option<Result<Arc<KeySet>, KeysUnavailable>> {
        let lately = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() < AGAIN);
        match self.good() {
            Some(keys) if has(&keys, key_id) || lately(self.unknown) => Some(Ok(keys)),
            Some(_) => {
                self.unknown = Some(Instant::now());
                None
            }
            None if lately(self.tried) => {
                let failure = self.failure.clone();
                Some(Err(failure.unwrap_or_else(|| KeysUnavailable("they are too old".to_owned()))))
            }
            None => None,
        }
    }
}

impl<F: Fetch> IssuerKeys for FetchedKeys<F> {
    fn refusal(&self, source: &IssuerSource) -> Option<String> {
        if source.jwks.is_some() { None } else { self.fetch.refusal(source) }
    }

    fn keys<'a>(
        &'a self,
        source: &'a IssuerSource,
        key_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>> {
        Box::pin(async move {
            if let Some(keys) = given(source) {
                return keys;
            }
            let kept = self.kept(source);
            let good = {
                let mut state = kept.state();
                state.wanted = Some(Instant::now());
                state.good()
            };
            // Who is known waits for nobody who is not.
            if let Some(keys) = good.filter(|keys| has(keys, key_id)) {
                return Ok(keys);
            }
            let _turn = kept.fetching.lock().await;
            if let Some(settled) = kept.state().settled(key_id) {
                return settled;
            }
            let fetched = self.fetch_into(&kept).await;
            // It may be a key that nobody has: those that there are stay good.
            fetched.or_else(|failure| kept.state().good().ok_or(failure))
        })
    }

    fn fetch<'a>(&'a self, source: &'a IssuerSource) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>> {
        Box::pin(async move {
            if let Some(keys) = given(source) {
                return keys;
            }
            let kept = self.kept(source);
            kept.state().wanted = Some(Instant::now());
            let _turn = kept.fetching.lock().await;
            self.fetch_into(&kept).await
        })
    }
}

/// Whether there is the key that is wanted; who names none takes what there is.
fn has(keys: &KeySet, key_id: Option<&str>) -> bool {
    key_id.is_none_or(|id| keys.has(id))
}

/// Keys that are not fetched.
fn given(source: &IssuerSource) -> Option<Result<Arc<KeySet>, KeysUnavailable>> {
    let keys = KeySet::parse(source.jwks.as_deref()?.as_bytes());
    Some(keys.map(Arc::new).map_err(|why| KeysUnavailable(why.to_string())))
}

#[cfg(test)]
mod tests;
