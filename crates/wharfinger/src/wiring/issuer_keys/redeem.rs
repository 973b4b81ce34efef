//! How the codes are exchanged that people come back with from a provider of log-ins (RFC 6749 §4.1.3).

use std::time::Duration;

use auth::{IDENTITY_TOKEN_BYTES_MAX, IssuerSource, LogInEndpoints, Redeems, Redemption, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::BoxFuture;
use form_urlencoded::{Serializer, byte_serialize};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use outbound::{Request, Target};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::fetch::{Guarded, JSON, private_place};

/// Longest exchange, waiting for a turn included.
const EXCHANGE_MAX: Duration = Duration::from_secs(5);
/// Exchanges at a time: those who log in take no turns of what else goes out.
const EXCHANGES_MAX: usize = 16;
/// Largest answer, in bytes: there are other tokens in it, which are not looked at.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// Longest word by which a provider says what is wrong, in characters.
const WORD_CHARS_MAX: usize = 64;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Exchanges codes through the guard.
pub(in crate::wiring) struct Codes {
    guarded: Guarded,
    turns: Semaphore,
}

impl Codes {
    pub(in crate::wiring) fn new(guarded: Guarded) -> Self {
        Self { guarded, turns: Semaphore::new(EXCHANGES_MAX) }
    }

    async fn exchanged(
        &self,
        source: &IssuerSource,
        endpoints: &LogInEndpoints,
        redemption: Redemption<'_>,
    ) -> Result<Secret<String>, String> {
        let _turn = self.turns.acquire().await.map_err(|_| "nobody exchanges any more".to_owned())?;
        let target = Target::parse(&endpoints.token).map_err(|why| why.to_string())?;
        let (headers, body) = sent(endpoints, redemption)?;
        let (method, answer_bytes_max) = (Method::POST, ANSWER_BYTES_MAX);
        let private = private_place(source)?;
        let request = Request { method, target, headers, body, answer_bytes_max, private };
        let answer = self.guarded.0.send(request).await.map_err(|why| why.to_string())?;
        let document: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let word = |name: &str| document.as_ref().and_then(|document| document.get(name)?.as_str());
        if answer.status != StatusCode::OK {
            let plain =
                |word: &str| word.chars().filter(char::is_ascii_graphic).take(WORD_CHARS_MAX).collect();
            let why: String = word("error").map(plain).unwrap_or_default();
            return Err(format!("the exchange of the code was answered by {} {why}", answer.status.as_u16()));
        }
        let token = word("id_token").ok_or("the exchange of the code gave no `id_token`")?;
        if token.len() > IDENTITY_TOKEN_BYTES_MAX {
            return Err("the `id_token` is longer than 8 KiB".to_owned());
        }
        Ok(Secret::new(token.to_owned()))
    }
}

impl Redeems for Codes {
    fn redeem<'a>(
        &'a self,
        source: &'a IssuerSource,
        endpoints: &'a LogInEndpoints,
        redemption: Redemption<'a>,
    ) -> BoxFuture<'a, Result<Secret<String>, String>> {
        Box::pin(async move {
            let exchanged = timeout(EXCHANGE_MAX, self.exchanged(source, endpoints, redemption)).await;
            exchanged
                .unwrap_or_else(|_| Err("the exchange of the code took longer than 5 seconds".to_owned()))
        })
    }
}

/// Headers and form; the secret goes where the provider wants it (RFC 6749 §2.3.1).
fn sent(endpoints: &LogInEndpoints, redemption: Redemption<'_>) -> Result<(HeaderMap, Bytes), String> {
    let (client, secret) = redemption.client;
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", redemption.code)
        .append_pair("redirect_uri", redemption.back)
        .append_pair("code_verifier", redemption.verifier.expose());
    let mut headers = HeaderMap::from_iter([(ACCEPT, JSON), (CONTENT_TYPE, FORM)]);
    if endpoints.basic {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = STANDARD.encode(format!("{}:{}", encoded(client), encoded(secret.expose())));
        let value = HeaderValue::try_from(format!("Basic {pair}"));
        let mut value = value.map_err(|_| "the client's secret cannot be sent".to_owned())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    } else {
        form.append_pair("client_id", client).append_pair("client_secret", secret.expose());
    }
    Ok((headers, form.finish().into()))
}
