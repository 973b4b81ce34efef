use std::net::IpAddr;
use std::sync::Arc;

use ::http::header::{CONNECTION, EXPECT, HOST, USER_AGENT};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, request};
use domain::{Client, Origin, RequestId};
use tokio::time::Instant;

use crate::activity::Activity;
use crate::body::{Body, BodySource, Drained};
use crate::budgets::account::Account;
use crate::budgets::receive_window::ReceiveWindow;
use crate::listener::Listener;
use crate::reply::{ReplyBody, Response};
use crate::service::{Request, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest part of a `User-Agent` that is kept, in bytes.
const AGENT_BYTES_MAX: usize = 256;

/// One connection's side of the service: who is at the other end, and what is going on.
pub(crate) struct Session<S> {
    pub(crate) listener: Arc<Listener<S>>,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) window: Arc<ReceiveWindow>,
}

impl<S: Service> Session<S> {
    /// Answers one request, whatever happens.
    pub(crate) async fn serve(&self, parts: request::Parts, source: BodySource) -> Response<S::Content> {
        let (begun, in_flight) = (Instant::now(), self.activity.begin());
        let edge = &self.listener.edge;
        let arrival = self.listener.arrival(self.peer);
        let origin = Arc::new(Origin {
            request: edge.next_id(),
            address: arrival.client(&parts.headers),
            agent: agent(&parts.headers),
        });
        let awaits_continue = parts.version == Version::HTTP_11 && expects_continue(&parts.headers);
        let client = Client::at(origin.address);
        let account = Account::new(Arc::clone(&edge.budgets), Arc::clone(&self.window), client);
        let mut body = Body::new(source, edge.config.timeouts.body_rate_min(), awaits_continue, account);
        let request = Request { parts: &parts, arrival: &arrival, origin: &origin, begun };
        let service = &self.listener.service;
        let mut response = match names_host(&parts) {
            true => service.answer(&request, &mut body).await,
            false => service.names_no_host(),
        };
        if edge.drain(&mut body).await != Drained::Complete && parts.version < Version::HTTP_2 {
            self.activity.cut();
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if parts.method == Method::HEAD {
            *response.body_mut() = ReplyBody::empty();
        }
        if let Some(id) = id_header(origin.request) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let longest = edge.config.timeouts.longest_request();
        response.body_mut().until(begun + longest, in_flight, body.into_account());
        response
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
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    let mut text = [0; 16];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(id.0.to_be_bytes()) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    HeaderValue::from_bytes(&text).ok()
}
