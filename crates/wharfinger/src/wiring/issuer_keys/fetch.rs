//! How the keys of an issuer are asked for: its configuration, and the document that this names.

use std::sync::Arc;

use auth::{IssuerSource, KeySet, LogInEndpoints};
use bytes::Bytes;
use domain::BoxFuture;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use outbound::{Client, Place, Request, Target};
use serde_json::Value;

/// Largest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 256 << 10;
/// Where an issuer says where its keys are (OpenID Connect Discovery 1.0 §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Who asks issuers. One does; tests have another.
pub(in crate::wiring) trait Fetch: Send + Sync {
    /// Why nobody would be asked, as far as the address alone tells.
    fn refusal(&self, source: &IssuerSource) -> Option<String>;

    /// The keys as their issuer says them now; else why not, for people.
    fn fetch<'a>(&'a self, source: &'a IssuerSource) -> BoxFuture<'a, Result<KeySet, String>>;
}

/// Asks through the guard.
#[derive(Clone)]
pub(in crate::wiring) struct Guarded(pub(in crate::wiring) Arc<Client>);

impl Fetch for Guarded {
    fn refusal(&self, source: &IssuerSource) -> Option<String> {
        let refusal = || {
            let target = Target::parse(&source.url).map_err(|why| why.to_string())?;
            let place = private_place(source)?;
            self.0.check(&target, place.as_ref()).map_err(|why| why.to_string())
        };
        refusal().err()
    }

    fn fetch<'a>(&'a self, source: &'a IssuerSource) -> BoxFuture<'a, Result<KeySet, String>> {
        Box::pin(self.fetched(source))
    }
}

impl Guarded {
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
        let log_in = self.log_in(&discovery, place.as_ref());
        let keys = self.document("its keys", keys, place).await?;
        let keys = KeySet::parse(&keys).map_err(|why| format!("its keys cannot be used: {why}"))?;
        Ok(keys.with_log_in(log_in))
    }

    /// Where people log in, if it says so and both are places where they and we may go.
    fn log_in(&self, discovery: &Value, private: Option<&Place>) -> Option<LogInEndpoints> {
        let place = |name: &str| {
            let url = discovery.get(name)?.as_str()?;
            let target = Target::parse(url).ok()?;
            self.0.check(&target, private).ok()?;
            Some(Box::from(url))
        };
        let ways = discovery.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let says_issuer = discovery.get("authorization_response_iss_parameter_supported");
        Some(LogInEndpoints {
            authorization: place("authorization_endpoint")?,
            token: place("token_endpoint")?,
            // Without a word this is what every provider takes.
            basic: ways.is_none_or(|ways| ways.iter().any(|way| way == "client_secret_basic")),
            says_issuer: says_issuer.and_then(Value::as_bool).unwrap_or_default(),
        })
    }

    async fn document(&self, what: &str, url: &str, private: Option<Place>) -> Result<Bytes, String> {
        let failed = |why: &dyn std::fmt::Display| format!("{what}: {why}");
        let target = Target::parse(url).map_err(|why| failed(&why))?;
        let headers = HeaderMap::from_iter([(ACCEPT, JSON)]);
        let (method, body) = (Method::GET, Bytes::new());
        let answer_bytes_max = DOCUMENT_BYTES_MAX;
        let request = Request { method, target, headers, body, answer_bytes_max, private };
        let answer = self.0.send(request).await.map_err(|why| failed(&why))?;
        if answer.status != StatusCode::OK {
            return Err(failed(&format!("it answered {}", answer.status.as_u16())));
        }
        Ok(answer.body)
    }
}

/// The one place that may be private: the issuer's own, if somebody who administers the organisation says so.
pub(super) fn private_place(source: &IssuerSource) -> Result<Option<Place>, String> {
    let target = Target::parse(&source.url).map_err(|why| why.to_string())?;
    Ok(source.private.then(|| target.place().clone()))
}
