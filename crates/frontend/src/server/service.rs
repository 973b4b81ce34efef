use std::net::IpAddr;
use std::sync::Arc;

use ::http::header::{CONNECTION, EXPECT, HOST, USER_AGENT};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, request};
use domain::{Origin, RequestId};
use tokio::time::Instant;

use crate::body::{Body, Rest, Source};
use crate::budgets::account::Account;
use crate::config::secs;
use crate::forwarded::Arrival;
use crate::log;
use crate::problem::{busy, problem};
use crate::reply::{OutBody, Response, hold};
use crate::server::activity::Activity;
use crate::server::intake::Intake;
use crate::server::room::{Purpose, Room};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest part of a `User-Agent` that is kept, in bytes.
const AGENT_BYTES_MAX: usize = 256;

/// One connection's side of the service: who is at the other end, and what is going on.
pub(crate) struct Session {
    pub(crate) room: Arc<Room>,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) intake: Arc<Intake>,
}

impl Session {
    /// Answers one request, whatever happens.
    pub(crate) async fn serve(&self, parts: request::Parts, source: Source) -> Response {
        let (begun, in_flight) = (Instant::now(), self.activity.begin());
        let frontend = &self.room.frontend;
        let arrival = self.arrival();
        let origin = Arc::new(Origin {
            request: frontend.next_id(),
            address: arrival.client(&parts.headers),
            agent: agent(&parts.headers),
        });
        let held_back = parts.version == Version::HTTP_11 && expects_continue(&parts.headers);
        let client = domain::Client::at(origin.address);
        let account = Account::new(Arc::clone(&frontend.budgets), Arc::clone(&self.intake), client);
        let mut body = Body::new(source, frontend.config.timeouts.body_pace(), held_back, account);
        let mut response = self.answer(&parts, &mut body, &arrival, &origin, begun).await;
        if frontend.drain(&mut body).await != Rest::Gone && parts.version < Version::HTTP_2 {
            self.activity.cut();
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if parts.method == Method::HEAD {
            *response.body_mut() = OutBody::empty();
        }
        if let Some(id) = id_header(origin.request) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let longest = secs(frontend.config.timeouts.request_secs_max);
        response.body_mut().until(begun + longest, in_flight, body.into_account());
        response
    }

    /// The answer, counted and logged.
    async fn answer(
        &self,
        parts: &request::Parts,
        body: &mut Body,
        arrival: &Arrival<'_>,
        origin: &Arc<Origin>,
        begun: Instant,
    ) -> Response {
        let frontend = &self.room.frontend;
        if !names_host(parts) {
            return problem(StatusCode::BAD_REQUEST, "No host", "the request names no host").into();
        }
        if let Purpose::Metrics = self.room.purpose {
            return match parts.uri.path() {
                "/metrics" => frontend.exposition().await,
                _ => problem(StatusCode::NOT_FOUND, "Not found", "this listener has /metrics alone").into(),
            };
        }
        let mut answered = frontend.answer(parts, body, arrival, origin).await;
        if let Err(exceeded) = hold(answered.response.body_mut(), body.account()).await {
            answered.response = busy(exceeded).into();
        }
        let (status, took) = (answered.response.status(), begun.elapsed());
        answered.counted.answered(answered.operation, status.as_u16(), took);
        log::answered(origin, &parts.method, parts.uri.path(), status, took);
        answered.response
    }

    fn arrival(&self) -> Arrival<'_> {
        let config = &self.room.frontend.config;
        Arrival {
            public_url: config.public_url.as_deref(),
            trusted: &config.trusted_proxies,
            peer: self.peer,
            local: &self.room.local,
            loopback: self.room.loopback,
            tls: self.room.tls,
        }
    }
}

/// RFC 9112 §3.2: HTTP/1.1 without `Host`, or with two, is 400.
fn names_host(parts: &request::Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let named = hosts.next().is_some();
    hosts.next().is_none() && (named || parts.uri.authority().is_some() || parts.version < Version::HTTP_11)
}

fn expects_continue(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// The `User-Agent`, short and without control characters.
fn agent(headers: &HeaderMap) -> Option<Arc<str>> {
    let agent = headers.get(USER_AGENT)?.to_str().ok()?;
    let agent = agent.get(..AGENT_BYTES_MAX).unwrap_or(agent);
    Some(agent.replace(|character: char| character.is_control(), " ").into())
}

fn id_header(id: RequestId) -> Option<HeaderValue> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 16];
    for (digit, shift) in text.iter_mut().zip((0..64).step_by(4).rev()) {
        let nibble = usize::try_from(id.0 >> shift & 0xf).unwrap_or_default();
        *digit = DIGITS.get(nibble).copied().unwrap_or(b'0');
    }
    HeaderValue::from_bytes(&text).ok()
}
