//! The keys of issuers, fetched and kept: what vouches for machines is asked through the guard, at most as often as it must be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auth::{IssuerKeys, IssuerSource, KeySet, KeysUnavailable};
use bytes::Bytes;
use domain::BoxFuture;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use outbound::{Client, Place, Request, Target};
use serde_json::Value;
use tokio::time::{Instant, timeout};

/// Discovery and keys together.
const FETCH_MAX: Duration = Duration::from_secs(5);
/// Largest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 256 << 10;
/// Keys that are older are fetched anew, beside the requests.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// Between two fetches for a key that is not there, and after one that failed.
const AGAIN: Duration = Duration::from_secs(60);
/// Keys that could not be fetched anew are good for so long.
const GOOD: Duration = Duration::from_secs(24 * 3600);
/// Most issuers whose keys are kept; there are 64.
const KEPT_MAX: usize = 128;
/// Where an issuer says where its keys are (OpenID Connect Discovery 1.0 §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The keys of issuers.
pub(super) struct FetchedKeys {
    client: Arc<Client>,
    kept: Mutex<HashMap<i64, Arc<Kept>>>,
}

/// The keys of one issuer.
struct Kept {
    source: IssuerSource,
    /// Held while they are fetched: whoever comes meanwhile waits and takes what came.
    state: tokio::sync::Mutex<State>,
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

impl FetchedKeys {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, kept: Mutex::default() }
    }

    /// Fetches anew what is not fresh any more and was wanted within a day; forgets the rest. Gives how many were fetched and how many
    /// of those failed.
    pub(super) async fn refresh(&self) -> (u64, u64) {
        let all: Vec<(i64, Arc<Kept>)> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().map(|(id, kept)| (*id, Arc::clone(kept))).collect()
        };
        let (mut fetched, mut failed) = (0_u64, 0_u64);
        for (id, kept) in all {
            let mut state = kept.state.lock().await;
            if state.wanted.is_none_or(|wanted| wanted.elapsed() > GOOD) {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            } else if state.is_due() {
                fetched = fetched.saturating_add(1);
                failed =
                    failed.saturating_add(self.fetch_into(&kept.source, &mut state).await.is_err().into());
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
        let kept = Arc::new(Kept { source: source.clone(), state: tokio::sync::Mutex::default() });
        all.insert(source.id, Arc::clone(&kept));
        kept
    }

    async fn fetch_into(
        &self,
        source: &IssuerSource,
        state: &mut State,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        let now = Instant::now();
        state.tried = Some(now);
        let fetched = timeout(FETCH_MAX, self.fetched(source)).await;
        let fetched = fetched.unwrap_or_else(|_| Err("it took longer than 5 seconds".to_owned()));
        match fetched {
            Ok(keys) => {
                let keys = Arc::new(keys);
                state.keys = Some((Arc::clone(&keys), now));
                state.failure = None;
                Ok(keys)
            }
            Err(why) => {
                tracing::warn!(issuer = &*source.url, why, "the keys of an issuer cannot be fetched");
                let failure = KeysUnavailable(why);
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    async fn fetched(&self, source: &IssuerSource) -> Result<KeySet, String> {
        let url = format!("{}{DISCOVERY}", source.url.trim_end_matches('/'));
        let place = private_place(source)?;
        let discovery = self.document("its configuration", &url, place.clone()).await?;
        let discovery: Value =
            serde_json::from_slice(&discovery).map_err(|_| "its configuration is no JSON".to_owned())?;
        let word = |name: &str| discovery.get(name).and_then(Value::as_str);
        if word("issuer") != Some(&source.url) {
            return Err("its configuration is that of another issuer".to_owned());
        }
        let keys = word("jwks_uri").ok_or("its configuration names no keys (`jwks_uri`)")?;
        let keys = self.document("its keys", keys, place).await?;
        KeySet::parse(&keys).map_err(|why| format!("its keys cannot be used: {why}"))
    }

    async fn document(&self, what: &str, url: &str, private: Option<Place>) -> Result<Bytes, String> {
        let failed = |why: &dyn std::fmt::Display| format!("{what}: {why}");
        let target = Target::parse(url).map_err(|why| failed(&why))?;
        let headers = HeaderMap::from_iter([(ACCEPT, JSON)]);
        let (method, body) = (Method::GET, Bytes::new());
        let answer_bytes_max = DOCUMENT_BYTES_MAX;
        let request = Request { method, target, headers, body, answer_bytes_max, private };
        let answer = self.client.send(request).await.map_err(|why| failed(&why))?;
        if answer.status != StatusCode::OK {
            return Err(failed(&format!("it answered {}", answer.status.as_u16())));
        }
        Ok(answer.body)
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
}

impl IssuerKeys for FetchedKeys {
    fn refusal(&self, source: &IssuerSource) -> Option<String> {
        if source.jwks.is_some() {
            return None;
        }
        let refusal = || {
            let target = Target::parse(&source.url).map_err(|why| why.to_string())?;
            let place = private_place(source)?;
            self.client.check(&target, place.as_ref()).map_err(|why| why.to_string())
        };
        refusal().err()
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
            let mut state = kept.state.lock().await;
            state.wanted = Some(Instant::now());
            let good = state.good();
            let has_it = good.as_ref().is_some_and(|keys| key_id.is_none_or(|id| keys.has(id)));
            let lately = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() < AGAIN);
            match good {
                Some(keys) if has_it || lately(state.unknown) => Ok(keys),
                // It may be a new one.
                Some(keys) => {
                    state.unknown = state.wanted;
                    Ok(self.fetch_into(source, &mut state).await.unwrap_or(keys))
                }
                None if lately(state.tried) => {
                    let failure = state.failure.clone();
                    Err(failure.unwrap_or_else(|| KeysUnavailable("they are too old".to_owned())))
                }
                None => self.fetch_into(source, &mut state).await,
            }
        })
    }

    fn fetch<'a>(&'a self, source: &'a IssuerSource) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>> {
        Box::pin(async move {
            if let Some(keys) = given(source) {
                return keys;
            }
            let kept = self.kept(source);
            let mut state = kept.state.lock().await;
            state.wanted = Some(Instant::now());
            self.fetch_into(source, &mut state).await
        })
    }
}

/// Keys that are not fetched.
fn given(source: &IssuerSource) -> Option<Result<Arc<KeySet>, KeysUnavailable>> {
    let keys = KeySet::parse(source.jwks.as_deref()?.as_bytes());
    Some(keys.map(Arc::new).map_err(|why| KeysUnavailable(why.to_string())))
}

/// The one place that may be private: the issuer's own, if somebody who administers the organisation says so.
fn private_place(source: &IssuerSource) -> Result<Option<Place>, String> {
    let target = Target::parse(&source.url).map_err(|why| why.to_string())?;
    Ok(source.private.then(|| target.place().clone()))
}
